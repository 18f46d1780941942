using Servo.Client;

namespace Servo.MSBuild;

/// <summary>
/// The codes of errors and warnings in the build log. The package's README documents them, and their meaning does not change.
/// </summary>
internal static class ErrorCode
{
    public const string RunFailed = "SERVO001";
    public const string Setting = "SERVO002";
    public const string Bundle = "SERVO003";
    public const string Unreachable = "SERVO004";
    public const string InsecureConnection = "SERVO005";
    public const string BadSignature = "SERVO006";
    public const string Refused = "SERVO007";
    public const string Busy = "SERVO008";
    public const string NotAServo = "SERVO009";
    public const string NoOutcome = "SERVO010";
    public const string Cancelled = "SERVO011";
    public const string ClearSecret = "SERVO012";

    public static string Of(ServoRequestError error) => error switch
    {
        ServoRequestError.Unreachable => Unreachable,
        ServoRequestError.InsecureConnection => InsecureConnection,
        ServoRequestError.BadSignature => BadSignature,
        ServoRequestError.BadRequest or ServoRequestError.TooLarge => Refused,
        ServoRequestError.Busy or ServoRequestError.Unavailable => Busy,
        ServoRequestError.NotAServo => NotAServo,
        _ => NoOutcome,
    };
}
