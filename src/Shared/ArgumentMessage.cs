namespace Servo.Shared;

/// <summary>What an <see cref="ArgumentException"/> says, for those who do not write C#.</summary>
internal static class ArgumentMessage
{
    /// <summary>The message without the name of the parameter, which the runtime adds.</summary>
    public static string Of(ArgumentException exception) =>
        exception.ParamName is null ? exception.Message : exception.Message.Replace($" (Parameter '{exception.ParamName}')", "");
}
