using Servo.Client;

namespace Servo.MSBuild;

/// <summary>Adds the MSBuild property that helps to the library's description, whose own hints name C# members.</summary>
internal static class PropertyHint
{
    private const string Exclude = "ServoExclude or a .servoignore file excludes files.";

    public static string On(ServoRequestException exception) => Text(exception.Description, exception.Error switch
    {
        ServoRequestError.BadSignature => "ServoTokenFile names the token's file, ServoAlgorithm sha1 is for an original servo.",
        ServoRequestError.TooLarge => Exclude,
        ServoRequestError.TimedOut => "ServoTimeout sets how long to wait.",
        _ => null,
    });

    public static string On(BundleException exception) => Text(exception.Description, exception.Error switch
    {
        BundleError.Unreadable or BundleError.FileChanged or BundleError.InvalidName or BundleError.DuplicateName or BundleError.InvalidLink
            or BundleError.OutputInBundle => Exclude,
        _ => null,
    });

    private static string Text(string description, string? hint) => hint is null ? description : $"{description} {hint}";
}
