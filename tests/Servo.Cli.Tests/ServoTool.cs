using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>The built <c>servo</c> as a process of its own, whose environment holds no more of Servo than a test sets.</summary>
public static class ServoTool
{
    private static readonly string[] _removed =
    [
        "SERVO_URL", "SERVO_TOKEN", "Servo__Token", "NO_COLOR", "CI", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "GITHUB_RUN_ID", "CI_JOB_ID",
        "BUILD_TAG", "BUILD_BUILDID",
    ];

    /// <summary>Beside this assembly's own output, in the configuration that the tests were built in.</summary>
    public static string Assembly { get; } = FindAssembly();

    public static Task<ProcessResult> RunAsync(string directory, (string Name, string? Value)[] environment, params string[] arguments) =>
        EndAsync(Start(directory, environment, arguments));

    public static ChildProcess Start(string directory, (string Name, string? Value)[] environment, params string[] arguments) =>
        StartProgram(directory, environment, "dotnet", [Assembly, .. arguments]);

    /// <summary>Runs the tool on a terminal, as <c>script</c> makes one; what it shows is the output.</summary>
    public static Task<ProcessResult> OnTerminalAsync(string directory, (string Name, string? Value)[] environment, params string[] arguments)
    {
        var command = $"dotnet '{Assembly}' {string.Join(' ', arguments.Select(argument => $"'{argument}'"))}";
        return EndAsync(StartProgram(directory, [("TERM", "xterm-256color"), .. environment], "script", ["-qec", command, "/dev/null"]));
    }

    /// <summary>Runs a program in the tool's environment, with <c>servo</c> in its path.</summary>
    public static Task<ProcessResult> InShellAsync(string directory, (string Name, string? Value)[] environment, string script) =>
        EndAsync(StartProgram(directory, environment, "bash", ["--norc", "-c", $"servo() {{ dotnet '{Assembly}' \"$@\"; }}\n{script}"]));

    private static async Task<ProcessResult> EndAsync(ChildProcess process)
    {
        await using (process)
            return await process.EndAsync();
    }

    private static ChildProcess StartProgram(string directory, (string Name, string? Value)[] environment, string program, string[] arguments) =>
        ChildProcess.Start(program, arguments, new ProcessSettings
        {
            WorkingDirectory = directory,
            Environment = [.. _removed.Select(name => (name, (string?)null)), .. environment],
            Timeout = TimeSpan.FromMinutes(1),
        });

    private static string FindAssembly()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));

        return Path.Join(Repository.Root, "src/Servo.Cli/bin", framework.Parent!.Name, framework.Name, "servo.dll");
    }
}
