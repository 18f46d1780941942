namespace Servo.Client;

/// <summary>
/// What happens in a run, as it happens. <see cref="IProgress{T}.Report"/> is called in order, one call at a time, and holds the run up while it lasts;
/// <see cref="Progress{T}"/> hands reports on to other threads and may change their order.
/// </summary>
public abstract class RunProgress
{
    private RunProgress()
    {
    }

    /// <summary>A file is packed in the clear although its encrypted form is packed as well; mostly it was left over when it was encrypted.</summary>
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

    /// <summary>Part of the archive was handed to the network.</summary>
    public sealed class Uploading(long sentBytes, long totalBytes) : RunProgress
    {
        /// <summary>Bytes so far; starts again from zero with a retry.</summary>
        public long SentBytes { get; } = sentBytes;

        /// <summary>Bytes of the archive.</summary>
        public long TotalBytes { get; } = totalBytes;
    }

    /// <summary>The request is sent again after a pause; nothing has started yet.</summary>
    public sealed class Retrying(string reason, TimeSpan delay) : RunProgress
    {
        /// <summary>Why, in one sentence.</summary>
        public string Reason { get; } = reason;

        /// <summary>The pause.</summary>
        public TimeSpan Delay { get; } = delay;
    }

    /// <summary>The signature was accepted and the run has begun. An original servo does not say so.</summary>
    public sealed class Started(string runId) : RunProgress
    {
        /// <summary>The run's name, as in the gateway's log.</summary>
        public string RunId { get; } = runId;
    }

    /// <summary>A line of the log.</summary>
    public sealed class Output(RunLine line) : RunProgress
    {
        /// <summary>The line.</summary>
        public RunLine Line { get; } = line;
    }

    /// <summary>A script has ended. An original servo does not say so.</summary>
    public sealed class ScriptEnded(ScriptResult script) : RunProgress
    {
        /// <summary>The script.</summary>
        public ScriptResult Script { get; } = script;
    }
}
