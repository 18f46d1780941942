using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Infrastructure.Logs;
using Servo.Infrastructure.Runs;

namespace Servo.Bench;

/// <summary>Measures the store of runs against its bars. Arguments: runs in the store (100,000), a directory on the disk to measure.</summary>
internal static class StateBench
{
    private static readonly ScriptList s_scripts = ScriptList.Parse("a.py").Value!;

    public static async Task RunAsync(string[] arguments)
    {
        var past = arguments is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : 100_000;
        var root = Path.Join(arguments is [_, var place, ..] ? place : Path.GetTempPath(), $"servo-bench-{Guid.NewGuid():N}");

        try
        {
            using var directory = new StateDirectory(root);
            using var database = new RunDatabase(directory);
            var reserve = new StateReserve(directory);
            using var saver = new LogSaver(directory, TimeProvider.System, NullLogger<LogSaver>.Instance);
            using var log = new FileRunLog(directory, reserve, saver);
            var store = new SqliteRunStore(database, new StateReserve(directory));

            Show("durable starts/s, 64 callers", await TransitionsAsync(store, callers: 64, each: 300), "5,000 or more");
            Show("a durable start alone, p50 ms", await AloneAsync(store), "");
            Show("log, MB/s", await LogAsync(log), "200 or more");

            await FillAsync(store, past);
            Show($"a page of 50 among {past:N0}, p50 ms", await PageAsync(store, new RunQuery(50)), "less than 5");
            Show("the same by state", await PageAsync(store, new RunQuery(50) { State = RunState.Failed }), "less than 5");
            Show("the same by script and time", await PageAsync(store, new RunQuery(50) { Script = "a.py", Since = DateTimeOffset.UtcNow.AddDays(-1) }), "less than 5");
            Show($"a durable start alone among {past:N0}, p50 ms", await AloneAsync(store), "");
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Fills a folder of state, for a host that is started on it. Arguments: runs, the folder.</summary>
    public static async Task FillAsync(string[] arguments)
    {
        using var directory = new StateDirectory(arguments[1]);
        using var database = new RunDatabase(directory);
        await FillAsync(new SqliteRunStore(database, new StateReserve(directory)), int.Parse(arguments[0], CultureInfo.InvariantCulture));
    }

    private static void Show(string what, double value, string bar) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-48} {value,12:N2}   {bar}"));

    private static Run Make() => Run.Accept(RunId.New(DateTimeOffset.UtcNow), new RunOrder(s_scripts, RunVariables.None) { IsDetached = true }, DateTimeOffset.UtcNow);

    private static async Task<double> TransitionsAsync(SqliteRunStore store, int callers, int each)
    {
        await CallerAsync(50);
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallerAsync(each))));

        // Accepted, started, ended.
        return 3.0 * callers * each / Stopwatch.GetElapsedTime(begun).TotalSeconds;

        async Task CallerAsync(int runs)
        {
            for (var i = 0; i < runs; i++)
                await OneAsync(store, HostId.New());
        }
    }

    private static async Task OneAsync(SqliteRunStore store, HostId host)
    {
        var run = Make();
        var accepted = (Acceptance.Accepted)await store.AcceptAsync(run, host, int.MaxValue, default);
        await store.StartAsync(accepted.Claim!, run.Accepted);
        await store.FinishAsync(accepted.Claim!, run.Start(run.Accepted).Succeed(DateTimeOffset.UtcNow), 0);
    }

    private static async Task<double> AloneAsync(SqliteRunStore store)
    {
        var times = new List<double>();

        for (var i = 0; i < 300; i++)
        {
            var run = Make();
            var accepted = (Acceptance.Accepted)await store.AcceptAsync(run, HostId.New(), int.MaxValue, default);
            var begun = Stopwatch.GetTimestamp();
            await store.StartAsync(accepted.Claim!, run.Accepted);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await store.FinishAsync(accepted.Claim!, run.Start(run.Accepted).Fail(new RunFailure.GatewayFault("bench"), DateTimeOffset.UtcNow), 0);
        }

        return Median(times);
    }

    private static async Task FillAsync(SqliteRunStore store, int runs)
    {
        foreach (var some in Enumerable.Range(0, runs).Chunk(1_000))
            await Task.WhenAll(some.Select(_ => OneAsync(store, HostId.New())));
    }

    private static async Task<double> PageAsync(SqliteRunStore store, RunQuery query)
    {
        var times = new List<double>();

        for (var i = 0; i < 100; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await store.ListAsync(query, default);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return Median(times);
    }

    private static async Task<double> LogAsync(FileRunLog log)
    {
        var claim = new RunClaim(RunId.New(DateTimeOffset.UtcNow), HostId.New());
        var (number, bytes) = (1L, 0L);
        var writing = TimeSpan.Zero;

        for (var append = 0; append < 8_000; append++)
        {
            var batch = new StringBuilder();
            var first = number;

            while (batch.Length < 64_000)
                batch.Append(CultureInfo.InvariantCulture, $"{{\"event\":\"line\",\"seq\":{number++},\"text\":\"{new string('x', 200)}\"}}\n");

            var records = Encoding.UTF8.GetBytes(batch.ToString());
            var start = Stopwatch.GetTimestamp();
            await log.AppendAsync(claim, first, records);

            writing += Stopwatch.GetElapsedTime(start);
            bytes += records.Length;
        }

        Show("log: finding a record in the middle, ms", await FindAsync(log, claim.Run, number / 2), "");
        return bytes / 1e6 / writing.TotalSeconds;
    }

    private static async Task<double> FindAsync(FileRunLog log, RunId run, long number)
    {
        var begun = Stopwatch.GetTimestamp();
        await log.ReadAsync(run, LogPosition.Of(number), 4_096, default);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
