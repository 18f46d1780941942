using System.Globalization;
using System.Text.RegularExpressions;

namespace Servo.Testing;

/// <summary>The published host as a process of its own, on a free loopback port unless it is told which, with a workspace root of its own.</summary>
public sealed partial class Gateway : IAsyncDisposable
{
    private const string Nobody = "65534";

    public const string Token = "edAZR8atfOahd7tfPnVo3xpJX+ks6wsV";

    private readonly ChildProcess _process;
    private readonly TempDirectory _root;

    private Gateway(ChildProcess process, TempDirectory root, string url) => (_process, _root, Url) = (process, root, url);

    /// <summary>Such as http://127.0.0.1:41234.</summary>
    public string Url { get; }

    public int ProcessId => _process.Id;

    /// <summary>Everything that the host printed.</summary>
    public string Log => _process.Log;

    /// <summary>Waits until the host's log holds a text: it may come a moment later than what it tells of.</summary>
    public Task LogsAsync(string text) => _process.PrintsAsync(text);

    /// <summary>The host's directory below its workspace root.</summary>
    public string RuntimeDirectory => Directory.GetDirectories(_root.Path, "servo-*").Single();

    /// <summary>The directories of runs in progress.</summary>
    public string[] Workspaces => Directory.GetDirectories(Path.Join(RuntimeDirectory, "runs"));

    /// <summary>Waits until no workspace is left: one that takes long to delete outlives its run's answer for a moment.</summary>
    public Task HasNoWorkspaceAsync() => Eventually.HoldsAsync(() => Workspaces.Length == 0, RuntimeDirectory);

    public static Task<Gateway> StartAsync(params (string Name, string Value)[] settings) => StartAsync(["dotnet"], settings);

    /// <summary>Starts it at the address of one that has ended, as a restart does.</summary>
    public static Task<Gateway> StartAtAsync(string url, params (string Name, string Value)[] settings) => StartAsync(["dotnet"], settings, url: url);

