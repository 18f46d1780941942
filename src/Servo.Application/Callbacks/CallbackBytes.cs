namespace Servo.Application.Callbacks;

/// <summary>Counts what the callbacks of a run hold on disk: they stay there until it ends, so a limit for each alone bounds nothing.</summary>
internal sealed class CallbackBytes
{
    /// <summary>What even an empty file takes.</summary>
    private const long FileBytes = 4096;

    private long _bytes;

    public Share Open() => new(this);

    /// <summary>What one callback holds; given back where it is not kept.</summary>
    public sealed class Share : IDisposable
    {
        private readonly CallbackBytes _all;
        private long _own;

        public Share(CallbackBytes all)
        {
            _all = all;
            Take(FileBytes);
        }

        /// <summary>Counts further bytes; returns those of all callbacks.</summary>
        public long Take(long bytes)
        {
            _own += bytes;
            return Interlocked.Add(ref _all._bytes, bytes);
        }

        public void Keep() => _own = 0;

        public void Dispose() => Interlocked.Add(ref _all._bytes, -_own);
    }
}
