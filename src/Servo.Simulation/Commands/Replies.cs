namespace Servo.Simulation.Commands;

/// <summary>The text form of the commands whose pods answer with lines.</summary>
internal static class Replies
{
    public static string Format(string glob, int asked, IEnumerable<(string Title, IEnumerable<string> Lines)> replies)
    {
        var answered = replies.ToArray();
        var head = $"<{glob}> -> {(asked == 0 ? 0 : 100 * answered.Length / asked)}% replies ({asked} pods total)";

        return answered.Length == 0 ? head : $"{head} ->\n\n{string.Join("\n\n", answered.Select(Block))}";
    }

    private static string Block((string Title, IEnumerable<string> Lines) reply) =>
        string.Join('\n', [$"- {reply.Title}", "", .. reply.Lines.Select(line => $" {line}")]);
}
