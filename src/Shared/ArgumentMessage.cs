namespace Servo.Shared;

/// <summary>The message of an <see cref="ArgumentException"/> for users who do not write C#.</summary>
internal static class ArgumentMessage
{
    /// <summary>The message without the name of the parameter, which the runtime adds.</summary>
    public static string Of(ArgumentException exception) =>
        exception.ParamName is null ? exception.Message : exception.Message.Replace($" (Parameter '{exception.ParamName}')", "");
}
