namespace Servo.AspNetCore.Answers;

/// <summary>
/// Bounds the answers that are kept on disk while their callers take them, after their runs have left their places: each has a deadline by its size, and where
/// all of them together hold too much the oldest is given up.
/// </summary>
internal sealed class PendingAnswers(int max, long maxBytes, TimeProvider time)
{
    /// <summary>What a caller has to take at least, after the grace: a line of 128 kbit/s.</summary>
    private const int BytesPerSecond = 16 * 1024;

    /// <summary>How long a caller may pause.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<Answer> _sending = [];
    private long _bytes;

    /// <summary>How long a caller may take for an answer, or a part of one, of this many bytes.</summary>
    public static TimeSpan ReadTimeout(long bytes) => _grace + TimeSpan.FromSeconds((double)bytes / BytesPerSecond);

    /// <summary>
    /// Sends an answer that keeps this many bytes and is at most so many long, and breaks its connection off where it is given up.
    /// </summary>
    public async Task SendAsync(HttpContext context, long keptBytes, long mostBytes, Func<CancellationToken, Task> send)
    {
        using var answer = new Answer(keptBytes, ReadTimeout(mostBytes), time);
        var older = Add(answer);
        older.ForEach(other => other.GiveUp());

        try
        {
            await send(answer.GivenUp);
        }
        catch (OperationCanceledException) when (answer.GivenUp.IsCancellationRequested)
        {
            // The status has gone out already: only a connection that breaks off tells the caller that the answer did.
            context.Abort();
        }
        finally
        {
            Remove(answer);
        }
    }

    private List<Answer> Add(Answer answer)
    {
        List<Answer> older = [];

        lock (_gate)
        {
            while (_sending.First is { } oldest && (_sending.Count >= max || _bytes + answer.Bytes > maxBytes))
            {
                _sending.RemoveFirst();
                _bytes -= oldest.Value.Bytes;
                older.Add(oldest.Value);
            }

            _sending.AddLast(answer);
            _bytes += answer.Bytes;
        }

        return older;
    }

    private void Remove(Answer answer)
    {
        lock (_gate)
        {
            if (_sending.Remove(answer))
                _bytes -= answer.Bytes;
        }
    }

    private sealed class Answer(long bytes, TimeSpan limit, TimeProvider time) : IDisposable
    {
        private readonly CancellationTokenSource _givenUp = new(limit, time);
        private readonly Lock _gate = new();
        private bool _done;

        public long Bytes => bytes;

        public CancellationToken GivenUp => _givenUp.Token;

        public void GiveUp()
        {
            lock (_gate)
            {
                if (!_done)
                    _ = _givenUp.CancelAsync();
            }
        }

        public void Dispose()
        {
            lock (_gate)
                _done = true;

            _givenUp.Dispose();
        }
    }
}
