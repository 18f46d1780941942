namespace Servo.AspNetCore.Refusals;

/// <summary>Finds the caller's fault in what reading a body throws, which the server does not always call by its name.</summary>
internal static class UnreadableBody
{
    /// <summary>What is wrong with the body; <see langword="null"/> where the exception has another cause.</summary>
    public static BadHttpRequestException? In(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case BadHttpRequestException known:
                    return known;
                // The size of a chunk that fits no number.
                case BodyCutShortException or IOException { InnerException: OverflowException }:
                    return new BadHttpRequestException(cause.Message, exception);
            }
        }

        return null;
    }
}
