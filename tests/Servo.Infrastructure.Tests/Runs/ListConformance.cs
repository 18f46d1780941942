using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>What <see cref="IRunStore.ListAsync"/> and <see cref="IRunStore.TrimAsync"/> promise.</summary>
public abstract class ListConformance(IRunState state) : RunStoreConformance(state)
{
    private static readonly Retention _all = new(TimeSpan.FromDays(1), int.MaxValue, long.MaxValue);

    [Fact]
    public async Task Lists_page_by_page_the_latest_first()
    {
        var ids = new List<RunId>();

        for (var i = 0; i < 7; i++)
            ids.Add((await QueueAsync()).Id);

        ids.Reverse();
        (await PagesAsync(new RunQuery(3))).Select(page => page.Count).ShouldBe([3, 3, 1]);
        (await PagesAsync(new RunQuery(3))).SelectMany(page => page).Select(record => record.Run.Id).ShouldBe(ids);
        (await PagesAsync(new RunQuery(3))).SelectMany(page => page).Select(record => record.Position).ShouldBe([7, 6, 5, 4, 3, 2, 1]);
        (await Store.ListAsync(new RunQuery(7), Token)).Next.ShouldBeNull();
    }

    [Fact]
    public async Task Lists_by_state()
    {
        var (done, running) = (await StartAsync(), await StartAsync("a"));
        await FinishAsync(done);
        var waiting = await QueueAsync("a");
        await QueueAsync();
        var claimed = await ClaimAsync();
        var queued = await QueueAsync();
        await Store.CancelAsync((await QueueAsync()).Id, new RunFailure.Cancelled("enough"), Now);

        (await ListAsync(RunState.Succeeded)).ShouldBe([done.Run.Id]);
        (await ListAsync(RunState.Running)).ShouldBe([running.Run.Id]);
        (await ListAsync(RunState.Waiting)).ShouldBe([waiting.Id]);
        (await ListAsync(RunState.Queued)).ShouldBe([queued.Id, claimed.Run.Id]);
        (await ListAsync(RunState.Cancelled)).Count.ShouldBe(1);
        (await ListAsync(RunState.Lost)).ShouldBeEmpty();

        async Task<List<RunId>> ListAsync(RunState state) =>
            [.. (await Store.ListAsync(new RunQuery(50) { State = state }, Token)).Runs.Select(record => record.Run.Id)];
    }

