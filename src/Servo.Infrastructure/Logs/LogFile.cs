using Microsoft.Win32.SafeHandles;
using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Logs;

/// <summary>
/// The file of a log that this process writes. It is open from an append until it is closed or saved with nothing added since, so that no
/// more files are open than runs are busy, and none once a run has ended.
/// </summary>
internal sealed class LogFile(string path)
{
    private readonly Lock _lock = new();
    private SafeFileHandle? _file;
    private LogTail? _tail;
    private HostId? _writer;
    private long _length;
    private long _next = 1;
    private bool _isKnown;
    private bool _isTorn;
    private bool _isEntered;
    private bool _isUnsaved;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>
    /// Adds records, as <see cref="IRunLog.AppendAsync"/> promises; <paramref name="wasSaved"/> says that it is to be saved for them.
    /// </summary>
    public bool Append(HostId host, long first, ReadOnlySpan<byte> records, out bool wasSaved)
    {
        lock (_lock)
        {
            wasSaved = false;

            if (_writer is { } writer && writer != host)
                return false;

            var file = Open();

            if (!RecordHead.TryReadLast(records, out var last))
                throw new ArgumentException("The last of these must be a record.", nameof(records));

            if (first != _next)
                return first < _next && IsRepeated(file, first, records);

            Cut(file);
            Write(file, records);
            _tail?.Add(_length, records);

            _length += records.Length;
            _next = last.Next;
            _writer = host;
            (wasSaved, _isUnsaved) = (!_isUnsaved, true);
            return true;
        }
    }

    /// <summary>
    /// Makes what was added so far survive a power cut, but for the entry of a file that is new: of that this returns
    /// <see langword="true"/>.
    /// </summary>
    public bool Save()
    {
        SafeFileHandle file;
        long length;
        bool isNew;

        lock (_lock)
        {
            if (!_isUnsaved)
                return false;

            // Where it is closed already, any descriptor of the file will do.
            file = Keep(_file ?? OpenToRead(path));
            (length, isNew) = (_length, !_isEntered);
            (_isUnsaved, _isEntered) = (false, true);

            if (file != _file)
                file.Dispose();
        }

        try
        {
            // Beside the appends that go on meanwhile.
            RandomAccess.FlushToDisk(file);
        }
        finally
        {
            file.DangerousRelease();
        }

        lock (_lock)
        {
            if (_file == file && _length == length)
                Close();
        }

        return isNew;
    }

    /// <summary>Reads what was added so far; <see langword="null"/> where nothing was, in this process.</summary>
    public LogSlice? Read(LogPosition from, int maxBytes)
    {
        if (Recent(from, maxBytes) is { } recent)
            return recent;

        SafeFileHandle file;
        long length;

        lock (_lock)
        {
            if (!_isKnown)
                return null;

            file = Keep(_file ?? OpenToRead(path));
            length = _length;

            if (file != _file)
                file.Dispose();
        }

        try
        {
            return new LogReader(file, length).Read(from, maxBytes);
        }
        finally
        {
            file.DangerousRelease();
        }
    }

    /// <summary>Deletes it.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            Close();
            (_isKnown, _isUnsaved, _isEntered) = (false, false, false);
            File.Delete(path);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _file?.Dispose();
            (_file, _tail) = (null, null);
        }
    }

    public static SafeFileHandle OpenToRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Keeps a file open while it is used beside the lock, though it is closed in between.</summary>
    private static SafeFileHandle Keep(SafeFileHandle file)
    {
        var isKept = false;
        file.DangerousAddRef(ref isKept);
        return file;
    }

    /// <summary>What follows this position, if that is nothing yet or still in memory.</summary>
    private LogSlice? Recent(LogPosition from, int maxBytes)
    {
        ReadOnlyMemory<byte> records;

        lock (_lock)
        {
            if (_isKnown && from == new LogPosition(_next, _length))
            {
                // Somebody follows: what comes next is kept for all who do.
                _tail ??= _file is null ? null : new LogTail();
                return new LogSlice(default, from);
            }

            records = _tail?.From(from.Offset) ?? default;
        }

        if (records.Length > maxBytes)
            records = records[..(records.Span[..maxBytes].LastIndexOf((byte)'\n') + 1)];

        return LogReader.SliceOf(records, from);
    }

    private SafeFileHandle Open()
    {
        if (_file is not null)
            return _file;

        // One that somebody has deleted since stays away: what comes next would stand behind a hole.
        var file = _isKnown
            ? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)
            : PrivateFile.OpenOrCreate(path);

        if (!_isKnown)
        {
            // What an earlier process wrote: it may have ended in the middle of a record.
            var length = RandomAccess.GetLength(file);
            var (bytes, number) = new LogReader(file, length).Last();
            (_length, _next, _isKnown, _isTorn) = (bytes, number + 1, true, bytes < length);
        }

        return _file = file;
    }

    private void Write(SafeFileHandle file, ReadOnlySpan<byte> records)
    {
        // Until all is written, what is written does not count.
        _isTorn = true;

        try
        {
            RandomAccess.Write(file, records, _length);
            _isTorn = false;
        }
        catch (IOException)
        {
            // A full disk needs what a part of them takes.
            Cut(file);
            throw;
        }
    }

    private void Cut(SafeFileHandle file)
    {
        if (!_isTorn)
            return;

        RandomAccess.SetLength(file, _length);
        _isTorn = false;
    }

    private bool IsRepeated(SafeFileHandle file, long first, ReadOnlySpan<byte> records)
    {
        var reader = new LogReader(file, _length);
        return first >= 1 && reader.Find(first) is { } offset && reader.HasAt(offset, records);
    }
}
