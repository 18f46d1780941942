using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Infrastructure.Scripts;

namespace Servo.Infrastructure.Runs;

/// <summary>Tells whether a run that came now would be accepted and could execute.</summary>
public sealed class Readiness
{
    private readonly RunAdmission _admission;
    private readonly RuntimeDirectory _runtime;
    private readonly PythonScriptRunner _runner;

    internal Readiness(RunAdmission admission, RuntimeDirectory runtime, PythonScriptRunner runner) =>
        (_admission, _runtime, _runner) = (admission, runtime, runner);

    /// <summary>Why not, as a sentence for the operator, or <see langword="null"/>. Also gets an interpreter ready for the next run.</summary>
    public async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        if (_admission.Refusal is { } refusal)
            return refusal.Detail;

        try
        {
            _runtime.Probe();
            await _runner.WarmUpAsync(cancellationToken);
            return null;
        }
        catch (InterpreterException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"No workspace can be made below Servo:Workspace:Root: {e.Message}";
        }
    }
}
