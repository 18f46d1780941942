using System.Globalization;

namespace Servo.Client.Runs;

/// <summary>The headers that carry a run's options.</summary>
internal static class OptionHeaders
{
    private const int MaxKeyLength = 255;

    public static IReadOnlyList<KeyValuePair<string, string>> From(RunOptions options)
    {
        var headers = new List<KeyValuePair<string, string>>();

        if (options.Locks.Count > 0)
            Add("X-Lock", string.Join(", ", options.Locks));

        if (options.IdempotencyKey is { } key)
            Add("Idempotency-Key", Checked(key));

        AddLimit("X-Timeout", nameof(RunOptions.RunTimeout), options.RunTimeout);
        AddLimit("X-Queue-Timeout", nameof(RunOptions.QueueTimeout), options.QueueTimeout);
        return headers;

        void Add(string name, string value) => headers.Add(new KeyValuePair<string, string>(name, value));

        void AddLimit(string header, string name, TimeSpan limit)
        {
            if (limit == Timeout.InfiniteTimeSpan)
                return;

            if (limit.TotalMilliseconds < 1)
                throw new ArgumentException($"{nameof(RunOptions)}.{name} is {limit}: it must be at least a millisecond.");

            Add(header, limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture));
        }
    }

    private static string Checked(string key) =>
        key.Length is > 0 and <= MaxKeyLength && key.All(character => character is > ' ' and < '\x7f')
            ? key
            : throw new ArgumentException(
                $"The idempotency key '{key}' cannot be sent: use 1 to {MaxKeyLength} printable ASCII characters without spaces.");
}
