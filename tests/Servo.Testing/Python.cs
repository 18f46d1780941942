namespace Servo.Testing;

/// <summary>The interpreter behind the name <c>python3</c>: a version manager may have put a shell script there, with an environment of its own.</summary>
public static class Python
{
    private static readonly Lazy<Task<string>> _executable = new(async () =>
        (await ChildProcess.RunAsync("/", "python3", "-c", "import sys; print(sys.executable)")).Trim());

    /// <summary>Finds it once.</summary>
    public static Task<string> ExecutableAsync() => _executable.Value;
}
