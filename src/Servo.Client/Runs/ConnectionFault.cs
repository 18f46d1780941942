using System.Security.Authentication;

namespace Servo.Client.Runs;

/// <summary>Translates an exception of the platform by how far the request had come.</summary>
internal static class ConnectionFault
{
    /// <summary>A request that may be repeated, whatever became of it.</summary>
    public static ServoRequestException From(Exception fault, Gateway gateway) => From(fault, gateway, content: null);

    public static ServoRequestException From(Exception fault, Gateway gateway, ArchiveContent? content)
    {
        var cause = Innermost(fault);

        if (Causes(fault).OfType<AuthenticationException>().Any())
            return new ServoRequestException(ServoRequestError.InsecureConnection,
                $"A secure connection to {gateway.Name} could not be made: {cause} If a private authority issued its certificate, this "
                    + "machine must trust that authority.", fault)
            { Hint = "Or pass an HttpClient that does." };

        if (content is { Completed: true })
            return new ServoRequestException(ServoRequestError.ConnectionLost,
                $"The connection to {gateway.Name} broke after the upload and before the answer: {cause} "
                    + $"{DetachedRunMessage.AfterLoss(null)}", fault)
            { Hint = TimeoutHint(fault) };

        if (content is { Begun: true })
            return new ServoRequestException(ServoRequestError.ConnectionLost,
                $"The connection to {gateway.Name} broke during the upload, so nothing has started: {cause}", fault)
            { NothingStarted = true, Hint = TimeoutHint(fault) };

        return new ServoRequestException(ServoRequestError.Unreachable,
            $"{gateway.Name} cannot be reached: {cause} Check the address, whether the gateway is running, and any firewall or proxy in "
                + "between.", fault)
        { NothingStarted = true, Hint = TimeoutHint(fault) };
    }

    private static string? TimeoutHint(Exception fault) => fault is OperationCanceledException
        ? "A time limit has passed: the HttpClient's own (HttpClient.Timeout should be infinite) or that for connecting."
        : null;

    private static string Innermost(Exception fault)
    {
        var message = Causes(fault).Last().Message.Trim();
        return message.EndsWith(".", StringComparison.Ordinal) ? message : message + ".";
    }

    private static IEnumerable<Exception> Causes(Exception fault)
    {
        for (var cause = fault; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
