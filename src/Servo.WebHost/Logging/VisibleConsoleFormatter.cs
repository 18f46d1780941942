using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Servo.AspNetCore.Logging;

namespace Servo.WebHost.Logging;

/// <summary>Escapes a record's texts before a formatter writes them, so that no call that logs, of Servo or of the framework, can forget to.</summary>
internal sealed class VisibleConsoleFormatter(ConsoleFormatter inner) : ConsoleFormatter(inner.Name)
{
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = VisibleText.Escape(logEntry.Formatter?.Invoke(logEntry.State, logEntry.Exception) ?? "");
        var exception = logEntry.Exception is { } thrown ? new VisibleException(thrown) : null;
        var scopes = scopeProvider is null ? null : new VisibleScopes(scopeProvider);

        var visible = new LogEntry<string>(logEntry.LogLevel, logEntry.Category, logEntry.EventId, text, exception, static (text, _) => text);
        inner.Write(visible, scopes, textWriter);
    }

    /// <summary>Reads like the exception that was thrown.</summary>
    private sealed class VisibleException(Exception thrown) : Exception(VisibleText.Escape(thrown.Message))
    {
        public override string ToString() => VisibleText.EscapeLines(thrown.ToString());
    }

    private sealed class VisibleScopes(IExternalScopeProvider inner) : IExternalScopeProvider
    {
        public void ForEachScope<TState>(Action<object?, TState> callback, TState state) =>
            inner.ForEachScope((scope, shared) => callback(VisibleText.Escape(scope?.ToString() ?? ""), shared), state);

        public IDisposable Push(object? state) => inner.Push(state);
    }
}
