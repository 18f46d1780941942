using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Servo.WebHost.Logging;

namespace Servo.WebHost.Tests;

/// <summary>The formatters of the host's console, fed with what a caller would like to see there.</summary>
public sealed class VisibleConsoleTests
{
    private const string Hostile = "x\u001b[2J\r\n2026-01-01T00:00:00Z info: Servo[0] all is well\u009b\u202e";

    [Theory]
    [InlineData("simple", true)]
    [InlineData("simple", false)]
    [InlineData("systemd", true)]
    public void Nothing_of_a_record_acts_on_a_terminal_or_begins_a_record(string formatter, bool singleLine)
    {
        var lines = Write(formatter, singleLine).TrimEnd('\n').Split('\n');

        lines.ShouldAllBe(line => !line.Any(c => char.IsControl(c) || c == '\u202e'));
        lines.ShouldNotContain(line => line.StartsWith("2026-", StringComparison.Ordinal));
        string.Join(' ', lines).ShouldContain(@"said x\u001b[2J\r\n2026");
        string.Join(' ', lines).ShouldContain(@"within x\u001b[2J\r\n2026");
        string.Join(' ', lines).ShouldContain(@"InvalidOperationException: thrown x\u001b[2J");
    }

    [Fact]
    public void Json_keeps_its_own_escapes()
    {
        var record = JsonDocument.Parse(Write("json", singleLine: true)).RootElement;

        record.GetProperty("Message").GetString().ShouldBe($"said {Hostile}");
        record.GetProperty("State").GetProperty("What").GetString().ShouldBe(Hostile);
    }

    private static string Write(string name, bool singleLine)
    {
        using var provider = new ServiceCollection()
            .AddLogging(logging =>
            {
                logging.AddSimpleConsole(options => (options.SingleLine, options.IncludeScopes) = (singleLine, true));
                logging.AddSystemdConsole(options => options.IncludeScopes = true);
                logging.AddJsonConsole();
                logging.AddVisibleConsole();
            })
            .BuildServiceProvider();
        var scopes = new LoggerExternalScopeProvider();
        using var writer = new StringWriter();
        KeyValuePair<string, object?>[] state = [new("What", Hostile)];

        using (scopes.Push($"within {Hostile}"))
        {
            var record = new LogEntry<KeyValuePair<string, object?>[]>(
                LogLevel.Warning, "Servo", default, state, new InvalidOperationException($"thrown {Hostile}"), (_, _) => $"said {Hostile}");
            provider.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == name).Write(record, scopes, writer);
        }

        return writer.ToString();
    }
}
