using System.Net.Sockets;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>The .NET runtime's ways into a process are closed in the host, whatever its environment says of them.</summary>
public sealed class DiagnosticsTests
{
    // The runtime's diagnostics protocol: Process, GetProcessEnvironment.
    private const string Asks = """
        import glob, os, socket, struct
        for path in glob.glob(os.environ['WHERE'] + '/*') + glob.glob('/tmp/dotnet-diagnostic-*') + glob.glob('/tmp/clr-debug-pipe-*'):
            try:
                with socket.socket(socket.AF_UNIX) as diagnostics:
                    diagnostics.settimeout(5)
                    diagnostics.connect(path)
                    diagnostics.sendall(b'DOTNET_IPC_V1' + bytes(1) + struct.pack('<HBBH', 20, 4, 2, 0))
                    answer = b''.join(iter(lambda: diagnostics.recv(65536), b''))
                print('told', path, answer[28:].decode('utf-16le', 'replace').count('Servo__Token'))
            except OSError as error:
                pass
        print('done')
        """;

    [Theory]
    [InlineData("LANG=C")]
    [InlineData("DOTNET_EnableDiagnostics=1")]
    [InlineData("DOTNET_EnableDiagnostics=0 DOTNET_EnableDiagnostics_IPC=1")]
    [InlineData("COMPlus_EnableDiagnostics=1 DOTNET_EnableDiagnostics_IPC=1 DOTNET_EnableDiagnostics_Debugger=1")]
    [InlineData("DOTNET_EnableDiagnostics_IPC=0")]
    [InlineData("dotnet_enablediagnostics=1")]
    [InlineData("DOTNET_DiagnosticPorts=TMP/port,listen,nosuspend")]
    public async Task No_script_finds_an_endpoint(string environment)
    {
        using var temporary = new TempDirectory();
        await ChildProcess.RunAsync("/", "chmod", "777", temporary.Path);
        var entries = environment.Replace("TMP", temporary.Path, StringComparison.Ordinal).Split(' ');
        var settings = entries.Select(entry => (entry.Split('=')[0], entry.Split('=', 2)[1]));
        await using var gateway = await Gateway.StartUnprivilegedAsync([("TMPDIR", temporary.Path), .. settings]);
        using var caller = new Caller(gateway).With("a.py", Asks);

        var answer = await caller.RunAsync("a.py", "-H", $"X-Var-Where: {temporary.Path}");

        answer.LogAfterVariables[..^1].ShouldBe(["done"], answer.Body);
        Endpoints(temporary.Path, gateway.ProcessId).ShouldBeEmpty();
        Endpoints("/tmp", gateway.ProcessId).ShouldBeEmpty();
        (await gateway.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_host_connects_to_no_port_that_its_environment_names()
    {
        using var temporary = new TempDirectory();
        var port = Path.Join(temporary.Path, "port");
        await using var gateway = await Gateway.StartAsync(("DOTNET_DiagnosticPorts", $"{port},connect,nosuspend"));

        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(port));
        listener.Listen();

        // The runtime tries again twice a second at least.
        listener.Poll(TimeSpan.FromSeconds(3), SelectMode.SelectRead).ShouldBeFalse();
    }

    [Fact]
    public async Task A_host_that_crashes_writes_no_dump_that_would_hold_the_tokens()
    {
        using var temporary = new TempDirectory();
        await using var gateway = await Gateway.StartAsync(("DOTNET_DbgEnableMiniDump", "1"), ("DOTNET_DbgMiniDumpName", Path.Join(temporary.Path, "core")));

        await ChildProcess.RunAsync("/", "kill", "-ABRT", $"{gateway.ProcessId}");
        await gateway.StopAsync();

        Directory.GetFileSystemEntries(temporary.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_native_program_keeps_its_arguments_its_environment_and_its_streams()
    {
        using var temporary = new TempDirectory();
        var program = Path.ChangeExtension(Gateway.HostAssembly, null);

        var result = await ChildProcess.TryAsync(temporary.Path, "env", $"TMPDIR={temporary.Path}", "DOTNET_EnableDiagnostics=1", "Servo__Uploads__MaxBytes=lots",
            program, "--Servo:Scripts:Timeout", "a b");

        result.ExitCode.ShouldBe(1, result.Error);
        result.Error.ShouldContain("Servo:Uploads:MaxBytes");
        result.Error.ShouldContain("Servo:Scripts:Timeout");
        Directory.GetFileSystemEntries(temporary.Path).ShouldBeEmpty();
    }

    private static IEnumerable<string> Endpoints(string directory, int process) =>
        Directory.GetFileSystemEntries(directory, $"dotnet-diagnostic-{process}-*")
            .Concat(Directory.GetFileSystemEntries(directory, $"clr-debug-pipe-{process}-*"));
}
