using System.Buffers;
using System.IO.Pipelines;
using Servo.Application.Workspaces;

namespace Servo.AspNetCore.Answers;

/// <summary>
/// Keeps what a run says until its end: a little in memory, the rest in a file that has no name. A write never fails: where the file cannot take more, what was
/// written so far is kept all the same, and <see cref="Fault"/> tells the writer to write little from then on, as it stays in memory.
/// </summary>
internal sealed partial class OutputSpool : Stream
{
    /// <summary>How many bytes are kept in memory before a file takes them.</summary>
    public const int InMemoryBytes = 64 * 1024;

    private readonly ITemporaryFiles _files;
    private readonly ILogger _logger;
    private readonly ArrayBufferWriter<byte> _pending = new();
    private FileStream? _file;
    private long _inFile;

    public OutputSpool(ITemporaryFiles files, ILogger logger) => (_files, _logger) = (files, logger);

    /// <summary>Why the file takes no more, or <see langword="null"/>.</summary>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _inFile + _pending.WrittenCount;

    /// <inheritdoc/>
    public override long Position { get => Length; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _pending.Write(buffer.Span);

        if (_pending.WrittenCount <= InMemoryBytes || Fault is not null)
            return;

        try
        {
            _file ??= _files.Create();
            await RandomAccess.WriteAsync(_file.SafeFileHandle, _pending.WrittenMemory, _inFile, CancellationToken.None);
            _inFile += _pending.WrittenCount;
            _pending.ResetWrittenCount();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fault = e;
            Log.NotKept(_logger, Length, e.Message);
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Output is only written asynchronously.");

    /// <summary>Sends all that was written.</summary>
    public async Task DrainBufferAsync(PipeWriter destination, CancellationToken cancellationToken = default)
    {
        for (long at = 0, read; at < _inFile; at += read)
        {
            var room = destination.GetMemory(InMemoryBytes);
            read = await RandomAccess.ReadAsync(_file!.SafeFileHandle, room[..(int)Math.Min(room.Length, _inFile - at)], at, cancellationToken);

            if (read == 0)
                throw new EndOfStreamException("The file that holds what a run said is shorter than it was written.");

            destination.Advance((int)read);
            await destination.FlushAsync(cancellationToken);
        }

        await destination.WriteAsync(_pending.WrittenMemory, cancellationToken);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file?.Dispose();

        base.Dispose(disposing);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "What a run says past {Bytes} bytes cannot be kept; the run goes on. Reason: {Reason}")]
        public static partial void NotKept(ILogger logger, long bytes, string reason);
    }
}
