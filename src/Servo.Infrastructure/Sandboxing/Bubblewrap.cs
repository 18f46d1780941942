using Servo.Infrastructure.Files;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>
/// Writes command lines of bubblewrap (bwrap(1)): namespaces of a script's own, and a file system that consists of what it reaches. Bubblewrap is not
/// told to end the script with itself: a signal that ends a run reaches both at the same time, and the script has time to heed it.
/// </summary>
internal sealed class Bubblewrap(string program, bool hasNetwork)
{
    /// <summary>The program's name.</summary>
    public const string Name = "bwrap";

    // The supervisor passes the filter on under this number.
    private const string FilterDescriptor = "3";

    private const string Done = "done";

    // The size of each of its own folders, which are in memory: 1 GiB.
    private const string OwnBytes = "1073741824";

    private static readonly string[] _ofScripts = ["/tmp", "/var/tmp", "/dev/shm"];

    // What root changes the machine by, whose user a script of root's has; bubblewrap closes it to others only.
    private static readonly string[] _ofKernel =
        ["/proc/sys", "/proc/sysrq-trigger", "/proc/fs", "/proc/irq", "/proc/bus", "/proc/acpi", "/proc/scsi", "/proc/mtrr"];

    // What `--dev` makes.
    private static readonly string[] _devices =
        ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/console"];

    /// <summary>The words before a script's own command line.</summary>
    /// <param name="closed">Folders above what is hidden, in which a script sees what it reaches and can make nothing.</param>
    /// <param name="places">What it reaches, by paths that no link is on, and whether it may write there.</param>
    /// <param name="names">Paths by which programs may look for these places: where a link is on one, there is a link again.</param>
    /// <param name="directory">Its working directory.</param>
    public string[] Command(IEnumerable<string> closed, IEnumerable<(string Path, bool MayWrite)> places, IEnumerable<string> names, string directory)
    {
        var bound = Outermost(places);
        // What lies elsewhere is made in the root, which is closed anyway.
        List<string> inOwn = [.. closed.Distinct().Where(IsBelowOwn).Order(StringComparer.Ordinal)];
        return
        [
            program, .. Namespaces(), "--dev", "/dev", "--proc", "/proc",
            .. _ofKernel.SelectMany(path => (string[])["--ro-bind-try", path, path]),
            .. _ofScripts.SelectMany(path => (string[])["--perms", "1777", "--size", OwnBytes, "--tmpfs", path]),
            .. inOwn.SelectMany(path => (string[])["--perms", "0755", "--tmpfs", path]),
            .. bound.SelectMany(Bind),
            .. Links(names, bound),
            // What is left of these are the folders above the places.
            .. inOwn.Append("/dev").Append("/").SelectMany(path => (string[])["--remount-ro", path]),
            "--chdir", directory, "--seccomp", FilterDescriptor, "--",
        ];
    }

    /// <summary>
    /// Why it cannot do its work here, in its own words; <see langword="null"/> where it can. Call it before there are scripts: it waits for a program.
    /// </summary>
    public string? WhyNot()
    {
        try
        {
            using var trial = SpawnedProcess.Start(
                program, [.. Namespaces(), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--", "/bin/sh", "-c", $"echo {Done} >&2"], []);

            // Not by its exit code, which the first process of a container may not learn.
            var said = trial.Error.GetAwaiter().GetResult().Trim();
            trial.Exit();
            return said == Done ? null : said.Length > 0 ? said : "it says nothing";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private static bool IsBelowOwn(string path) => Array.Exists(_ofScripts, own => path != own && RealPath.IsWithin(path, own));

    private static IEnumerable<string> Bind((string Path, bool MayWrite) place) =>
        [RealPath.IsWithin(place.Path, "/dev") ? "--dev-bind-try" : place.MayWrite ? "--bind-try" : "--ro-bind-try", place.Path, place.Path];

    /// <summary>The places without those that lie in another one which allows as much, those that contain others first.</summary>
    private static List<(string Path, bool MayWrite)> Outermost(IEnumerable<(string Path, bool MayWrite)> places)
    {
        List<(string Path, bool MayWrite)> outermost = [];

        foreach (var place in places.OrderBy(place => place.Path, StringComparer.Ordinal).ThenByDescending(place => place.MayWrite))
        {
            if (!RealPath.IsWithin(place.Path, "/proc") && !Array.Exists(_devices, device => RealPath.IsWithin(place.Path, device))
                && !outermost.Exists(other => RealPath.IsWithin(place.Path, other.Path) && (other.MayWrite || !place.MayWrite)))
            {
                outermost.Add(place);
            }
        }

        return outermost;
    }

    private static IEnumerable<string> Links(IEnumerable<string> names, List<(string Path, bool MayWrite)> bound)
    {
        List<string> made = [];

        foreach (var name in names.Distinct().Order(StringComparer.Ordinal))
        {
            var real = RealPath.Of(name);

            if (real == name || made.Exists(link => RealPath.IsWithin(name, link)) || bound.Exists(place => RealPath.IsWithin(name, place.Path)))
                continue;

            made.Add(name);
            yield return "--symlink";
            yield return real;
            yield return name;
        }
    }

    private string[] Namespaces() =>
    [
        "--unshare-user", "--cap-drop", "ALL", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        .. hasNetwork ? (string[])[] : ["--unshare-net"],
    ];
}
