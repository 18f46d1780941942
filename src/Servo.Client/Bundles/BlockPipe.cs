using System.Collections.Concurrent;

namespace Servo.Client.Bundles;

/// <summary>
/// Hands blocks of bytes from a thread that reads files to a task that compresses them; there are only ever a few blocks.
/// </summary>
internal sealed class BlockPipe : IDisposable
{
    public const int BlockSize = 256 * 1024;

    private const int Blocks = 4;

    private readonly ConcurrentQueue<byte[]> _empty = new();
    private readonly ConcurrentQueue<(byte[] Block, int Count)> _filled = new();
    private readonly SemaphoreSlim _emptyCount = new(Blocks);
    private readonly SemaphoreSlim _filledCount = new(0);

    /// <summary>Waits for a block to fill.</summary>
    public byte[] Take(CancellationToken cancellationToken)
    {
        _emptyCount.Wait(cancellationToken);

        return _empty.TryDequeue(out var block) ? block : new byte[BlockSize];
    }

    public void Send(byte[] block, int count)
    {
        _filled.Enqueue((block, count));
        _filledCount.Release();
    }

    /// <summary>Says that no block will follow.</summary>
    public void Complete() => _filledCount.Release();

    /// <summary>Waits for a block that was filled; <see langword="null"/> at the end.</summary>
    public async Task<(byte[] Block, int Count)?> ReceiveAsync(CancellationToken cancellationToken)
    {
        await _filledCount.WaitAsync(cancellationToken).ConfigureAwait(false);

        return _filled.TryDequeue(out var filled) ? filled : null;
    }

    public void Return(byte[] block)
    {
        _empty.Enqueue(block);
        _emptyCount.Release();
    }

    public void Dispose()
    {
        _emptyCount.Dispose();
        _filledCount.Dispose();
    }
}
