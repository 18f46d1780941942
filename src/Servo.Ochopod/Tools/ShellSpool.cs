using System.Buffers;
using System.Runtime.CompilerServices;
using Servo.Application.Workspaces;

namespace Servo.Ochopod.Tools;

/// <summary>
/// Holds bytes until they are read: a little in memory, the rest in a file that has no name. A write never fails: where the file cannot take more, what was
/// written so far is kept all the same, and <see cref="Fault"/> tells the writer to write little from then on, as it stays in memory.
/// </summary>
internal sealed partial class ShellSpool(ITemporaryFiles files, ILogger logger) : IDisposable
{
    /// <summary>How many bytes are kept in memory before a file takes them.</summary>
    public const int InMemoryBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _pending = new();
    private FileStream? _file;
    private long _inFile;

    /// <summary>Why the file takes no more, or <see langword="null"/>.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>The bytes that were written.</summary>
    public long Length => _inFile + _pending.WrittenCount;

    /// <summary>Takes what is to be kept; call <see cref="SpillAsync"/> now and then.</summary>
    public IBufferWriter<byte> Writer => _pending;

    /// <summary>Moves what is too much for memory into the file.</summary>
    public async ValueTask SpillAsync()
    {
        if (_pending.WrittenCount <= InMemoryBytes || Fault is not null)
            return;

        try
        {
            _file ??= files.Create();
            await RandomAccess.WriteAsync(_file.SafeFileHandle, _pending.WrittenMemory, _inFile, CancellationToken.None);
            _inFile += _pending.WrittenCount;
            _pending.ResetWrittenCount();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fault = e;
            Log.NotKept(logger, Length, e.Message);
        }
    }

    /// <summary>Reads all that was written, in pieces that are valid until the next is asked for.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(InMemoryBytes);

        try
        {
            for (long at = 0, read; at < _inFile; at += read)
            {
                var wanted = buffer.AsMemory(0, (int)Math.Min(buffer.Length, _inFile - at));
                read = await RandomAccess.ReadAsync(_file!.SafeFileHandle, wanted, at, cancellationToken);

                if (read == 0)
                    throw new EndOfStreamException("The file that holds what a shell line printed is shorter than it was written.");

                yield return buffer.AsMemory(0, (int)read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        yield return _pending.WrittenMemory;
    }

    public void Dispose() => _file?.Dispose();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "What a shell line prints past {Bytes} bytes cannot be kept; the line goes on. Reason: {Reason}")]
        public static partial void NotKept(ILogger logger, long bytes, string reason);
    }
}
