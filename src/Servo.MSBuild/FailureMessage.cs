using System.Text;
using Servo.Client;

namespace Servo.MSBuild;

/// <summary>
/// The error message of a failed run. It is one line: MSBuild writes each line of a message with the error's code, so that each looks like
/// an error.
/// </summary>
internal static class FailureMessage
{
    private const string Separator = " | ";

    public static string Of(RunFailure failure, string runId, IReadOnlyCollection<string> lastLines)
    {
        var message = new StringBuilder("The run");

        if (runId.Length > 0)
            message.Append(' ').Append(runId);

        message.Append(" failed: ").Append(failure);

        if (lastLines.Count > 0)
            message.Append(". Its last lines: ").Append(string.Join(Separator, lastLines.Select(line => line.Trim())));

        return message.ToString();
    }
}
