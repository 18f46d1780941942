namespace Servo.Application;

/// <summary>What an operator sets: the section <c>Servo</c> of the configuration, with its defaults.</summary>
public sealed class ServoOptions
{
    /// <summary>Key of upload signatures and password of secrets.</summary>
    /// <value>At least one character; the web host draws one where none is set.</value>
    public string Token { get; set; } = "";

    /// <summary>Base of the callback address that scripts hand to others.</summary>
    /// <value>An absolute http or https address; default: the address that the host is bound to.</value>
    public Uri? PublicUrl { get; set; }

    /// <summary>Where commands of scripts go.</summary>
    public PortalOptions Portal { get; set; } = new();

    /// <summary>Where runs live on disk.</summary>
    public WorkspaceOptions Workspace { get; set; } = new();

    /// <summary>Limits of an upload.</summary>
    public UploadOptions Uploads { get; set; } = new();

    /// <summary>Limits of what an archive unpacks to.</summary>
    public ArchiveOptions Archives { get; set; } = new();

    /// <summary>How scripts are run.</summary>
    public ScriptOptions Scripts { get; set; } = new();

    /// <summary>How much of the scripts' output is kept for the answer.</summary>
    public OutputOptions Output { get; set; } = new();

    /// <summary>How many runs there may be.</summary>
    public RunOptions Runs { get; set; } = new();
}

/// <summary>Which portal answers the commands.</summary>
public enum PortalMode
{
    /// <summary>None: a command fails and says which setting is missing.</summary>
    None,

    /// <summary>A real Ochothon portal at <see cref="PortalOptions.Url"/>.</summary>
    Ochothon,

    /// <summary>A small cluster simulated in memory, for demonstrations and rehearsals.</summary>
    Embedded,
}

/// <summary>Where commands of scripts go.</summary>
public sealed class PortalOptions
{
    /// <summary>Which portal answers.</summary>
    /// <value>Default: <see cref="PortalMode.Ochothon"/> if <see cref="Url"/> is set, else <see cref="PortalMode.None"/>.</value>
    public PortalMode? Mode { get; set; }

    /// <summary>Address of the Ochothon portal, such as <c>http://10.0.0.1:9000</c>.</summary>
    /// <value>An absolute http or https address; default: none.</value>
    public Uri? Url { get; set; }

    /// <summary>Key that signs commands; empty: commands are not signed.</summary>
    public string Token { get; set; } = "";

    /// <summary>The mode in force once defaults are applied.</summary>
    public PortalMode EffectiveMode => Mode ?? (Url is null ? PortalMode.None : PortalMode.Ochothon);
}

/// <summary>Where runs live on disk.</summary>
public sealed class WorkspaceOptions
{
    /// <summary>Directory under which every run gets its private directory.</summary>
    /// <value>An existing, writable directory; default: the system's temporary directory.</value>
    public string Root { get; set; } = Path.GetTempPath();
}

/// <summary>Limits of an upload.</summary>
public sealed class UploadOptions
{
    /// <summary>Largest archive, or callback body, in bytes.</summary>
    /// <value>At least 1; default 1 GiB.</value>
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>Uploads that may arrive at the same time, before their signatures are known to be right.</summary>
    /// <value>At least 1; default 256.</value>
    public int MaxConcurrent { get; set; } = 256;

    /// <summary>Those of one address (of one /64 of IPv6) among them.</summary>
    /// <value>At least 1; default half of <see cref="MaxConcurrent"/>.</value>
    public int? MaxPerAddress { get; set; }

    /// <summary>Bytes that all of them together may hold on disk.</summary>
    /// <value>At least <see cref="MaxBytes"/>; default eight times that.</value>
    public long? MaxPendingBytes { get; set; }

    /// <summary>How long an upload may take, the wait for its place included.</summary>
    /// <value>From one millisecond to 24 days; default 1 hour.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The uploads of one address once defaults are applied.</summary>
    public int EffectiveMaxPerAddress => MaxPerAddress ?? (MaxConcurrent + 1) / 2;

    /// <summary>The bytes of all once defaults are applied.</summary>
    public long EffectiveMaxPendingBytes => MaxPendingBytes ?? (MaxBytes > long.MaxValue / 8 ? long.MaxValue : 8 * MaxBytes);
}

/// <summary>Limits of what an archive unpacks to, counted as bytes are written.</summary>
public sealed class ArchiveOptions
{
    /// <summary>Most bytes of all files together.</summary>
    /// <value>At least 1; default 4 GiB.</value>
    public long MaxBytes { get; set; } = 4L << 30;

    /// <summary>Most entries of any kind.</summary>
    /// <value>At least 1; default 100,000.</value>
    public int MaxEntries { get; set; } = 100_000;

    /// <summary>Most unpacked bytes per byte of the archive; applies once 1 MiB is written.</summary>
    /// <value>At least 1; default 200.</value>
    public int MaxRatio { get; set; } = 200;
}

/// <summary>How scripts are run.</summary>
public sealed class ScriptOptions
{
    /// <summary>The interpreter: a path, or a name that is looked up in PATH.</summary>
    /// <value>Default <c>python3</c>.</value>
    public string Python { get; set; } = "python3";

    /// <summary>How long all scripts of a run may take together.</summary>
    /// <value>From one millisecond to 24 days; default 1 hour.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>How much of the scripts' output is kept for the answer.</summary>
public sealed class OutputOptions
{
    /// <summary>Bytes of UTF-8 text kept per run; past it the log says so and the script goes on.</summary>
    /// <value>At least 0; default 64 MiB.</value>
    public long MaxBytes { get; set; } = 64L << 20;
}

/// <summary>How many runs there may be.</summary>
public sealed class RunOptions
{
    /// <summary>Runs whose scripts execute at the same time.</summary>
    /// <value>At least 1; default 4 per core.</value>
    public int MaxConcurrent { get; set; } = 4 * Environment.ProcessorCount;

    /// <summary>Runs that may wait for a place.</summary>
    /// <value>At least 0; default 1,000.</value>
    public int MaxQueued { get; set; } = 1_000;
}
