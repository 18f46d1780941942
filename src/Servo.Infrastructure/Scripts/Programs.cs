using Servo.Application.Scripts;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Scripts;

/// <summary>Finds the programs that run scripts.</summary>
public static class Programs
{
    private const string NextStep = "Install it, or set the path of another.";

    internal static string SearchPath { get; } = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";

    /// <summary>The interpreters of the settings that are missing or no programs, in a sentence each that begins with a key.</summary>
    public static IEnumerable<string> Problems(ScriptOptions options) =>
        from setting in options.Interpreters
        let problem = Problem(setting.Value)
        where problem is not null
        select $"{ScriptOptions.InterpretersKey}:{setting.Key}: {problem} {NextStep}";

    /// <summary>The path of an interpreter: a plain name is looked up in PATH, as a shell would.</summary>
    /// <exception cref="InterpreterException">It is missing, or no program.</exception>
    internal static string Locate(string interpreter) =>
        Find(interpreter) ?? throw new InterpreterException($"{ScriptOptions.InterpretersKey}: {Problem(interpreter)} {NextStep}");

    /// <summary>The path of a program; <see langword="null"/> where there is none.</summary>
    internal static string? Find(string program)
    {
        if (program.Contains('/'))
            return IsProgram(program) ? program : null;

        // A folder that is not absolute would be one of the bundle.
        return SearchPath.Split(':').Where(Path.IsPathRooted).Select(folder => Path.Join(folder, program)).FirstOrDefault(IsProgram);
    }

    private static string? Problem(string interpreter) =>
        Find(interpreter) is not null ? null
        : interpreter.Split(' ', 2) is [var first, _] && Find(first) is not null
            ? $"'{interpreter}' has arguments, which an interpreter is not given."
        : File.Exists(interpreter) && interpreter.Contains('/') ? $"'{interpreter}' is a file that cannot be executed."
        : Directory.Exists(interpreter) && interpreter.Contains('/') ? $"'{interpreter}' is a directory."
        : $"'{interpreter}' was not found{(interpreter.Contains('/') ? "" : $" in PATH ({SearchPath})")}.";

    private static bool IsProgram(string path) => File.Exists(path) && Libc.access(path, Libc.Executable) == 0;
}