    [Fact]
    public async Task Lists_by_script_and_time_in_pages()
    {
        var runs = new List<Run>();

        for (var i = 0; i < 12; i++)
        {
            runs.Add(Make(script: i % 3 == 0 ? "x.py+a.py+x.py" : "a.py"));
            await Store.AcceptAsync(runs[i], null, Unlimited, Token);
        }

        var pages = await PagesAsync(new RunQuery(2) { Script = "x.py", Since = runs[3].Accepted, State = RunState.Queued });

        pages.SelectMany(page => page).Select(record => record.Run.Id).ShouldBe([runs[9].Id, runs[6].Id, runs[3].Id]);
        (await Store.ListAsync(new RunQuery(9) { Script = "x" }, Token)).Runs.ShouldBeEmpty();
        (await Store.ListAsync(new RunQuery(9) { Since = runs[11].Accepted.AddMilliseconds(1) }, Token)).Runs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Goes_on_after_a_run_that_is_kept_no_longer()
    {
        var (first, second) = (await QueueAsync(), await QueueAsync());
        await Store.CancelAsync(second.Id, new RunFailure.Cancelled("enough"), Now);
        await Store.TrimAsync(_all with { MaxRuns = 0 }, Now, Token);

        (await Store.ListAsync(new RunQuery(9) { After = second.Id }, Token)).Runs.ShouldHaveSingleItem().Run.Id.ShouldBe(first.Id);
    }

    [Fact]
    public async Task Forgets_the_oldest_past_a_number_an_age_and_a_size()
    {
        var ended = new List<Run>();

        for (var i = 0; i < 6; i++)
            ended.Add(await FinishAsync(await StartAsync(), logBytes: 100));

        (await Store.TrimAsync(_all, Now, Token)).ShouldBeEmpty();
        (await Store.TrimAsync(_all with { MaxAge = TimeSpan.FromDays(1) }, ended[0].Ended!.Value.AddDays(1).AddMilliseconds(1), Token)).ShouldBe([ended[0].Id]);
        (await Store.TrimAsync(_all with { MaxRuns = 4 }, Now, Token)).ShouldBe([ended[1].Id]);
        (await Store.TrimAsync(_all with { MaxBytes = 250 }, Now, Token)).ShouldBe([ended[2].Id, ended[3].Id]);

        (await Store.ListAsync(new RunQuery(9), Token)).Runs.Select(record => record.Run.Id).ShouldBe([ended[5].Id, ended[4].Id]);
        (await Store.FindAsync(ended[0].Id, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Where_the_clock_was_set_back_the_latest_are_not_the_first_to_be_forgotten()
    {
        var ended = new List<RunId>();

        foreach (var day in new[] { 1, 1, 1, 0, 0, 0 })
        {
            var (now, order) = (Now.AddDays(day), Make().Order);
            var run = Run.Accept(RunId.New(now), order, now);
            await Store.AcceptAsync(run, null, Unlimited, Token);
            await Store.CancelAsync(run.Id, new RunFailure.Cancelled("enough"), Now.AddDays(day));
            ended.Add(run.Id);
        }

        (await Store.TrimAsync(_all with { MaxRuns = 4 }, Now, Token)).ShouldBe([ended[0], ended[1]]);

        // The last one before counts as later than those behind it, whose time nobody knows, but they go in their order.
        (await Store.TrimAsync(_all with { MaxRuns = 2 }, Now, Token)).ShouldBe([ended[3], ended[4]]);
    }

    [Fact]
    public async Task Never_forgets_what_has_not_ended()
    {
        var running = await StartAsync("a");
        await QueueAsync();
        var claimed = await ClaimAsync();
        await Store.CancelAsync(claimed.Run.Id, new RunFailure.Cancelled("enough"), Now);
        var (queued, waiting) = (await QueueAsync(), await QueueAsync("a"));

        var trims = Enumerable.Range(0, 20).Select(_ => Store.TrimAsync(new Retention(TimeSpan.Zero, 0, 0), Now.AddYears(1), Token));
        var ended = Enumerable.Range(0, 20).Select(async _ => await Store.CancelAsync((await QueueAsync()).Id, new RunFailure.Cancelled("enough"), Now));
        await Task.WhenAll(trims.Cast<Task>().Concat(ended));
        await Store.TrimAsync(new Retention(TimeSpan.Zero, 0, 0), Now.AddYears(1), Token);

        (await Store.ListAsync(new RunQuery(99), Token)).Runs.Select(record => record.Run.Id).ShouldBe([waiting.Id, queued.Id, claimed.Run.Id, running.Run.Id]);
        (await FindAsync(waiting.Id)).WaitsFor.ShouldBe([new LockHolder("a", running.Run.Id)]);
    }

    [Fact]
    public async Task Takes_a_key_anew_once_its_run_is_forgotten()
    {
        var run = Make(key: "k");
        await Store.AcceptAsync(run, null, Unlimited, Token);
        await Store.CancelAsync(run.Id, new RunFailure.Cancelled("enough"), Now);
        await Store.TrimAsync(_all with { MaxRuns = 0 }, Now, Token);

        (await Store.AcceptAsync(Make(key: "k", digest: "2"), null, Unlimited, Token)).ShouldBeOfType<Acceptance.Accepted>();
    }

    private async Task<List<IReadOnlyList<RunRecord>>> PagesAsync(RunQuery query)
    {
        var pages = new List<IReadOnlyList<RunRecord>>();

        for (RunId? after = null; pages.Count == 0 || after is not null;)
        {
            var page = await Store.ListAsync(query with { After = after }, Token);
            pages.Add(page.Runs);
            after = page.Next;
        }

        return pages;
    }
}
