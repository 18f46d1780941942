namespace Servo.Cli;

/// <summary>The exit codes of the tool, which its README documents.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int RunFailed = 1;
    public const int WrongUsage = 2;
    public const int NoOutcome = 3;

    /// <summary>EX_SOFTWARE of sysexits.h: a bug in the tool.</summary>
    public const int Fault = 70;

    /// <summary>128 plus the number of SIGINT, as in shells.</summary>
    public const int Interrupted = 130;
}
