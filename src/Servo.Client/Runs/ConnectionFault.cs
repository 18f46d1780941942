using System.Security.Authentication;

namespace Servo.Client.Runs;

/// <summary>Says what an exception of the platform means, which differs by when it came.</summary>
internal static class ConnectionFault
{
    public static ServoRequestException From(Exception fault, Gateway gateway, ArchiveContent content)
    {
        var cause = Innermost(fault);

        if (Causes(fault).OfType<AuthenticationException>().Any())
            return new ServoRequestException(ServoRequestError.InsecureConnection,
                $"No secure connection to {gateway.Name} could be made: {cause} If its certificate is of a private authority, trust that authority on this machine or give an HttpClient that does.", fault);

        if (content.Completed)
            return new ServoRequestException(ServoRequestError.ConnectionLost,
                $"The connection to {gateway.Name} broke after the upload, before its answer came: {cause} {RunFate.Of(null)}{TimeoutHint(fault)}", fault);

        if (content.Begun)
            return new ServoRequestException(ServoRequestError.ConnectionLost,
                $"The connection to {gateway.Name} broke during the upload, so nothing has started: {cause}{TimeoutHint(fault)}", fault)
            { NothingStarted = true };

        return new ServoRequestException(ServoRequestError.Unreachable,
            $"{gateway.Name} cannot be reached: {cause} Check the address, that the gateway runs, and what stands between (firewall, proxy).{TimeoutHint(fault)}", fault)
        { NothingStarted = true };
    }

    private static string TimeoutHint(Exception fault) => fault is OperationCanceledException
        ? " A time limit has passed: the HttpClient's own (HttpClient.Timeout should be infinite) or that for connecting."
        : "";

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
