using CsCheck;
using Servo.Application.Runs;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>Any sequence of calls has the same answers, and leaves the same runs, in the embedded store and in one that is a list in memory.</summary>
public sealed class RunStoreModelTests
{
    private static readonly string[] _locks = ["", "a", "b", "a, b", "b;shared, a", "a;shared"];

    private static readonly HostId[] _hosts = [HostId.New(), HostId.New()];

    /// <summary>A call, with numbers that choose what it is about.</summary>
    private static readonly Gen<(Call Call, int Run, int Choice)[]> _calls =
        Gen.Select(Gen.Enum<Call>(), Gen.Int[0, 11], Gen.Int[0, 11]).Array[1, 50];

    private enum Call
    {
        Accept,
        AcceptAgain,
        Claim,
        Start,
        Release,
        Finish,
        Cancel,
        Find,
        List,
    }

    [Fact]
    public void The_embedded_store_does_what_a_list_does() => _calls.Sample(
        calls =>
        {
            using var state = new EmbeddedState();
            var (stored, model) = (new Caller(state.Store), new Caller(new MemoryRunStore()));

            for (var i = 0; i < calls.Length; i++)
            {
                var (call, run, choice) = calls[i];
                var (answer, expected) = (stored.Do(call, run, choice, i), model.Do(call, run, choice, i));
                answer.ShouldBe(expected, $"call {i}, {call} {run} {choice}");
            }

            stored.All().ShouldBe(model.All());
        },
        iter: 150,
        threads: 2);

    /// <summary>Makes calls of one store, and writes its answers down.</summary>
    private sealed class Caller(IRunStore store)
    {
        private readonly List<Run> _accepted = [];
        private readonly Dictionary<RunId, Run> _ends = [];

        public string Do(Call call, int run, int choice, int step) => call switch
        {
            Call.Accept => Accept(Make(run, choice, step), choice),
            _ when _accepted.Count == 0 => "",
            Call.AcceptAgain => Accept(Chosen(run), choice),
            Call.Claim => Show(Wait(store.ClaimAsync(_hosts[run % 2], choice % 4, choice > 5 ? [Chosen(run).Id] : [], default))),
            Call.Start => Show(Wait(store.StartAsync(Claim(run, choice), At(step)))),
            Call.Release => Show(Wait(store.ReleaseAsync(Claim(run, choice)))),
            Call.Finish => Show(Wait(store.FinishAsync(Claim(run, choice), Ended(Chosen(run), choice), choice))),
            Call.Cancel => Show(Wait(store.CancelAsync(Chosen(run).Id, new RunFailure.Cancelled($"by {choice}"), At(step)))),
            Call.Find => Show(Wait(store.FindAsync(Chosen(run).Id, default))!),
            Call.List => All(RunState.Queued + (choice % 8)),
            _ => throw new ArgumentOutOfRangeException(nameof(call), call, null),
        };

        public string All(RunState? state = null) =>
            string.Join('\n', Wait(store.ListAsync(new RunQuery(100) { State = state }, default)).Runs.Select(Show));

        private string Accept(Run run, int choice)
        {
            var acceptance = Wait(store.AcceptAsync(run, choice % 3 == 0 ? null : _hosts[choice % 2], 4 + choice, default));

            if (acceptance is Acceptance.Accepted && !_accepted.Exists(other => other.Id == run.Id))
                _accepted.Add(run);

            return acceptance switch
            {
                Acceptance.Accepted accepted => $"accepted {Show(accepted.Record)} {accepted.Claim?.Host}",
                Acceptance.Existing existing => $"existing {Show(existing.Record)}",
                _ => acceptance.GetType().Name,
            };
        }

        private Run Chosen(int run) => _accepted[run % _accepted.Count];

        private RunClaim Claim(int run, int choice) => new(Chosen(run).Id, _hosts[choice % 2]);

        /// <summary>An end of the run: the one that was tried last, or a new one.</summary>
        private Run Ended(Run run, int choice)
        {
            var now = Wait(store.FindAsync(run.Id, default))!.Run;

            if (_ends.TryGetValue(run.Id, out var last) && (now.HasEnded || (choice % 2 == 0 && last.Started == now.Started)))
                return last;

            return _ends[run.Id] = now.HasEnded ? now
                : now.State == RunState.Running && choice % 3 > 0 ? now.Succeed(At(60))
                : now.Fail(new RunFailure.GatewayFault("none"), At(60 + choice));
        }

        private static Run Make(int run, int choice, int step) => Run.Accept(
            RunId.TryParse($"{step + 1:x32}", out var id) ? id : default,
            new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None)
            {
                Locks = RunLock.Parse([_locks[run % _locks.Length]]).Value!,
                IsDetached = choice % 2 == 0,
                Key = choice == 7 ? new IdempotencyKey("key", $"{run % 2}") : null,
            },
            At(step));

        private static string Show(bool answer) => answer.ToString();

        private static string Show(IReadOnlyList<ClaimedRun> claimed) => string.Join(' ', claimed.Select(each => Show(each.Run)));

        private static string Show(CancelResult result) => result switch
        {
            CancelResult.Ended ended => $"ended {Show(ended.Record)}",
            CancelResult.Requested requested => $"requested {Show(requested.Record)}",
            _ => result.GetType().Name,
        };

        private static string Show(RunRecord record) =>
            $"{Show(record.Run)} at {record.Position} for {string.Join(',', record.WaitsFor.Select(each => $"{each.Lock}={each.Run}"))} "
            + $"{record.LogBytes} {record.IsCancelRequested}";

        private static string Show(Run run) => $"{run.Id} {run.State} {run.Started:mm:ss.fff} {run.Ended:mm:ss.fff} {run.Failure?.Kind} {run.Failure?.Detail}";

        private static DateTimeOffset At(int second) => new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero).AddSeconds(second);

        private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
    }
}
