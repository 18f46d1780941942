using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>What holds where a call of <see cref="IRunStore"/> has its effect and its answer is lost: no run hangs, and none starts twice.</summary>
public abstract class LostAnswerConformance(IRunState state) : RunStoreConformance(state)
{
    private readonly Dictionary<RunId, int> _starts = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Ends_every_run_and_starts_none_twice(int seed)
    {
        var random = new Random(seed);
        var made = new List<RunId>();

        for (var round = 0; round < 300; round++)
        {
            if (round < 100)
            {
                var run = Make(random.Next(2) == 0 ? "" : $"name{random.Next(3)}");
                made.Add(run.Id);
                await RepeatAsync(() => Store.AcceptAsync(run, random.Next(2) == 0 ? Host : null, Unlimited, Token));
            }

            // Whoever loses this answer knows none of these, and gets them again.
            if (await TryAsync(() => Store.ClaimAsync(Host, 3, [], Token)) is { } claimed)
                foreach (var each in claimed)
                    await ExecuteAsync(each);
        }

        _starts.Values.ShouldAllBe(starts => starts == 1);

        foreach (var id in made)
            (await FindAsync(id)).Run.HasEnded.ShouldBeTrue();

        async Task ExecuteAsync(ClaimedRun each)
        {
            var now = Now;
            var started = false;

            if (random.Next(5) == 0)
            {
                await TryAsync(() => Store.ReleaseAsync(each.Claim));
                return;
            }

            try
            {
                started = await LoseAsync(() => Store.StartAsync(each.Claim, now));
            }
            catch (IOException)
            {
                // It must not be started now, whatever the store has.
            }

            if (started)
                _starts[each.Run.Id] = _starts.GetValueOrDefault(each.Run.Id) + 1;

            var ended = started ? each.Run.Start(now).Succeed(now) : each.Run.Fail(new RunFailure.GatewayFault("no answer"), now);
            (await RepeatAsync(() => Store.FinishAsync(each.Claim, ended, 0))).ShouldBeTrue();
        }

        async Task<T> LoseAsync<T>(Func<Task<T>> call)
        {
            var answer = await call();
            return random.Next(3) == 0 ? throw new IOException("The answer is lost.") : answer;
        }

        async Task<T?> TryAsync<T>(Func<Task<T>> call)
        {
            try
            {
                return await LoseAsync(call);
            }
            catch (IOException)
            {
                return default;
            }
        }

        async Task<T> RepeatAsync<T>(Func<Task<T>> call)
        {
            while (true)
            {
                try
                {
                    return await LoseAsync(call);
                }
                catch (IOException)
                {
                }
            }
        }
    }
}
