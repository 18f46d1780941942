namespace Servo.Application.Logs;

/// <summary>What a record says of output, besides its text.</summary>
/// <param name="IsGateways">Whether it is the gateway's own.</param>
/// <param name="IsOneLine">Whether its text is a whole line, or the end of one, without its line feed; otherwise it is as it was
/// written.</param>
public readonly record struct OutputRecord(bool IsGateways, bool IsOneLine);
