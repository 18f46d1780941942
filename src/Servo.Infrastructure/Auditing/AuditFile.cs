using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Runs;

namespace Servo.Infrastructure.Auditing;

/// <summary>The file of the day, to which one thread appends; nothing in it is ever changed or cut.</summary>
internal sealed class AuditFile(string folder) : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600

    private SafeFileHandle? _file;
    private DateOnly _day;
    private bool _isTorn;
    private bool _isNew;

    /// <summary>Whether everything that was appended survives a power cut.</summary>
    public bool IsSaved { get; private set; } = true;

    /// <summary>The path of the file of a day.</summary>
    public static string PathOf(string folder, DateOnly day) => Path.Join(folder, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ".ndjson");

    /// <summary>Appends whole records. Where that throws, <paramref name="records"/> are those bytes that are still to be appended, by the next call.</summary>
    public void Append(DateOnly day, ref ReadOnlyMemory<byte> records)
    {
        var file = Open(day);
        var length = RandomAccess.GetLength(file);

        try
        {
            // The position counts for nothing: the file is open for appending (pwrite(2)).
            RandomAccess.Write(file, records.Span, length);
            records = default;
        }
        catch
        {
            records = records[(int)Math.Clamp(RandomAccess.GetLength(file) - length, 0, records.Length)..];
            throw;
        }
        finally
        {
            _isTorn = !records.IsEmpty;
            IsSaved = false;
        }
    }

    /// <summary>Makes what was appended survive a power cut.</summary>
    public void Save()
    {
        if (_file is null)
            return;

        RandomAccess.FlushToDisk(_file);

        if (_isNew)
            StateDirectory.SaveEntries(folder);

        (IsSaved, _isNew) = (true, false);

        // Opened again with the next record: a file that was moved or deleted meanwhile is made anew.
        if (!_isTorn)
            Dispose();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private SafeFileHandle Open(DateOnly day)
    {
        // What is left of a record goes where its beginning is.
        if (_file is not null && (day == _day || _isTorn))
            return _file;

        Save();
        Dispose();
        var path = PathOf(folder, day);
        var isNew = !File.Exists(path);
        var file = FileCalls.Open(path, FileCalls.ReadWrite | FileCalls.Create | FileCalls.Append | FileCalls.NoFollow, OwnerOnly);

        if (file.IsInvalid)
            throw OpenFolder.Failure(Marshal.GetLastPInvokeError(), path);

        try
        {
            EndLastLine(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        (_file, _day, _isNew) = (file, day, isNew || _isNew);
        return file;
    }

    /// <summary>After a power cut the last record may be a part of one: it stays, as a line of its own.</summary>
    private static void EndLastLine(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        Span<byte> last = stackalloc byte[1];

        if (length > 0 && RandomAccess.Read(file, last, length - 1) == 1 && last[0] != '\n')
            RandomAccess.Write(file, "\n"u8, length);
    }
}
