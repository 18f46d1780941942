using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Servo.Application.Runs;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Infrastructure.Logs;
using Servo.Infrastructure.Runs;

namespace Servo.Bench;

/// <summary>
/// Measures how late many followers of one live log are, in this process: from the append to the moment at which a follower has the bytes. Arguments: followers
/// (200), MB/s of the log (10), seconds (10).
/// </summary>
internal static class FollowersBench
{
    private const int BatchBytes = 64 * 1024;

    public static async Task RunAsync(string[] arguments)
    {
        var followers = (int)Number(arguments, 0, 200);
        var rate = Number(arguments, 1, 10) * 1e6;
        var seconds = Number(arguments, 2, 10);
        var root = Path.Join(Path.GetTempPath(), $"servo-bench-{Guid.NewGuid():N}");

        try
        {
            using var directory = new StateDirectory(root);
            using var database = new RunDatabase(directory);
            var reserve = new StateReserve(directory);
            using var saver = new LogSaver(directory, TimeProvider.System, NullLogger<LogSaver>.Instance);
            using var log = new FileRunLog(directory, reserve, saver);
            var signals = new InProcessRunSignals();
            var live = new LiveRuns();
            var order = new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None);
            var run = Run.Accept(RunId.New(DateTimeOffset.UtcNow), order, DateTimeOffset.UtcNow).Start(DateTimeOffset.UtcNow);
            live.Add(new LiveRun(run), run);
            var follow = new FollowRun(new SqliteRunStore(database, reserve), log, signals, live, TimeProvider.System);

            var batches = (int)(rate * seconds / BatchBytes);
            var appended = new Appended(batches);
            using var end = new CancellationTokenSource();
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            var allocated = GC.GetTotalAllocatedBytes();
            var begun = Stopwatch.GetTimestamp();
            var reading = Enumerable.Range(0, followers).Select(_ => Task.Run(() => ReadAsync(follow, run.Id, appended, end.Token))).ToArray();
            await WriteAsync(log, signals, run.Id, appended, rate);
            var lags = (await Task.WhenAll(reading)).SelectMany(lag => lag).Order().ToArray();
            var elapsed = Stopwatch.GetElapsedTime(begun).TotalSeconds;

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{followers} followers at {rate / 1e6:0.##} MB/s for {seconds} s: lag p50 {lags[lags.Length / 2]:0.0} ms, p99 {lags[lags.Length * 99 / 100]:0.0} ms, "
                + $"longest {lags[^1]:0.0} ms; {(Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds / elapsed:0.00} cores, "
                + $"{(GC.GetTotalAllocatedBytes() - allocated) / 1e6 / elapsed:0} MB/s allocated"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static double Number(string[] arguments, int index, double otherwise) =>
        arguments.Length > index ? double.Parse(arguments[index], CultureInfo.InvariantCulture) : otherwise;

    private static async Task WriteAsync(FileRunLog log, InProcessRunSignals signals, RunId id, Appended appended, double rate)
    {
        var claim = new RunClaim(id, HostId.New());
        var number = 1L;
        var begun = Stopwatch.GetTimestamp();

        for (var batch = 0; batch < appended.Batches; batch++)
        {
            var text = new StringBuilder();
            var first = number;

            while (text.Length < BatchBytes - 256)
                text.Append(CultureInfo.InvariantCulture, $"{{\"event\":\"line\",\"seq\":{number++},\"text\":\"{new string('x', 200)}\"}}\n");

            var due = TimeSpan.FromSeconds(batch * (double)BatchBytes / rate) - Stopwatch.GetElapsedTime(begun);

            if (due > TimeSpan.Zero)
                await Task.Delay(due);

            var records = Encoding.UTF8.GetBytes(text.ToString());
            appended.Add(batch, records.Length);
            await log.AppendAsync(claim, first, records);
            signals.Tell(id);
        }
    }

    private static async Task<List<double>> ReadAsync(FollowRun follow, RunId id, Appended appended, CancellationToken cancellationToken)
    {
        var lags = new List<double>(appended.Batches);
        var bytes = 0L;

        await foreach (var news in follow.FromAsync(id, 0, cancellationToken))
        {
            if (news is not RunNews.Records records)
                continue;

            bytes += records.Bytes.Length;

            while (lags.Count < appended.Batches && appended.At(lags.Count) is var (time, end) && end > 0 && end <= bytes)
                lags.Add(Stopwatch.GetElapsedTime(time).TotalMilliseconds);

            if (lags.Count == appended.Batches)
                break;
        }

        return lags;
    }

    /// <summary>When which bytes were appended.</summary>
    private sealed class Appended(int batches)
    {
        private readonly long[] _times = new long[batches];
        private readonly long[] _ends = new long[batches];

        public int Batches => batches;

        public void Add(int batch, int bytes)
        {
            _times[batch] = Stopwatch.GetTimestamp();
            Volatile.Write(ref _ends[batch], (batch == 0 ? 0 : _ends[batch - 1]) + bytes);
        }

        public (long Time, long End) At(int batch)
        {
            var end = Volatile.Read(ref _ends[batch]);
            return (_times[batch], end);
        }
    }
}
