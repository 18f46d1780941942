using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// Gives connections buffers of 64 KiB, which they hold while data is on its way. The server's own are of 4 KiB: each costs an upload a system call and the
/// waking of a thread.
/// </summary>
internal sealed class TransportMemory : IMemoryPoolFactory<byte>
{
    private const int BufferSize = 64 * 1024;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BufferSize));

        protected override void Dispose(bool disposing)
        {
            // The arrays are those of the process's shared pool.
        }
    }
}
