using Servo.Application;
using Servo.Application.Runs;
using Servo.Domain.Runs;
using Servo.Infrastructure.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Runs;

public sealed class RunDatabaseTests : IDisposable
{
    private readonly TempDirectory _temporary = new();

    private string Root => _temporary.File("state");

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("3.51.2")]
    [InlineData("3.8.0")]
    public void Refuses_a_SQLite_that_can_lose_commits(string version) =>
        Should.Throw<IOException>(() => RunDatabase.RequireSafeVersion(version)).Message.ShouldContain("3.51.3");

    [Fact]
    public void Refuses_the_tables_of_a_newer_version()
    {
        new EmbeddedState(Root).Dispose();
        Execute("pragma user_version = 999");

        Should.Throw<IOException>(() => new EmbeddedState(Root)).Message.ShouldContain("was written by a newer Servo: its schema is 999");
    }

    [Fact]
    public void Says_that_a_file_is_no_database()
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(Path.Join(Root, "runs.db"), new string('x', 5_000));

        Should.Throw<IOException>(() => new EmbeddedState(Root)).Message.ShouldContain($"'{Root}/runs.db' cannot be opened");
    }

    [Fact]
    public async Task Reads_what_the_first_version_wrote()
    {
        // As version 1 wrote it, and not to be changed: a later one must read it.
        Directory.CreateDirectory(Root);

        using (var session = new SqliteSession(Path.Join(Root, "runs.db"), readOnly: false))
        {
            RunSchema.Migrate(session, Root, to: 1);
            session.Execute("""
                insert into run (id, state, origin, accepted, detached, idempotency_key, request_digest, request, variables) values (
                    '019ad0f0b1c27abc8def0123456789ab', 'queued', 'o', 1790000000123, 1, 'k', 'd',
                    '{"scripts":["a.py"],"variableNames":["WORD"],"locks":["a","b;shared"],"timeout":"00:00:07","caller":"192.0.2.1","archiveDigest":"ab","archiveBytes":5}',
                    '{"WORD":"secret"}');
                insert into run_script (name, seq) values ('a.py', 1);
                insert into run_lock (name, shared, seq) values ('a', 0, 1), ('b', 1, 1);
                insert into run (id, state, host, origin, accepted, started, ended, detached, request, results, failure_kind, failure_detail, log_bytes) values (
                    '019ad0f0b1c27abc8def0123456789ac', 'failed', '019ad0f0b1c27abc8def0123456789ff', 'o', 1790000000124, 1790000000125, 1790000000126, 0,
                    '{"scripts":["b.py"],"variableNames":[],"locks":[],"caller":"192.0.2.2","archiveDigest":"cd","archiveBytes":6}',
                    '[{"name":"b.py","exitCode":4,"elapsed":"00:00:01.5000000"}]', 'script-failed', 'b.py failed on exit code 4', 77)
                """);
        }

        using var state = new EmbeddedState(Root);
        var runs = (await state.Store.ListAsync(new RunQuery(9), default)).Runs;

        runs.Select(record => record.Run.State).ShouldBe([RunState.Failed, RunState.Queued]);
        runs[0].Run.Results.ShouldBe([new ScriptResult("b.py", 4, TimeSpan.FromSeconds(1.5))]);
        runs[0].Run.Failure.ShouldBe(new RunFailure.Recorded("script-failed", "b.py failed on exit code 4"));
        runs[1].Run.Order.Locks.Select(each => each.ToString()).ShouldBe(["a", "b;shared"]);
        runs[1].Run.Order.Variables.ShouldHaveSingleItem().Value.ShouldBe("secret");
        (await state.Store.ClaimAsync(HostId.New(), 9, [], default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Keeps_one_failure_from_the_others_of_its_transaction()
    {
        using var state = new EmbeddedState(Root);
        await state.Database.WriteAsync(session => session.Execute("create table t (n integer primary key)"), survivesPowerCut: false);

        var tasks = Enumerable.Range(0, 200).Select(i => state.Database.WriteAsync(
            session => session.Execute("insert into t (n) values ($n)", ("$n", i)) + (i % 3 == 0 ? throw new InvalidOperationException("no") : 0),
            survivesPowerCut: i % 2 == 0)).ToList();

        for (var i = 0; i < tasks.Count; i++)
        {
            if (i % 3 == 0)
                await Should.ThrowAsync<InvalidOperationException>(tasks[i]);
            else
                (await tasks[i]).ShouldBe(1);
        }

        (await state.Database.ReadAsync(session => session.Scalar("select count(*) from t where n % 3 = 0"), default)).ShouldBe(0L);
        (await state.Database.ReadAsync(session => session.Scalar("select count(*) from t"), default)).ShouldBe(133L);
    }

    [Fact]
    public async Task Says_that_the_disk_is_full_and_goes_on_once_it_is_not()
    {
        using var state = new EmbeddedState(Root);
        await state.Database.WriteAsync(session => session.Execute("create table t (b blob)"), survivesPowerCut: false);
        var pages = (long)(await state.Database.ReadAsync(session => session.Scalar("pragma page_count"), default))!;
        await state.Database.WriteAsync(session => session.Scalar($"pragma max_page_count = {pages + 3}"), survivesPowerCut: false);

        var writes = Enumerable.Range(0, 20).Select(i => state.Database.WriteAsync(
            session => session.Execute("insert into t (b) values (zeroblob($n))", ("$n", i == 10 ? 1_000_000 : 10)), survivesPowerCut: true)).ToList();

        var failure = await Should.ThrowAsync<IOException>(writes[10]);
        DiskSpace.IsLacking(failure).ShouldBeTrue();
        writes.RemoveAt(10);
        (await Task.WhenAll(writes)).ShouldAllBe(changed => changed == 1);

        await state.Database.WriteAsync(session => session.Scalar("pragma max_page_count = 1000000"), survivesPowerCut: false);
        (await state.Database.WriteAsync(session => session.Execute("insert into t (b) values (zeroblob(1000000))"), survivesPowerCut: true)).ShouldBe(1);
        (await state.Database.ReadAsync(session => session.Scalar("pragma integrity_check"), default)).ShouldBe("ok");
    }

    [Fact]
    public async Task Leaves_no_value_of_a_variable_in_its_files()
    {
        var run = Run.Accept(
            RunId.New(DateTimeOffset.UtcNow),
            new RunOrder(Domain.ScriptList.Parse("a.py").Value!, Domain.RunVariables.From([new("WORD", "correct-horse-battery")]).Value!),
            DateTimeOffset.UtcNow);

        using (var state = new EmbeddedState(Root))
        {
            await state.Store.AcceptAsync(run, null, 9, default);
            await state.Store.CancelAsync(run.Id, new RunFailure.Cancelled("enough"), DateTimeOffset.UtcNow);
        }

        foreach (var file in Directory.EnumerateFiles(Root))
            File.ReadAllText(file, System.Text.Encoding.Latin1).ShouldNotContain("correct-horse", customMessage: file);
    }

    [Fact]
    public async Task Refuses_work_after_its_end()
    {
        var state = new EmbeddedState(Root);
        state.Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(() => state.Store.FindAsync(RunId.New(DateTimeOffset.UtcNow), default));
    }

    private void Execute(string statement)
    {
        using var session = new SqliteSession(Path.Join(Root, "runs.db"), readOnly: false);
        session.Execute(statement);
    }
}
