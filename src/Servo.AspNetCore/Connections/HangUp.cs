namespace Servo.AspNetCore.Connections;

/// <summary>Tells a caller that is gone from everything else that can end the reading of a request.</summary>
internal static class HangUp
{
    /// <summary>
    /// Whether the caller's hanging up caused this exception. A body that its sender ends too early is refused instead, as the sender may still read.
    /// </summary>
    public static bool Explains(Exception exception, HttpContext context) =>
        (exception is OperationCanceledException or (IOException and not BadHttpRequestException))
        && (context.RequestAborted.IsCancellationRequested
            // Told before whoever reads hears of it; the request itself is told at leisure.
            || context.Features.Get<ConnectionEnd>() is { Token.IsCancellationRequested: true });
}
