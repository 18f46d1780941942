using System.Net;
using System.Net.Sockets;
using Servo.Application.Scripts;
using Servo.Infrastructure.Sandboxing;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>What is out of reach at Strict only.</summary>
public sealed class StrictTests : IDisposable
{
    private readonly TempDirectory _elsewhere = new();
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public StrictTests() => _server.Start();

    public static TheoryData<string, bool> Attacker => [.. Attackers.At(ScriptSandbox.Strict).Select(attacker => (attacker.By, attacker.Warm))];

    private int Port => ((IPEndPoint)_server.LocalEndpoint).Port;

    public void Dispose()
    {
        _server.Dispose();
        File.Delete(InShared("/tmp"));
        File.Delete(InShared("/dev/shm"));
        _elsewhere.Dispose();
    }

    [Theory]
    [MemberData(nameof(Attacker))]
    public Task The_files_of_the_machine_are(string by, bool warm) =>
        Attackers.ShouldAllBeDeniedAsync(by, warm, ScriptSandbox.Strict, there => FileAttacks(there.Own.BundleDirectory));

    [Theory]
    [InlineData("python")]
    [InlineData("static")]
    public Task And_are_not_without_it(string by) =>
        Attackers.ShouldAllWorkWithoutAsync(by, there => FileAttacks(there.Own.BundleDirectory));

    [Theory]
    [InlineData("python", true)]
    [InlineData("python", false)]
    [InlineData("daemon", true)]
    [InlineData("shell", true)]
    [InlineData("shell", false)]
    public async Task Ports_that_are_not_allowed_are(string by, bool warm)
    {
        await using var there = await Neighbourhood.StartAsync(warm, ScriptSandbox.Strict, connect: [LoopbackPorts.Free()]);

        (await there.AttackAsync(by, [new("tcp", $"{Port}")])).Single().ShouldStartWith($"tcp {Port}: denied");
        _server.Pending().ShouldBeFalse();
    }

    [Theory]
    [InlineData("python", true)]
    [InlineData("python", false)]
    [InlineData("shell", true)]
    public async Task Ports_that_are_allowed_are_not(string by, bool warm)
    {
        await using var there = await Neighbourhood.StartAsync(warm, ScriptSandbox.Strict, connect: [LoopbackPorts.Free(), Port]);

        (await there.AttackAsync(by, [new("tcp", $"{Port}")])).ShouldBe([$"tcp {Port}: done"]);
    }

    [Theory]
    [InlineData("python")]
    [InlineData("daemon")]
    public async Task What_goes_past_the_rules_for_ports_is(string by)
    {
        await using var strict = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict);
        await using var none = await Neighbourhood.StartAsync(level: ScriptSandbox.None);
        // Multipath TCP, made by a call of its own or with TCP's; packets by hand; a connection that is made by the first byte that is sent.
        Attack[] ways = [new("socket", "2,1,262"), new("socket", "10,1,262"), new("socket", "2,3,255"), new("socket", "17,3,0"), new("fastopen", $"{Port}")];

        (await strict.AttackAsync(by, ways)).ShouldAllBe(outcome => outcome.Contains(": denied"));
        _server.Pending().ShouldBeFalse();

