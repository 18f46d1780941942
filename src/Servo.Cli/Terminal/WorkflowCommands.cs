using System.Security.Cryptography;
using System.Text;

namespace Servo.Cli.Terminal;

/// <summary>
/// Lines in a log of GitHub Actions, and workflow commands between them. A runner obeys every line that looks like a command, whoever
/// printed it, so all lines but the tool's own commands stand between <c>::stop-commands::TOKEN</c> and <c>::TOKEN::</c>, with a new random
/// token each time.
/// </summary>
internal sealed class WorkflowCommands(StandardStream stream) : IDisposable
{
    private string? _token;

    /// <summary>Writes a line that the runner does not obey, whatever it contains.</summary>
    public void WriteLine(string line)
    {
        if (_token is null)
        {
            _token = RandomNumberGenerator.GetHexString(32, lowercase: true);
            stream.WriteLine($"::stop-commands::{_token}");
        }

        stream.WriteLine(line);
    }

    /// <summary>Writes a message of the tool, unprotected unless it looks like a command.</summary>
    public void WriteOwnLine(string line)
    {
        if (line.Contains("::", StringComparison.Ordinal) || line.Contains("##[", StringComparison.Ordinal))
            WriteLine(line);
        else
            stream.WriteLine(line);
    }

    /// <summary>Writes a command; properties without a value are omitted.</summary>
    public void Send(string command, string text, params ReadOnlySpan<(string Name, string? Value)> properties)
    {
        var line = new StringBuilder("::").Append(command);
        var separator = ' ';

        foreach (var (name, value) in properties)
        {
            if (value is null)
                continue;

            line.Append(separator).Append(name).Append('=').Append(EscapedProperty(value));
            separator = ',';
        }

        Resume();
        stream.WriteLine(line.Append("::").Append(Escaped(text)).ToString());
    }

    /// <summary>Lets the runner obey commands again after the tool's output.</summary>
    public void Resume()
    {
        if (_token is not null)
            stream.WriteLine($"::{_token}::");

        _token = null;
    }

    public void Dispose() => Resume();

    // As the runner reads them: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts.
    private static string Escaped(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal)
            .Replace("\r", "%0D", StringComparison.Ordinal)
            .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string EscapedProperty(string value) =>
        Escaped(value).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
