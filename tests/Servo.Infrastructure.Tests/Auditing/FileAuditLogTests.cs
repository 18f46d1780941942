using System.Text.Json;
using Servo.Application.Auditing;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Infrastructure.Auditing;
using Servo.Infrastructure.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Auditing;

/// <summary>The audit record on disk.</summary>
public sealed class FileAuditLogTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 23, 59, 58, 7, TimeSpan.Zero);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly TempDirectory _temporary = new();
    private readonly StateDirectory _directory;
    private readonly RecordingLogger<FileAuditLog> _logger = new();
    private readonly Clock _clock = new();
    private readonly RunId _run = RunId.New(_now);

    public FileAuditLogTests() => _directory = new StateDirectory(_temporary.File("state"));

    private string Today => AuditFile.PathOf(_directory.Audit, new DateOnly(2026, 11, 26));

    public void Dispose()
    {
        _directory.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public void Who_had_what_done_is_a_line_each_and_no_value_of_a_variable_is_in_it()
    {
        var order = new RunOrder(ScriptList.Parse("a.py+b.py").Value!, RunVariables.From([new("pods", "s3cret"), new("zone", "s3cret")]).Value!)
        {
            Caller = "192.0.2.1:4711",
            Locks = RunLock.Parse(["web, db;shared"]).Value!,
            IsDetached = true,
            ArchiveDigest = "abc",
            ArchiveBytes = 7,
        };
        var run = Run.Accept(_run, order, _now);
        var failed = run.Start(_now).Fail(new RunFailure.ScriptFailed("a.py", 3), _now.AddSeconds(1.5));
        var cancelled = run.Fail(new RunFailure.Cancelled("s3cret reason"), _now);
        var line = PortalCommandLine.Parse("deploy web.yml").Value!;

        Record(
            new AuditEvent.RunAccepted(_run, order),
            new AuditEvent.RunStarted(_run),
            new AuditEvent.CommandForwarded(_run, line, HasFiles: true, CommandOutcomes.Succeeded, TimeSpan.FromMilliseconds(1234.5678)),
            new AuditEvent.RunEnded(failed),
            new AuditEvent.CancelRequested(_run, "192.0.2.2:1", RunState.Running),
            new AuditEvent.RunEnded(cancelled));

        const string At = "\"at\":\"2026-11-26T23:59:58.007Z\"";
        File.ReadAllLines(Today).ShouldBe(
        [
            $$"""{{{At}},"event":"run-accepted","run":"{{_run}}","caller":"192.0.2.1:4711","sha256":"abc","bytes":7,"scripts":["a.py","b.py"],"variables":["PODS","ZONE"],"locks":["db;shared","web"],"detached":true}""",
            $$"""{{{At}},"event":"run-started","run":"{{_run}}"}""",
            $$"""{{{At}},"event":"portal-command","run":"{{_run}}","command":"deploy web.yml","files":true,"outcome":"succeeded","seconds":1.235}""",
            $$"""{{{At}},"event":"run-ended","run":"{{_run}}","caller":"192.0.2.1:4711","state":"failed","failure":"script-failed","seconds":1.5}""",
            $$"""{{{At}},"event":"cancel","run":"{{_run}}","caller":"192.0.2.2:1","state":"running"}""",
            $$"""{{{At}},"event":"run-ended","run":"{{_run}}","caller":"192.0.2.1:4711","state":"cancelled","failure":"cancelled"}""",
        ]);
        File.ReadAllText(Today).ShouldEndWith("}\n");
        File.GetUnixFileMode(Today).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(_directory.Audit).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Theory]
    [InlineData("ls\u001b[2J\u0007\u0085\u2028\u2029 x")]
    [InlineData("ls \u202e\u2066\u200b caf\u00e9")]
    [InlineData("ls\",\"outcome\":\"succeeded\"}")]
    [InlineData("ls \\\" {\"at\":\"2026-01-01T00:00:00.000Z\"}")]
    [InlineData("half \ud800 a character")]
    public void Whatever_a_command_holds_is_text_of_its_own_record(string command)
    {
        Record(Command(command), Command("next"));

        var lines = File.ReadAllLines(Today);
        lines.Length.ShouldBe(2);
        var text = JsonDocument.Parse(lines[0]).RootElement.GetProperty("command").GetString()!;
        text.ShouldBe(command.Replace('\ud800', '\ufffd'));
        lines[0].ShouldAllBe(c => c >= ' ' && c <= '~');
        JsonDocument.Parse(lines[1]).RootElement.GetProperty("command").GetString().ShouldBe("next");
    }

    [Fact]
    public void A_caller_cannot_begin_a_line_either()
    {
        Record(new AuditEvent.CancelRequested(_run, "x\n{\"event\":\"run-started\"}\r", RunState.Queued));

        File.ReadAllLines(Today).ShouldHaveSingleItem().ShouldContain("x\\n{");
    }

    [Fact]
    public void A_day_has_a_file_of_its_own_and_a_later_host_goes_on_in_it()
    {
        Record(Command("first"));
        Record(Command("second"));
        _clock.Now = _now.AddSeconds(2);
        Record(Command("third"));

        Commands(Today).ShouldBe(["first", "second"]);
        Commands(AuditFile.PathOf(_directory.Audit, new DateOnly(2026, 11, 27))).ShouldBe(["third"]);
    }

    [Fact]
    public void A_record_that_a_power_cut_has_cut_stays_as_a_line_of_its_own()
    {
        Record(Command("whole"));
        File.AppendAllText(Today, "{\"at\":\"2026-11-26T2");
        var before = File.ReadAllText(Today);

        Record(Command("next"));

        File.ReadAllText(Today).ShouldStartWith(before + "\n{");
        File.ReadAllLines(Today).Length.ShouldBe(3);
        JsonDocument.Parse(File.ReadAllLines(Today)[2]).RootElement.GetProperty("command").GetString().ShouldBe("next");
    }

    [Fact]
    public void Events_of_many_threads_are_all_there_and_those_of_each_in_its_order()
    {
        const int Threads = 8, Each = 1000;

        using (var log = Open())
            Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
            {
                for (var i = 0; i < Each; i++)
                    log.Record(Command($"{thread} {i}"));
            });

        var commands = Commands(Today);
        commands.Count.ShouldBe(Threads * Each);
        for (var thread = 0; thread < Threads; thread++)
            commands.Where(command => command.StartsWith($"{thread} ", StringComparison.Ordinal)).ShouldBe(Enumerable.Range(0, Each).Select(i => $"{thread} {i}"));
        _logger.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Events_that_found_no_room_are_a_gap_that_the_record_tells_and_the_log_once()
    {
        const int Lost = 5;

        // Nothing can be written: not even who may do everything opens a folder as a file.
        Directory.CreateDirectory(Today);

        using (var log = Open())
        {
            log.Record(Command("0"));
            await LogsAsync("cannot be written");

            for (var i = 1; i <= FileAuditLog.Capacity + Lost; i++)
                log.Record(Command($"{i}"));

            Directory.Delete(Today);
            await LogsAsync("is written again");
        }

        var records = File.ReadAllLines(Today).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var gap = records[^1];
        gap.GetProperty("event").GetString().ShouldBe("gap");
        gap.GetProperty("lost").GetInt64().ShouldBe(Lost);
        gap.GetProperty("from").GetString().ShouldBe("2026-11-26T23:59:58.007Z");
        gap.GetProperty("to").GetString().ShouldBe("2026-11-26T23:59:58.007Z");
        records[..^1].Select(record => record.GetProperty("command").GetString()).ShouldBe(Enumerable.Range(0, FileAuditLog.Capacity + 1).Select(i => $"{i}"));
        _logger.Lines.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_host_that_ends_while_nothing_can_be_written_says_how_much_is_missing()
    {
        Directory.CreateDirectory(Today);

        using (var log = Open())
        {
            for (var i = 0; i < 3; i++)
                log.Record(Command($"{i}"));

            await LogsAsync("cannot be written");
        }

        _logger.Lines.Skip(1).ShouldBe(["Error: The last 3 events are missing in the audit record: they could not be written before the host ended"]);
    }

    [Fact]
    public void A_file_that_was_deleted_is_made_anew()
    {
        using (var log = Open())
        {
            log.Record(Command("before"));
            SpinWait.SpinUntil(() => File.Exists(Today) && Commands(Today) is ["before"], _limit).ShouldBeTrue();
            File.Delete(Today);

            // The next save leaves the old file.
            SpinWait.SpinUntil(() => log.IsSaved, _limit).ShouldBeTrue();
            log.Record(Command("after"));
        }

        Commands(Today).ShouldBe(["after"]);
    }

    [Fact]
    public void A_clock_that_is_set_leaves_each_event_under_the_day_that_it_told()
    {
        foreach (var (line, day) in new[] { ("one", 0), ("two", 1), ("three", 0), ("four", -1), ("five", 0) })
        {
            _clock.Now = _now.AddDays(day);
            Record(Command(line));
        }

        Commands(Today).ShouldBe(["one", "three", "five"]);
        Commands(AuditFile.PathOf(_directory.Audit, new DateOnly(2026, 11, 27))).ShouldBe(["two"]);
        Commands(AuditFile.PathOf(_directory.Audit, new DateOnly(2026, 11, 25))).ShouldBe(["four"]);
    }

    private AuditEvent.CommandForwarded Command(string line) =>
        new(_run, PortalCommandLine.Parse(line).Value!, HasFiles: false, CommandOutcomes.Answered, TimeSpan.Zero);

    private void Record(params AuditEvent[] events)
    {
        using var log = Open();

        foreach (var audited in events)
            log.Record(audited);
    }

    private FileAuditLog Open() => new(_directory, _clock, _logger);

    private async Task LogsAsync(string text)
    {
        using var limit = new CancellationTokenSource(_limit);

        while (!_logger.Lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
            await Task.Delay(10, limit.Token);
    }

    private static List<string> Commands(string path) =>
        [.. File.ReadAllLines(path).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("command").GetString()!)];

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = _now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
