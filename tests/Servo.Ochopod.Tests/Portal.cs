using System.Text.Json;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>A portal that registers in ZooKeeper and runs the tools: see portal.py.</summary>
public sealed class Portal : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private Portal(ChildProcess process, string url) => (_process, Url) = (process, url);

    /// <summary>Where it takes commands at first.</summary>
    public string Url { get; }

    public static async Task<Portal> StartAsync(string zooKeeper, string token)
    {
        var settings = new ProcessSettings { KeepsInputOpen = true, Timeout = TimeSpan.FromSeconds(30) };
        var process = ChildProcess.Start(Toolset.Python, [Toolset.Script("portal.py"), zooKeeper, token], settings);
        var url = await process.ReadLineAsync();
        return new Portal(process, url ?? throw new InvalidOperationException($"The portal did not start:\n{process.Log}"));
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
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.CloseInput();
            await _process.EndAsync();
        }

        await _process.DisposeAsync();
    }

    private async Task<string> TellAsync(string command)
    {
        await _process.WriteLineAsync(command);
        return await _process.ReadLineAsync() ?? throw new InvalidOperationException($"The portal has ended:\n{_process.Log}");
    }
}
