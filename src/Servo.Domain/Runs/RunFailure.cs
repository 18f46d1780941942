namespace Servo.Domain.Runs;

/// <summary>Why a run that began did not succeed: one closed set, kept with the run as its kind and its detail.</summary>
public abstract record RunFailure
{
    // Private, so that the records below are all there are.
    private RunFailure(string kind, string detail) => (Kind, Detail) = (kind, detail);

    /// <summary>A stable, machine-readable name of the cause, in lower case with hyphens.</summary>
    public string Kind { get; }

    /// <summary>One sentence for a person that names the thing; never holds a secret.</summary>
    public string Detail { get; }

    /// <summary>Whether the run never started though nobody wanted that, so that its request may come again under the same key.</summary>
    public bool MayBePostedAgain { get; init; }

    /// <summary>The upload is not an archive of a known format, or is damaged.</summary>
    public sealed record BadArchive(string Why) : RunFailure("bad-archive", $"unable to open the archive ({Why})");

    /// <summary>The archive unpacks to more than a configured limit.</summary>
    public sealed record ArchiveTooLarge(string Why) : RunFailure("archive-too-large", $"unable to open the archive ({Why})");

    /// <summary>An archive entry would reach outside the run's directory or is of a kind that is never made.</summary>
    public sealed record UnsafeEntry(string Path, string Why) : RunFailure("unsafe-entry", $"the archive entry '{Path}' {Why}");

    /// <summary>A secret that the servo token does not open.</summary>
    public sealed record UndecryptableSecret(string Path, string Why) : RunFailure("undecryptable-secret", $"unable to decrypt {Path} ({Why})");

    /// <summary>
    /// A script that is neither a file of the bundle, or one that an earlier script wrote, nor a folder with a main file;
    /// or one without an interpreter.
    /// </summary>
    public sealed record MissingScript(string Script, string Why = "check your scripts") : RunFailure("missing-script", $"unable to find {Script} ({Why})")
    {
        /// <summary>A script whose file came by a callback.</summary>
        public static MissingScript Delivered(string script) => new(script, "a file of this name came by a callback, and what comes so is never run");

        /// <summary>A file whose ending has no interpreter; <paramref name="endings"/> are those that have one.</summary>
        public static MissingScript WithoutInterpreter(string script, string endings) =>
            new(script, $"no interpreter is set for its ending, only for {endings}");

        /// <summary>A folder with several main files.</summary>
        public static MissingScript Ambiguous(string script, IEnumerable<string> mains) =>
            new(script, $"leave only one of {string.Join(", ", mains)}");
    }

    /// <summary>A script that ended with a non-zero exit code, 128 + n where signal n ended it.</summary>
    public sealed record ScriptFailed(string Script, int ExitCode) : RunFailure("script-failed", $"{Script} failed on exit code {ExitCode}");

    /// <summary>A script that failed as it kept a processor busy for longer than its limit, which names the setting and its value.</summary>
    public sealed record CpuTime(string Script, int ExitCode, string Limit) : RunFailure("cpu-time", AtLimit(Script, ExitCode, Limit));

    /// <summary>A script that failed as it needed more address space than its limit, which names the setting and its value.</summary>
    public sealed record OutOfMemory(string Script, int ExitCode, string Limit) : RunFailure("out-of-memory", AtLimit(Script, ExitCode, Limit));

    /// <summary>A script that failed as it wrote a larger file than its limit, which names the setting and its value.</summary>
    public sealed record FileTooLarge(string Script, int ExitCode, string Limit) : RunFailure("file-too-large", AtLimit(Script, ExitCode, Limit));

    /// <summary>A script that failed as it had more files open than its limit, which names the setting and its value.</summary>
    public sealed record TooManyOpenFiles(string Script, int ExitCode, string Limit) : RunFailure("too-many-open-files", AtLimit(Script, ExitCode, Limit));

    /// <summary>A script that failed as its run had more processes than its limit, which names the setting and its value.</summary>
    public sealed record TooManyProcesses(string Script, int ExitCode, string Limit) : RunFailure("too-many-processes", AtLimit(Script, ExitCode, Limit));

    /// <summary>A run whose files took more space than their limit before, at or after a script; the limit names the setting and its value.</summary>
    public sealed record WorkspaceTooLarge(string Script, string Limit) : RunFailure("workspace-too-large",
        $"the run's files take too much space at {Script}, or lie where their space cannot be told ({Limit})");

    /// <summary>A run that was ended at its time limit, which the setting or header of that name holds.</summary>
    public sealed record TimedOut(string Script, TimeSpan Limit, string Source) : RunFailure("timed-out",
        $"{Script} was ended after the run's {Limit.TotalSeconds:0.###} seconds ({Source})");

    /// <summary>A run that did not start within the time that its caller gave it, in the header of that name.</summary>
    public sealed record NotStarted(TimeSpan Limit, string Header) : RunFailure("not-started",
        $"the run did not start within {Limit.TotalSeconds:0.###} seconds ({Header})");

    /// <summary>A run that was ended before it was done.</summary>
    public sealed record Cancelled(string Why) : RunFailure("cancelled", $"the run was ended: {Why}");

    /// <summary>
    /// A run that its host gave up before it started, as it takes none any more: its kind is that of the refusal of whoever posts now.
    /// </summary>
    public sealed record GivenUp(string Kind, string Detail) : RunFailure(Kind, Detail)
    {
        /// <summary>The host takes no run for this reason.</summary>
        public static GivenUp Because(Refusal.Closed why) =>
            new(why.Kind, $"the run never started: {why.WhyEnded}{(why.MayReopen ? "; post it again" : "")}") { MayBePostedAgain = true };
    }

    /// <summary>The gateway's disk is full: what the run makes does not fit.</summary>
    public sealed record NoSpace() : RunFailure(Refusal.NoSpace.KindName, Refusal.NoSpace.Sentence);

    /// <summary>A run whose host ended while it was in progress, or may have been.</summary>
    public sealed record Lost : RunFailure
    {
        private Lost(string detail)
            : base("lost", detail)
        {
        }

        /// <summary>It was in progress.</summary>
        public static Lost InProgress { get; } = new(
            "the gateway ended while the run was in progress: what it did is in its log, and it was not started again");

        /// <summary>What would tell whether it was did not reach the disk.</summary>
        public static Lost InDoubt { get; } = new(
            "the machine went down before the run ended: whether it had started is not known, and it was not started again");
    }

    /// <summary>A failure as a store has kept it.</summary>
    public sealed record Recorded(string Kind, string Detail) : RunFailure(Kind, Detail);

    /// <summary>A run that ended because the gateway itself failed; its log has the cause.</summary>
    public sealed record GatewayFault(string Detail) : RunFailure("gateway-fault", Detail);

    private static string AtLimit(string script, int exitCode, string limit) => $"{script} failed on exit code {exitCode}: it reached its limit ({limit})";
}
