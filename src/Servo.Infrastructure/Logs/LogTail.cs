namespace Servo.Infrastructure.Logs;

/// <summary>The bytes that were added last, in memory: many who follow a log share one copy, and none of them asks the file.</summary>
internal sealed class LogTail
{
    private const int MaxBytes = 4 * 1024 * 1024;

    // Larger ones would go to the heap for large objects, which is collected last.
    private const int BlockBytes = 64 * 1024;
    private const int FirstBlockBytes = 4 * 1024;

    private readonly Queue<Block> _blocks = new();
    private Block? _last;
    private int _capacity;

    /// <summary>Adds what stands in the file from this byte on, behind what was added before.</summary>
    public void Add(long offset, ReadOnlySpan<byte> records)
    {
        if (_last is null || _last.Bytes.Length - _last.Length < records.Length)
            Open(offset, records.Length);

        records.CopyTo(_last!.Bytes.AsSpan(_last.Length));
        _last.Length += records.Length;
    }

    /// <summary>
    /// The bytes from this one on, which never change; not always all of them, and none where they are in the file alone.
    /// </summary>
    public ReadOnlyMemory<byte> From(long offset)
    {
        foreach (var block in _blocks)
        {
            if (offset >= block.Offset && offset < block.Offset + block.Length)
                return block.Bytes.AsMemory((int)(offset - block.Offset)..block.Length);
        }

        return default;
    }

    private void Open(long offset, int least)
    {
        var size = Math.Max(least, Math.Min(BlockBytes, _last is null ? FirstBlockBytes : 2 * _last.Bytes.Length));
        _blocks.Enqueue(_last = new Block(offset, new byte[size]));
        _capacity += size;

        while (_capacity > MaxBytes && _blocks.Count > 1)
            _capacity -= _blocks.Dequeue().Bytes.Length;
    }

    private sealed class Block(long offset, byte[] bytes)
    {
        public long Offset => offset;

        public byte[] Bytes => bytes;

        public int Length { get; set; }
    }
}
