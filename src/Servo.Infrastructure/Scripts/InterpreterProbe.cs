using Servo.Application.Scripts;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Scripts;

/// <summary>Starts the interpreter, as every script does: one that was removed or hangs is not noticed by the supervisors that run already.</summary>
internal static class InterpreterProbe
{
    // Not by its exit code, which the first process of a container may not learn.
    private const string Works = "works";

    /// <summary>Returns when the interpreter has run a program of one line.</summary>
    /// <exception cref="InterpreterException">It is missing or does not work.</exception>
    public static async Task RunAsync(string executable, CancellationToken cancellationToken)
    {
        SpawnedProcess process;

        try
        {
            process = SpawnedProcess.Start(executable, ["-E", "-S", "-c", $"import os; os.write(2, b'{Works}')"], ForkServerStart.BaseEnvironment);
        }
        catch (IOException e)
        {
            throw new InterpreterException($"The interpreter {e.Message}. Set {ScriptOptions.PythonKey}.", e);
        }

        using (process)
        {
            string said;
            int? code;

            try
            {
                said = await process.Error.WaitAsync(cancellationToken);
            }
            finally
            {
                // Without effect on one that is ending by itself.
                process.Kill();
                code = await process.ExitAsync();
            }

            if (!said.Contains(Works, StringComparison.Ordinal))
                throw new InterpreterException(
                    $"The interpreter '{executable}' runs no program{(code is { } known ? $", but ends with exit code {known}" : "")}. Set {ScriptOptions.PythonKey}.");
        }
    }
}