        (await none.AttackAsync(by, ways[^1..])).ShouldBe([$"fastopen {Port}: done"]);
        _server.Pending().ShouldBeTrue();
    }

    [Theory]
    [InlineData("python", true)]
    [InlineData("python", false)]
    [InlineData("daemon", true)]
    public async Task Calls_of_no_use_to_a_deployment_are(string by, bool warm)
    {
        await using var there = await Neighbourhood.StartAsync(warm, ScriptSandbox.Strict);
        var refused = Enumerable.Select(SystemCalls.Refused, Number).OfType<uint>().Append(Number("clone3")!.Value);

        var outcomes = await there.AttackAsync(by, refused.Select(number => new Attack("call", $"{number}", "-1 -1 -1 -1 -1 -1")));

        outcomes.Count.ShouldBeGreaterThan(50);
        outcomes.ShouldAllBe(outcome => outcome.EndsWith(": denied Operation not permitted") || outcome.StartsWith("call 435 ") && outcome.EndsWith("not implemented"));
    }

    [Fact]
    public async Task A_program_that_calls_as_another_processor_s_would_is_ended()
    {
        if (SystemCalls.OfThisProcessor!.ForeignFrom is null)
            return; // arm64 has no second set of calls in one process

        // getpid(2) of 32-bit x86: mov eax, 20; int 0x80; ret.
        const string script = """
            import ctypes, mmap, os
            child = os.fork()
            if child == 0:
                code = mmap.mmap(-1, 4096, prot=7)
                code.write(bytes.fromhex('b814000000cd80c3'))
                print('answered', ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() > 0, flush=True)
                os._exit(0)
            print(os.WTERMSIG(os.waitpid(child, 0)[1]))
            """;
        await using var open = await Neighbourhood.StartAsync(level: ScriptSandbox.None);
        await using var strict = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict);

        // A kernel may have been built or started without such calls: it ends the program itself (SIGSEGV, 11) and needs no filter (SIGSYS, 31).
        var usual = await open.RunAsync(script);
        (await strict.RunAsync(script)).ShouldBe(usual is ["11"] ? usual : ["31"]);
        string.Join(' ', usual).ShouldBeOneOf("11", "answered True 0");
    }

    [Fact]
    public async Task Calls_that_any_user_may_make_are_answered_by_the_kernel_without_it()
    {
        await using var there = await Neighbourhood.StartAsync();
        string[] calls = ["ptrace", "kcmp", "pidfd_getfd", "process_vm_readv", "setns", "userfaultfd", "unshare", "clone3"];

        (await there.AttackAsync("python", calls.Select(name => new Attack("call", $"{Number(name)}", "-1 -1 -1 -1 -1 -1"))))
            .ShouldAllBe(outcome => outcome.EndsWith(": done"));
    }

    [Fact]
    public async Task Priorities_and_limits_of_others_are_and_one_s_own_are_not()
    {
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict);

        var lines = await there.RunAsync($"""
            import os, resource, subprocess
            def denied(call):
                try: call()
                except PermissionError: return True
            other = {there.Process}
            print(denied(lambda: resource.prlimit(other, resource.RLIMIT_NOFILE, (9, 9))), denied(lambda: os.setpriority(os.PRIO_PROCESS, other, 9)),
                denied(lambda: os.setpriority(os.PRIO_USER, 0, 9)), denied(lambda: os.sched_setaffinity(other, os.sched_getaffinity(0))))
            resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99)); os.nice(1); os.sched_setaffinity(0, os.sched_getaffinity(0))
            print(subprocess.check_output(['sh', '-c', 'ulimit -n; nice']).split())
            """);

        lines.ShouldBe(["True True True True", "[b'99', b'1']"]);
        there.IsUnharmed.ShouldBeTrue();
    }

    [Fact]
    public async Task Namespaces_and_sockets_of_rare_families_are_and_threads_and_processes_are_not()
    {
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict);

        var lines = await there.RunAsync("""
            import os, socket, subprocess, threading
            thread = threading.Thread(target=print, args=('a thread',)); thread.start(); thread.join()
            print(subprocess.run(['unshare', '-Ur', 'true'], stderr=subprocess.PIPE).returncode != 0)
            for family in socket.AF_VSOCK, socket.AF_PACKET, 38:
                try: socket.socket(family, socket.SOCK_DGRAM if family != 38 else socket.SOCK_SEQPACKET)
                except OSError as e: print(os.strerror(e.errno))
            print(socket.getaddrinfo('localhost', 80)[0][1].name, len(socket.if_nameindex()) > 0, len(os.listdir('/proc/self/fd')) > 2)
            """);

        lines.ShouldBe(["a thread", "True", .. Enumerable.Repeat("Address family not supported by protocol", 3), "SOCK_STREAM True True"]);
    }

    [Fact]
    public async Task What_root_may_do_to_the_machine_is()
    {
        Superuser.Require();
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict);

        (await there.AttackAsync("python", [new("device", "disk")])).ShouldBe(["device disk: denied Permission denied"]);
        (await there.RunAsync("print([line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapInh', 'CapPrm', 'CapEff'))])"))
            .ShouldAllBe(line => line.EndsWith(", '00000000000004fb', '00000000000004fb']"));
        (await there.RunAsync("import os, subprocess; open('f', 'w').close(); os.chown('f', 1, 1); print(subprocess.getoutput('grep CapEff /proc/self/status').split()[1])"))
            .ShouldBe(["00000000000004fb"]);
    }

    [Fact]
    public async Task A_link_in_a_folder_that_scripts_may_write_leads_nowhere_they_do_not_reach()
    {
        var writable = _elsewhere.File("writable");
        Directory.CreateDirectory(Path.Join(writable, "planned"));
        var secret = _elsewhere.Write("other/secret", "of the machine");
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict, writable: [writable, Path.Join(writable, "planned")]);

        await there.RunAsync($"import os\nos.rmdir('{writable}/planned')\nos.symlink('{Path.GetDirectoryName(secret)}', '{writable}/planned')");

        (await there.AttackAsync("python", [new("read", secret), new("read", $"{writable}/planned/secret"), new("create", $"{writable}/new")]))
            .ShouldBe([$"read {secret}: denied Permission denied", $"read {writable}/planned/secret: denied Permission denied", $"create {writable}/new: done"]);
    }

    [Theory]
    [InlineData(ScriptSandbox.Strict, false)]
    [InlineData(ScriptSandbox.Strict, true)]
    [InlineData(ScriptSandbox.Bubblewrap, false)]
    public async Task Nor_does_a_link_of_the_operator_s_that_leads_through_such_a_folder(ScriptSandbox level, bool isReadable)
    {
        var releases = _elsewhere.File("app/releases");
        Directory.CreateDirectory(Path.Join(releases, "v1"));
        Directory.CreateSymbolicLink(_elsewhere.File("app/current"), "releases/v1");
        Directory.CreateSymbolicLink(_elsewhere.File("app/stable"), "./../app/current");
        var secret = _elsewhere.Write("private/secret", "of the machine");
        string[] links = [_elsewhere.File("app/current"), _elsewhere.File("app/stable")];
        await using var there = await Neighbourhood.StartAsync(
            warm: level == ScriptSandbox.Strict, level, writable: isReadable ? [releases] : [releases, .. links], readable: isReadable ? links : []);

        await there.RunAsync($"import os\nos.rename('{releases}/v1', '{releases}/v0')\nos.symlink('{Path.GetDirectoryName(secret)}', '{releases}/v1')");

        (await there.AttackAsync("python", [new("read", secret), new("create", Path.Join(Path.GetDirectoryName(secret), "planted")), new("create", $"{releases}/new")]))
            .Select(outcome => outcome.Split(": ")[1][..4]).ShouldBe(["deni", "deni", "done"]);
    }

    [Fact]
    public async Task What_the_gateway_keeps_stays_hidden_below_what_is_allowed()
    {
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict, writable: ["/var/tmp"]);

        (await there.AttackAsync("python", [new("read", there.TokenFile), new("list", there.State.Path), new("list", there.Other.BundleDirectory)]))
            .ShouldAllBe(outcome => outcome.EndsWith(": denied Permission denied"));
    }

    private static uint? Number(string call) => SystemCalls.OfThisProcessor![call];

    private IEnumerable<Attack> FileAttacks(string own)
    {
        Superuser.Require(); // what a plain user may do anyway is less
        var file = _elsewhere.Write("folder/file", "of the machine");
        var folder = Path.GetDirectoryName(file)!;

        return
        [
            new("list", "/home"),
            new("list", "/root"),
            new("list", "/var/log"),
            new("list", folder),
            new("read", file),
            new("write", file),
            new("create", Path.Join(folder, "new")),
            new("create", InShared("/tmp")),
            new("create", InShared("/dev/shm")),
            new("write", "/etc/hostname"),
            new("symlink", file, Path.Join(own, "soft")),
            new("rename", Path.Join(own, "attacks.json"), Path.Join(folder, "brought")),
        ];
    }

    private string InShared(string folder) => Path.Join(folder, Path.GetFileName(_elsewhere.Path) + ".new");
}
