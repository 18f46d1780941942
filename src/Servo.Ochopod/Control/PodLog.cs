using System.Globalization;
using Servo.AspNetCore.Logging;

namespace Servo.Ochopod.Control;

/// <summary>The end of the host's log, for the tools that ask a pod for it.</summary>
internal sealed class PodLog(TimeProvider time) : ILoggerProvider
{
    private const int MaxCharacters = 32 * 1024;

    private readonly Queue<string> _lines = [];
    private int _characters;

    /// <summary>The newest lines, the oldest first, each with its line feed.</summary>
    public string[] Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
    }

    private void Add(LogLevel level, string category, string text)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss,fff} - {NameOf(level)} - {category} - ");

        lock (_lines)
        {
            foreach (var line in text.Split('\n'))
            {
                var entry = $"{head}{line}\n";
                _lines.Enqueue(entry);
                _characters += entry.Length;
            }

            while (_characters > MaxCharacters && _lines.Count > 1)
                _characters -= _lines.Dequeue().Length;
        }
    }

    /// <summary>The level as the logs of the other pods name it, which are Python's.</summary>
    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        _ => "CRITICAL",
    };

    private sealed class Logger(PodLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = VisibleText.Escape(formatter(state, exception));
            log.Add(logLevel, category, exception is null ? text : $"{text}\n{VisibleText.EscapeLines(exception.ToString())}");
        }
    }
}
