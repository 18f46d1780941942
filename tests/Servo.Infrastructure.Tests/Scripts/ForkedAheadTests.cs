using System.Diagnostics;
using System.Globalization;
using Servo.Application.Scripts;
using Servo.Infrastructure.Processes;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

/// <summary>The process that waits below an idle supervisor to become the next script, and what others of its user do to it meanwhile.</summary>
public abstract class ForkedAheadTests(bool warm) : IAsyncLifetime
{
    private const string Stop = "19";

    // Without a sandbox, as its user's processes reach it where there is none. A cold start is forked ahead where a limit is set.
    private readonly ScriptFixture _scripts =
        new(warm: warm, sandbox: ScriptSandbox.None, configure: options => options.MaxFileBytes = warm ? null : 1 << 30);

    private int _supervisor;

    public async ValueTask InitializeAsync()
    {
        await _scripts.InitializeAsync();
        await _scripts.RunAsync("import os; print(os.getppid())");
        _supervisor = int.Parse(_scripts.Output.Lines.Single(), CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _scripts.DisposeAsync();
    }

    [Fact]
    public async Task Becomes_the_next_script_and_is_the_only_process_below_its_supervisor()
    {
        var waiting = await WaitingAsync();
        await _scripts.RunAsync("""
            import os
            print(os.getpid(), os.getppid(), os.getsid(0) == os.getpid(), open('/proc/%d/task/%d/children' % (os.getppid(), os.getppid())).read().split())
            """);

        _scripts.Output.Lines[^1].ShouldBe($"{waiting} {_supervisor} True ['{waiting}']");
        (await WaitingAsync()).ShouldNotBe(waiting);
    }

    [Theory]
    [InlineData("15")]
    [InlineData("2")]
    [InlineData("1")]
    [InlineData(Stop)]
    public async Task Signals_that_came_before_the_script_do_not_reach_it(string signal)
    {
        var waiting = await WaitingAsync();
        Send(waiting, signal);

        var exit = await _scripts.RunAsync("import os, signal; print(os.getpid(), signal.sigpending())");

        exit.Code.ShouldBe(0);
        _scripts.Output.Lines[^1].ShouldBe($"{waiting} set()");
    }

    [Fact]
    public async Task Is_replaced_by_a_cold_start_or_another_where_it_was_killed()
    {
        for (var i = 0; i < 5; i++)
        {
            var waiting = await WaitingAsync();
            Send(waiting, "9");
            await Eventually.HoldsAsync(() => Stat($"{waiting}")[0] == "Z");

            var exit = await _scripts.RunAsync("import os; print(os.getpid(), os.getppid())");

            exit.Code.ShouldBe(0);
            var words = _scripts.Output.Lines[^1].Split(' ');
            words[0].ShouldNotBe(waiting.ToString(CultureInfo.InvariantCulture));
            _supervisor = int.Parse(words[1], CultureInfo.InvariantCulture);
        }
    }

    [Theory]
    [InlineData("resource.prlimit(waiting, resource.RLIMIT_NOFILE, (20, 20))")]
    [InlineData("resource.prlimit(waiting, resource.RLIMIT_CPU, (1, 1))")]
    [InlineData("os.setpriority(os.PRIO_PROCESS, waiting, 7)")]
    [InlineData("os.sched_setaffinity(waiting, {min(os.sched_getaffinity(0))})")]
    [InlineData("os.sched_setscheduler(waiting, os.SCHED_IDLE, os.sched_param(0))")]
    public async Task What_others_have_set_of_it_reaches_no_script(string tampering)
    {
        const string shows = """
            import os, resource
            print([resource.getrlimit(limit) for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU)],
                  os.getpriority(os.PRIO_PROCESS, 0), sorted(os.sched_getaffinity(0)), os.sched_getscheduler(0))
            """;
        await _scripts.RunAsync(shows);
        var before = _scripts.Output.Lines[^1];
        var waiting = await WaitingAsync();
        await ChildProcess.RunAsync("/", "python3", "-c", $"import os, resource; waiting = {waiting}; {tampering}");

        (await _scripts.RunAsync(shows)).Code.ShouldBe(0);

        _scripts.Output.Lines[^1].ShouldBe(before);
    }

    [Fact]
    public async Task Ends_with_its_supervisor_even_where_it_is_stopped()
    {
        var waiting = await WaitingAsync();
        Send(waiting, Stop);

        Send(_supervisor, "9");
        for (var i = 0; i < 500 && Directory.Exists($"/proc/{_supervisor}"); i++)
            await Task.Delay(10, TestContext.Current.CancellationToken);

        (await _scripts.RunAsync("print('the next')")).Code.ShouldBe(0);
        await GoneProcess.ShouldBeGoneAsync(waiting.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Ends_where_all_above_is_killed_while_it_is_stopped()
    {
        var waiting = await WaitingAsync();
        var forkServer = int.Parse(Stat($"{_supervisor}")[1], CultureInfo.InvariantCulture);
        Send(waiting, Stop);

        // Stopped first, so that it ends nobody.
        Send(forkServer, Stop);
        Send(_supervisor, "9");
        Send(forkServer, "9");

        await Eventually.HoldsAsync(() => !Directory.Exists($"/proc/{waiting}") || Stat($"{waiting}")[0] is "Z" or "X");
    }

    [Fact]
    public async Task Holds_nothing_but_its_streams_and_the_way_to_its_supervisor()
    {
        Superuser.Require();
        var waiting = await WaitingAsync();

        var held = Directory.GetFiles($"/proc/{waiting}/fd").Select(file => new FileInfo(file).LinkTarget!.Split(':')[0]).Order(StringComparer.Ordinal);

        held.ShouldBe(["/dev/null", "pipe", "pipe", "socket"]);
    }

    [Fact]
    public async Task A_script_that_is_ended_as_it_begins_gets_its_signal()
    {
        for (var i = 0; i < 20; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var clock = Stopwatch.StartNew();
            var run = _scripts.RunAsync("import time; time.sleep(60)", cancellationToken: cancellation.Token);
            await Task.Delay(i, TestContext.Current.CancellationToken);
            await cancellation.CancelAsync();

            (await run).Code.ShouldBe(128 + 15);
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>The process below the supervisor, once it waits.</summary>
    private async Task<int> WaitingAsync()
    {
        for (var i = 0; i < 500; i++)
        {
            var children = (await File.ReadAllTextAsync($"/proc/{_supervisor}/task/{_supervisor}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);

            if (children.Length == 1 && IsWaiting(children[0]))
                return int.Parse(children[0], CultureInfo.InvariantCulture);

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException("Nothing waits below the supervisor.");
    }

    /// <summary>Whether it sleeps in a session of its own, which it begins before it lets go of what it does not need.</summary>
    private static bool IsWaiting(string process) => Stat(process) is ["S", _, _, var session, ..] && session == process;

    /// <summary>The fields of proc(5), /proc/PID/stat, from the third on: state, parent, group, session.</summary>
    private static string[] Stat(string process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static void Send(int process, string signal) => Libc.kill(process, int.Parse(signal, CultureInfo.InvariantCulture)).ShouldBe(0);
}

/// <summary>That which becomes the script in the interpreter that it was forked from.</summary>
public sealed class WarmForkedAheadTests() : ForkedAheadTests(warm: true);

/// <summary>That which starts an interpreter for the script.</summary>
public sealed class ColdForkedAheadTests() : ForkedAheadTests(warm: false);
