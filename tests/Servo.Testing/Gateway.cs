using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Servo.Testing;

/// <summary>The published host as a process of its own, on a free loopback port, with a workspace root of its own.</summary>
public sealed partial class Gateway : IAsyncDisposable
{
    private const string Nobody = "65534";

    public const string Token = "edAZR8atfOahd7tfPnVo3xpJX+ks6wsV";

    private readonly Process _process;
    private readonly TempDirectory _root;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<string> _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _silent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TaskCompletionSource _reading = new();

    private Gateway(Process process, TempDirectory root) => (_process, _root) = (process, root);

    /// <summary>Such as http://127.0.0.1:41234.</summary>
    public string Url { get; private set; } = "";

    public int ProcessId => _process.Id;

    /// <summary>Everything that the host printed.</summary>
    public string Log
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    /// <summary>The host's directory below its workspace root.</summary>
    public string RuntimeDirectory => Directory.GetDirectories(_root.Path, "servo-*").Single();

    /// <summary>The directories of runs in progress.</summary>
    public string[] Workspaces => Directory.GetDirectories(Path.Join(RuntimeDirectory, "runs"));

    /// <summary>Waits until no workspace is left: one that takes long to delete outlives its run's answer for a moment.</summary>
    public Task HasNoWorkspaceAsync() => Eventually.HoldsAsync(() => Workspaces.Length == 0, RuntimeDirectory);

    public static Task<Gateway> StartAsync(params (string Name, string Value)[] settings) => StartAsync(["dotnet"], settings);

    /// <summary>Starts it as a user without rights, as in production; tests that run without rights themselves need nothing for it.</summary>
    public static Task<Gateway> StartUnprivilegedAsync(params (string Name, string Value)[] settings) =>
        StartAsync(Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "dotnet"] : ["dotnet"],
            [("Servo__Scripts__Python", "/usr/bin/python3"), .. settings],
            owner: Environment.IsPrivilegedProcess ? Nobody : null);

    /// <summary>Starts it with a file system of its own for the workspaces, a small tmpfs, that no other process sees: <paramref name="limits"/> as mount(8) takes them.</summary>
    public static Task<Gateway> StartOnSmallDiskAsync(string limits, params (string Name, string Value)[] settings)
    {
        var mount = $"mount -t tmpfs -o mode=0700,{limits} none \"$Servo__Workspace__Root\" && exec dotnet \"$@\"";
        return StartAsync(["unshare", Environment.IsPrivilegedProcess ? "-m" : "-Urm", "sh", "-c", mount, "sh"], settings);
    }

    /// <summary>How many files, sockets and pipes the host has open.</summary>
    public int OpenFiles => Directory.GetFiles($"/proc/{_process.Id}/fd").Length;

    /// <summary>Starts a host that may have only so many files open (ulimit -n).</summary>
    public static Task<Gateway> StartAsync(int openFiles, params (string Name, string Value)[] settings) =>
        StartAsync(["sh", "-c", $"ulimit -n {openFiles}; exec dotnet \"$@\"", "sh"], settings);

    private static async Task<Gateway> StartAsync(string[] command, (string Name, string Value)[] settings, string? owner = null)
    {
        var root = new TempDirectory();

        if (owner is not null)
            await Shell.RunAsync("/", "chown", owner, root.Path);

        var start = new ProcessStartInfo(command[0], [.. command[1..], HostAssembly, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = root.Path,
        };
        start.Environment["Servo__Token"] = Token;
        start.Environment["Servo__Workspace__Root"] = root.Path;
        start.Environment["Servo__Scripts__Python"] = await Python.ExecutableAsync();

        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        var gateway = new Gateway(new Process { StartInfo = start }, root);
        gateway.ResumeLog();
        gateway.Begin();
        gateway.Url = await gateway._bound.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return gateway;
    }

    /// <summary>Sends TERM, as an orchestrator does, and returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
            await Shell.RunAsync("/", "kill", "-TERM", $"{_process.Id}");

        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await _silent.Task.WaitAsync(TimeSpan.FromSeconds(10));
        return _process.ExitCode;
    }

    /// <summary>Leaves the host's log unread, as a hanging log collector does.</summary>
    public void PauseLog() => _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads on.</summary>
    public void ResumeLog() => _reading.SetResult();

    /// <summary>The largest resident memory so far, in bytes.</summary>
    public long PeakMemory => StatusBytes("VmHWM");

    /// <summary>Forgets the largest resident memory so far.</summary>
    public void ResetPeakMemory() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
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
                : throw new InvalidOperationException("The host is not published: run 'dotnet publish src/Servo.WebHost -c Release -o artifacts/host' first (test.sh does).");
        }
    }

    private void Begin()
    {
        _process.ErrorDataReceived += (_, line) => Take(line.Data ?? "");
        _process.Start();
        _process.BeginErrorReadLine();
        _ = ReadLogAsync();
    }

    private async Task ReadLogAsync()
    {
        string? line;

        do
        {
            await _reading.Task;
            Take(line = await _process.StandardOutput.ReadLineAsync());
        }
        while (line is not null);
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _silent.TrySetResult();
            _bound.TrySetException(new InvalidOperationException($"The host ended before it listened:\n{Log}"));
            return;
        }

        lock (_output)
            _output.Add(line);

        if (Bound().Match(line) is { Success: true } match)
            _bound.TrySetResult(match.Groups[1].Value);
    }

    private long StatusBytes(string key) =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith(key, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Bound();
}
