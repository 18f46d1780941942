using Servo.Application.Scripts;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Scripts;

/// <summary>Starts the interpreter, as every script does: one that was removed or hangs is not noticed by the supervisors that run already.</summary>
internal static class InterpreterProbe
{
    /// <summary>Returns when the interpreter has run an empty program.</summary>
    /// <exception cref="InterpreterException">It is missing or does not work.</exception>
    public static async Task RunAsync(string executable, CancellationToken cancellationToken)
    {
        SpawnedProcess process;

        try
        {
            process = SpawnedProcess.Start(executable, ["-E", "-S", "-c", ""], ForkServerStart.BaseEnvironment);
        }
        catch (IOException e)
        {
            throw new InterpreterException($"The interpreter {e.Message}. Set {ScriptOptions.PythonKey}.", e);
        }

        using (process)
        {
            int? code;

            try
            {
                await process.Error.WaitAsync(cancellationToken);
            }
            finally
            {
                // Without effect on one that is ending by itself.
                process.Kill();
                code = await process.ExitAsync();
            }

            if (code is not (0 or null))
                throw new InterpreterException(
                    $"The interpreter '{executable}' ended with exit code {code} on an empty program. Set {ScriptOptions.PythonKey}.");
        }
    }
}
