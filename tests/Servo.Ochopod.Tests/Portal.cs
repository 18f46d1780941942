using System.Diagnostics;
using System.Text.Json;

namespace Servo.Ochopod.Tests;

/// <summary>A portal that registers in ZooKeeper and runs the tools: see portal.py.</summary>
public sealed class Portal : IAsyncDisposable
{
    private readonly Process _process;

    private Portal(Process process, string url) => (_process, Url) = (process, url);

    /// <summary>Where it takes commands at first.</summary>
    public string Url { get; }

    public static async Task<Portal> StartAsync(string zooKeeper, string token)
    {
        var start = new ProcessStartInfo(Toolset.Python, [Toolset.Script("portal.py"), zooKeeper, token]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var url = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return new Portal(process, url ?? throw new InvalidOperationException("The portal did not start."));
    }

    /// <summary>Goes on at another port.</summary>
    public Task MoveAsync() => TellAsync("move");

    /// <summary>Goes on at another port with another token.</summary>
    public Task ChangeTokenAsync(string token) => TellAsync($"token {token}");

    /// <summary>Has another token at the same place, and tells nobody.</summary>
    public Task RestartAsync(string token) => TellAsync($"restart {token}");

    /// <summary>The command lines that it was sent, refused ones too.</summary>
    public async Task<string[]> RequestsAsync() => JsonSerializer.Deserialize<string[]>(await TellAsync("requests"))!;

    /// <summary>The command lines that it has carried out.</summary>
    public async Task<string[]> LinesAsync() => JsonSerializer.Deserialize<string[]>(await TellAsync("lines"))!;

    /// <summary>Ends it as a power failure does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }

        _process.Dispose();
    }

    private async Task<string> TellAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)) ?? throw new InvalidOperationException("The portal has ended.");
    }
}
