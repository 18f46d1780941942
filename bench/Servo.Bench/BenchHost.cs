using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Servo.Bench;

/// <summary>The published host as a process of its own, with everything that it keeps below one folder.</summary>
internal sealed partial class BenchHost(string assembly, string root, string token) : IDisposable
{
    private Process? _process;

    public Uri Url { get; private set; } = null!;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long PeakMemory
    {
        get
        {
            _process!.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Starts it, and waits until it listens.</summary>
    public async Task StartAsync(params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true };
        start.Environment["Servo__Token"] = token;
        start.Environment["Servo__State__Root"] = Path.Join(root, "state");
        start.Environment["Servo__Workspace__Root"] = Directory.CreateDirectory(Path.Join(root, "workspaces")).FullName;

        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        _process = Process.Start(start)!;

        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Bound().Match(line) is { Success: true } bound)
            {
                Url = new Uri(bound.Groups[1].Value);
                _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return;
            }
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The host does not start: {assembly}"));
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
    }

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Bound();
}
