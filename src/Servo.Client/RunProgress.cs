namespace Servo.Client;

/// <summary>
/// The progress of a run. <see cref="IProgress{T}.Report"/> is called in order, one call at a time, and the run waits for it;
/// <see cref="Progress{T}"/> posts reports to other threads and may reorder them.
/// </summary>
public abstract class RunProgress
{
    private RunProgress()
    {
    }

    /// <summary>A file is packed unencrypted beside its encrypted form, usually by mistake.</summary>
    public sealed class ClearSecret(string name, string encryptedName) : RunProgress
    {
        /// <summary>Its name in the bundle.</summary>
        public string Name { get; } = name;

        /// <summary>The encrypted file's name in the bundle.</summary>
        public string EncryptedName { get; } = encryptedName;
    }

    /// <summary>A file was packed.</summary>
    public sealed class Packed(string name, int files) : RunProgress
    {
        /// <summary>Its name in the bundle.</summary>
        public string Name { get; } = name;

        /// <summary>Files packed so far.</summary>
        public int Files { get; } = files;
    }

    /// <summary>A part of the archive was sent.</summary>
    public sealed class Uploading(long sentBytes, long totalBytes) : RunProgress
    {
        /// <summary>Bytes sent so far; restarts at zero with a retry.</summary>
        public long SentBytes { get; } = sentBytes;

        /// <summary>Bytes of the archive.</summary>
        public long TotalBytes { get; } = totalBytes;
    }

    /// <summary>The request will be retried after a delay; nothing has started yet.</summary>
    public sealed class Retrying(string reason, TimeSpan delay) : RunProgress
    {
        /// <summary>Why, in one sentence.</summary>
        public string Reason { get; } = reason;

        /// <summary>The delay.</summary>
        public TimeSpan Delay { get; } = delay;
    }

    /// <summary>
    /// The gateway has accepted the run, which has its id and may have to wait. An older gateway and an original servo do not send this.
    /// </summary>
    public sealed class Accepted(string runId) : RunProgress
    {
        /// <summary>The run's id.</summary>
        public string RunId { get; } = runId;
    }

    /// <summary>The run waits for a slot.</summary>
    public sealed class Queued(int position) : RunProgress
    {
        /// <summary>Its position in the queue, from 1.</summary>
        public int Position { get; } = position;
    }

    /// <summary>The run waits for locks.</summary>
    public sealed class Waiting(IReadOnlyList<RunLockHolder> waitsFor) : RunProgress
    {
        /// <summary>The locks, and the runs that hold them.</summary>
        public IReadOnlyList<RunLockHolder> WaitsFor { get; } = waitsFor;
    }

    /// <summary>The connection to a run broke, and the client will follow it again after a delay.</summary>
    public sealed class Reconnecting(string reason, TimeSpan delay) : RunProgress
    {
        /// <summary>Why, in one sentence.</summary>
        public string Reason { get; } = reason;

        /// <summary>The delay.</summary>
        public TimeSpan Delay { get; } = delay;
    }

    /// <summary>The run has started. An original servo does not send this.</summary>
    public sealed class Started(string runId) : RunProgress
    {
        /// <summary>The run's id, as in the gateway's log.</summary>
        public string RunId { get; } = runId;
    }

    /// <summary>A line of the log.</summary>
    public sealed class Output(RunLine line) : RunProgress
    {
        /// <summary>The line.</summary>
        public RunLine Line { get; } = line;
    }

    /// <summary>A script has ended. An original servo does not send this.</summary>
    public sealed class ScriptEnded(ScriptResult script) : RunProgress
    {
        /// <summary>The script.</summary>
        public ScriptResult Script { get; } = script;
    }
}
