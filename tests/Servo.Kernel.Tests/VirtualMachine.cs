using System.Diagnostics;
using System.Text.Json.Nodes;
using Servo.Testing;

namespace Servo.Kernel.Tests;

/// <summary>
/// A machine with a kernel of its own, whose cgroups nobody else uses: QEMU, which needs neither root nor a processor's help. It sees this machine's files, runs
/// machine/guest.py once, and ends.
/// </summary>
public sealed class VirtualMachine : IAsyncLifetime
{
    /// <summary>Whether it does all, as <c>SERVO_KERNEL_ALL=1</c> asks for: more kinds of hosts, and folders that cannot be used.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("SERVO_KERNEL_ALL") == "1";

    private const int DiskBytes = 256 << 20;

    // A processor that is another program takes ten to fifty times as long.
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(12);

    private readonly Dictionary<string, JsonObject> _cases = [];
    private string _said = "";

    /// <summary>What came of a case.</summary>
    public JsonObject Case(string name) => _cases.TryGetValue(name, out var found) ? found : throw new InvalidOperationException($"There is no '{name}'.\n{_said}");

    public async ValueTask InitializeAsync()
    {
        var boot = Path.Join(Repository.Root, "artifacts", "kernel");

        if (!File.Exists(Path.Join(boot, "complete")))
            await RunAsync("bash", Path.Join(Repository.Root, "tests/Servo.Kernel.Tests/machine/make.sh"), boot);

        using var directory = new TempDirectory();
        var results = Directory.CreateDirectory(directory.File("results")).FullName;
        var disk = directory.File("disk");
        File.WriteAllBytes(disk, []);
        using (var file = File.OpenHandle(disk, FileMode.Open, FileAccess.Write))
            RandomAccess.SetLength(file, DiskBytes);
        await RunAsync("/sbin/mke2fs", "-q", "-t", "ext4", disk);

        var guest = Path.Join(Repository.Root, "tests/Servo.Kernel.Tests/machine/guest.py");
        var host = Path.Join(Repository.Root, "artifacts/host/Servo.WebHost.dll");
        _said = await RunAsync(
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1536", "-nographic", "-no-reboot", "-nic", "none",
            "-kernel", Path.Join(boot, "kernel"), "-initrd", Path.Join(boot, "initrd.gz"),
            "-append", $"console=ttyS0 quiet panic=-1 run={guest} {host} /results/cases{(IsLong ? " all" : "")}",
            "-fsdev", "local,id=around,path=/,security_model=none,readonly=on,multidevs=remap", "-device", "virtio-9p-pci,fsdev=around,mount_tag=around",
            "-fsdev", $"local,id=results,path={results},security_model=none", "-device", "virtio-9p-pci,fsdev=results,mount_tag=results",
            "-drive", $"file={disk},if=virtio,format=raw");

        foreach (var line in File.ReadLines(Path.Join(results, "cases")))
        {
            var found = JsonNode.Parse(line)!.AsObject();
            _cases.Add((string)found["case"]!, found);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(_limit);
        process.StandardInput.Close();
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));

        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{program} took more than {_limit}.\n{string.Concat(await said)}");
        }

        var text = string.Concat(await said);
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.\n{text}");
    }
}
