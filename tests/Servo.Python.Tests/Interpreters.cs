using Microsoft.Extensions.Options;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Python.Tests;

/// <summary>One Python that starts scripts cold and warm.</summary>
internal sealed class Interpreters : IAsyncDisposable
{
    private readonly TempDirectory _root = TempDirectory.ForGateway();
    private readonly RuntimeDirectory _runtime;

    public Interpreters(string python, IReadOnlyList<string>? preload = null)
    {
        _runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = _root.Path }));
        (Cold, Warm) = (new Interpreter(python, warm: false, _runtime), new Interpreter(python, warm: true, _runtime, preload));
    }

    public Interpreter Cold { get; }

    public Interpreter Warm { get; }

    public string Folder => Path.Join(_root.Path, "bundle");

    public async ValueTask DisposeAsync()
    {
        await Warm.DisposeAsync();
        await Cold.DisposeAsync();
        _runtime.Dispose();
        _root.Dispose();
    }
}
