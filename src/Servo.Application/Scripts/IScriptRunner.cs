using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Application.Scripts;

/// <summary>Runs one script with its interpreter.</summary>
public interface IScriptRunner
{
    /// <summary>
    /// Runs the script to its end. Output goes to <paramref name="output"/> as it comes. When this returns, nothing that the script started lives on;
    /// cancellation sends TERM, then KILL after a short grace, and then returns as well.
    /// </summary>
    /// <exception cref="InterpreterException">The interpreter cannot be started or was taken down from outside.</exception>
    Task<ScriptExit> RunAsync(ScriptProcess script, IRunOutput output, CancellationToken cancellationToken);
}

/// <summary>A script about to run.</summary>
/// <param name="Name">The name under which it was asked for.</param>
/// <param name="Path">
/// Its path, relative to <paramref name="WorkingDirectory"/>: a file, or for Python a folder with a <c>__main__.py</c>.
/// </param>
/// <param name="WorkingDirectory">The bundle's directory.</param>
/// <param name="Environment">What it finds in its environment beside what every script does (PATH, LANG, PYTHONPATH, PYTHONUNBUFFERED).</param>
/// <param name="Interpreter">
/// What runs it: an absolute path, or a name that is looked up in PATH; <see langword="null"/> for the configured Python.
/// </param>
public sealed record ScriptProcess(
    string Name, string Path, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment, string? Interpreter = null);

/// <summary>How a script ended.</summary>
/// <param name="Code">0 to 255; 128 + n where signal n ended it.</param>
/// <param name="Interrupted">Whether cancellation came before its own end.</param>
/// <param name="Denied">What its sandbox is likely to have denied it, as a sentence for who wrote the script; <see langword="null"/> where nothing is known.</param>
/// <param name="Usage">What it used; <see langword="null"/> where that is not known, as of one that was killed together with its supervisor.</param>
/// <param name="Reached">
/// The limit that it is likely to have failed at, or that its run has reached whatever its exit code is; <see langword="null"/> where there is none.
/// </param>
public readonly record struct ScriptExit(int Code, bool Interrupted, string? Denied = null, ScriptUsage? Usage = null, ScriptLimit? Reached = null);

/// <summary>A configured interpreter does not work: something that only an operator can mend.</summary>
public sealed class InterpreterException(string message, Exception? inner = null) : Exception(message, inner);
