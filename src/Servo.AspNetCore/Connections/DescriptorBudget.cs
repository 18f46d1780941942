using Microsoft.Extensions.Options;
using Servo.Application.Runs;
using Servo.Application.Uploads;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// Divides the file descriptors that the process may have, so that callers, who open connections as they like, never take those that runs need:
/// a process that has none left cannot even start a script.
/// </summary>
internal sealed class DescriptorBudget : IUploadCapacity
{
    /// <summary>
    /// The runtime holds one for each of its 250 assemblies; log, random numbers, readiness and connections to other servers take a few.
    /// </summary>
    private const int OwnNeed = 320;

    /// <summary>An executing run: its supervisor's pipes, its archive, the file that is unpacked, its log.</summary>
    private const int NeedOfRun = 12;

    /// <summary>With less for everything else a host is of no use.</summary>
    private const int LeastRest = 128;

    private readonly List<string> _shortages = [];

    public DescriptorBudget(IOptions<AdmissionOptions> runs, IOptions<UploadOptions> uploads)
        : this(OpenFileLimit.Read(), runs.Value, uploads.Value)
    {
    }

    public DescriptorBudget(int limit, AdmissionOptions runs, UploadOptions uploads)
    {
        Limit = limit;
        var rest = Math.Max(Rest(limit, runs), LeastRest);
        var wanted = runs.MaxConcurrent + (long)runs.MaxQueued + uploads.MaxConcurrent;

        // Of 16 parts connections get seven, uploads three (a file, one of an upload that was given up and still closes, one of an upload that needs no place),
        // the scripts' connections and their commands (a connection to the portal, a file)
        // two each, and the connections to a server beside the gateway one. The last is left for files that are open for a moment, such as logs that are read.
        Connections = (int)Math.Min((2 * wanted) + 256, rest * 7L / 16);
        Uploads = Math.Min(uploads.MaxConcurrent, rest / 16);
        ScriptConnections = Math.Min(1024, rest / 8);
        CommandsOfRun = Math.Clamp(rest / 16 / runs.MaxConcurrent, 1, 32);
        SideConnections = Math.Min(256, rest / 16);

        if (Connections < wanted)
            _shortages.Add($"{Connections} connections at the same time, fewer than the {wanted} places for runs and uploads");

        if (Uploads < uploads.MaxConcurrent)
            _shortages.Add($"{Uploads} uploads at the same time instead of {uploads.MaxConcurrent} ({UploadOptions.MaxConcurrentKey})");
    }

    /// <summary>The limit itself.</summary>
    public int Limit { get; }

    /// <summary>Connections to the gateway.</summary>
    public int Connections { get; }

    /// <summary>Uploads that arrive at the same time.</summary>
    public int Uploads { get; }

    /// <summary>Connections of scripts to the portal's socket.</summary>
    public int ScriptConnections { get; }

    /// <summary>Commands of one run that are under way at the same time.</summary>
    public int CommandsOfRun { get; }

    /// <summary>Connections to a server beside the gateway's.</summary>
    public int SideConnections { get; }

    /// <summary>What the limit leaves of less than the settings ask for.</summary>
    public IReadOnlyList<string> Shortages => _shortages;

    /// <summary>Why a host with so many runs cannot work under the limit, or <see langword="null"/>.</summary>
    public static string? Problem(int limit, AdmissionOptions runs) => Rest(limit, runs) >= LeastRest
        ? null
        : $"RLIMIT_NOFILE is {limit}: {AdmissionOptions.MaxConcurrentKey}={runs.MaxConcurrent} needs at least "
            + $"{limit - Rest(limit, runs) + LeastRest} open files. "
            + $"Raise it (ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of Docker), or lower {AdmissionOptions.MaxConcurrentKey}.";

    private static int Rest(int limit, AdmissionOptions runs) =>
        (int)Math.Max(int.MinValue / 2, limit - OwnNeed - ((long)NeedOfRun * runs.MaxConcurrent));
}