    /// <summary>Starts it as a user without rights, as in production; tests that run without rights themselves need nothing for it.</summary>
    public static Task<Gateway> StartUnprivilegedAsync(params (string Name, string Value)[] settings) =>
        StartAsync(Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "dotnet"] : ["dotnet"],
            [("Servo__Scripts__Python", "/usr/bin/python3"), .. settings],
            owner: Environment.IsPrivilegedProcess ? Nobody : null);

    /// <summary>
    /// Starts it with a file system of its own for the workspaces, a small tmpfs, that no other process sees: <paramref name="limits"/> as mount(8)
    /// takes them.
    /// </summary>
    public static Task<Gateway> StartOnSmallDiskAsync(string limits, params (string Name, string Value)[] settings) =>
        StartOnMountAsync($"mount -t tmpfs -o mode=0700,{limits} none \"$Servo__Workspace__Root\" && exec dotnet \"$@\"", settings);

    /// <summary>
    /// As <see cref="StartOnSmallDiskAsync(string, ValueTuple{string, string}[])"/>, with the small file system for what is kept of runs
    /// instead, which scripts can fill as they are in no sandbox.
    /// </summary>
    public static Task<Gateway> StartOnSmallStateAsync(string limits, params (string Name, string Value)[] settings) =>
        StartOnMountAsync(
            $"mkdir -p \"$XDG_STATE_HOME/servo\" && mount -t tmpfs -o mode=0700,{limits} none \"$XDG_STATE_HOME/servo\" && exec dotnet \"$@\"",
            [("Servo__Scripts__Sandbox", "None"), .. settings]);

    private static Task<Gateway> StartOnMountAsync(string mount, (string Name, string Value)[] settings) =>
        StartAsync(["unshare", Environment.IsPrivilegedProcess ? "-m" : "-Urm", "sh", "-c", mount, "sh"], settings);

    /// <summary>Starts it where a filter keeps Landlock's system calls shut, as on an old kernel (seccomp(2): they do not exist).</summary>
    public static Task<Gateway> StartWithoutLandlockAsync(params (string Name, string Value)[] settings) => StartWithoutLandlockAsync(444, 38, settings);

    /// <summary>Starts it where a filter refuses them from this number on, with this error.</summary>
    public static Task<Gateway> StartWithoutLandlockAsync(int firstCall, int error, params (string Name, string Value)[] settings) =>
        StartAsync(["python3", "-c", WithoutLandlock, $"{firstCall}", $"{error}", "dotnet"], settings);

    /// <summary>Starts a host in a user namespace below which there may be no other; also as the first process, as in a container.</summary>
    public static Task<Gateway> StartWithoutNamespacesAsync(bool isFirst, params (string Name, string Value)[] settings) => StartAsync(
        ["unshare", .. isFirst ? _asFirst : [], "-Ur", "sh", "-c", "echo 0 > /proc/sys/user/max_user_namespaces; exec dotnet \"$@\"", "sh"], settings);

    /// <summary>Starts a host as the first process of its own process namespace, as in a container.</summary>
    public static Task<Gateway> StartAsFirstAsync(params (string Name, string Value)[] settings) =>
        StartAsync(["unshare", "-Ur", .. _asFirst, "dotnet"], settings);

    private static readonly string[] _asFirst = ["-pf", "--mount-proc", "--kill-child"];

    private const string WithoutLandlock = """
        import ctypes, os, struct, sys
        first, error = map(int, sys.argv[1:3])
        steps = [(0x20, 0, 0, 0), (0x35, 2, 0, 447), (0x35, 0, 1, first), (0x06, 0, 0, 0x50000 + error), (0x06, 0, 0, 0x7fff0000)]
        code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *step) for step in steps))
        program = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(steps), ctypes.addressof(code)))
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0, os.strerror(ctypes.get_errno())
        os.execvp(sys.argv[3], sys.argv[3:])
        """;

    /// <summary>How many files, sockets and pipes the host has open.</summary>
    public int OpenFiles => Directory.GetFiles($"/proc/{_process.Id}/fd").Length;

    /// <summary>Starts a host that may have only so many files open (ulimit -n).</summary>
    public static Task<Gateway> StartAsync(int openFiles, params (string Name, string Value)[] settings) =>
        StartAsync(["sh", "-c", $"ulimit -n {openFiles}; exec dotnet \"$@\"", "sh"], settings);

    private static async Task<Gateway> StartAsync(
        string[] command, (string Name, string Value)[] settings, string? owner = null, string url = "http://127.0.0.1:0")
    {
        var root = TempDirectory.ForGateway();

        if (owner is not null)
            await ChildProcess.RunAsync("/", "chown", owner, root.Path);

        // Users of runs have to pass to their workspaces.
        if (settings.Any(setting => setting.Name == "Servo__Scripts__Users"))
            await ChildProcess.RunAsync("/", "chmod", "0711", root.Path);

        var process = ChildProcess.Start(command[0], [.. command[1..], HostAssembly, "--urls", url], new ProcessSettings
        {
            WorkingDirectory = root.Path,
            Environment =
            [
                ("Servo__Token", Token),
                ("Servo__Workspace__Root", root.Path),
                ("Servo__Scripts__Python", await Python.ExecutableAsync()),
                // Half a second of a processor less for each of the hundreds of hosts; a test that is about it sets "", which is the default.
                ("Servo__Scripts__Preload", "servo,json"),
                .. settings,
            ],
            Timeout = TimeSpan.FromSeconds(60),
        });

        try
        {
            var bound = await process.SeesAsync(Bound().IsMatch);
            return new Gateway(process, root, Bound().Match(bound).Groups[1].Value);
        }
        catch
        {
            await process.DisposeAsync();
            root.Dispose();
            throw;
        }
    }

    /// <summary>Sends TERM, as an orchestrator does, and returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
            await _process.SignalAsync("TERM");

        return (await _process.EndAsync()).ExitCode;
    }

    /// <summary>Kills the host alone, as the kernel does where memory is short.</summary>
    public async Task KillAsync()
    {
        await _process.SignalAsync("KILL");
        await _process.EndAsync();
    }

    /// <summary>Leaves the host's log unread, as a hanging log collector does.</summary>
    public void PauseLog() => _process.PauseOutput();

    /// <summary>Reads on.</summary>
    public void ResumeLog() => _process.ResumeOutput();

    /// <summary>The largest resident memory so far, in bytes.</summary>
    public long PeakMemory => StatusBytes("VmHWM");

    /// <summary>Forgets the largest resident memory so far.</summary>
    public void ResetPeakMemory() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _root.Dispose();
    }

    /// <summary>The host as test.sh publishes it.</summary>
    public static string HostAssembly
    {
        get
        {
            var assembly = Path.Join(Repository.Root, "artifacts/host/Servo.WebHost.dll");

            return File.Exists(assembly)
                ? assembly
                : throw new InvalidOperationException(
                    "The host is not published: run 'dotnet publish src/Servo.WebHost -c Release -o artifacts/host' first (test.sh does).");
        }
    }

    private long StatusBytes(string key)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith(key, StringComparison.Ordinal));
        var kilobytes = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];

        return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024;
    }

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Bound();
}
