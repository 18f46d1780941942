using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Servo.Client.Tests.Runs;

/// <summary>Keeps every report in order, and lets a test wait for the next of a kind.</summary>
public sealed class RecordedProgress : IProgress<RunProgress>
{
    private readonly ConcurrentQueue<RunProgress> _reports = [];
    private readonly Channel<RunProgress> _unseen = Channel.CreateUnbounded<RunProgress>();

    public IReadOnlyList<RunProgress> Reports => [.. _reports];

    public IEnumerable<string> Lines => _reports.OfType<RunProgress.Output>().Select(output => output.Line.Text);

    public void Report(RunProgress value)
    {
        _reports.Enqueue(value);
        _unseen.Writer.TryWrite(value);
    }

    /// <summary>Waits up to half a minute for a report that was not looked at before.</summary>
    public async Task<T> SeeAsync<T>(Func<T, bool> isWanted)
        where T : RunProgress
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        while (true)
        {
            if (await _unseen.Reader.ReadAsync(limit.Token) is T wanted && isWanted(wanted))
                return wanted;
        }
    }

    public async Task<string> SeeLineAsync(string start) =>
        (await SeeAsync<RunProgress.Output>(output => output.Line.Text.StartsWith(start, StringComparison.Ordinal))).Line.Text;
}
