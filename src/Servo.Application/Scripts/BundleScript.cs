using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Scripts;

/// <summary>What a script's name stands for in a bundle.</summary>
/// <param name="Path">The file or the folder, relative to the bundle.</param>
/// <param name="Code">What the interpreter is given, relative to the bundle: the same, or the main file of a folder not in Python.</param>
/// <param name="Interpreter">What runs it, as the settings name it; <see langword="null"/> for Python.</param>
internal sealed record BundleScript(string Path, string Code, string? Interpreter)
{
    private const string Main = "__main__";

    /// <summary>
    /// Finds a file, or a folder with a <c>__main__.py</c> or a main file of another ending that has an interpreter, after whose name a
    /// slash may stand.
    /// </summary>
    public static StepResult<BundleScript> Find(string name, string bundle, ScriptEndings endings)
    {
        if (BundlePath.Normalize(name) is not { } path)
            return new RunFailure.MissingScript(name);

        if (path.Length == 0 || name.EndsWith('/') || !File.Exists(System.IO.Path.Join(bundle, path)))
            return FindMain(name, path, bundle, endings);

        return endings.TryFind(path, out var interpreter)
            ? new BundleScript(path, path, interpreter)
            : RunFailure.MissingScript.WithoutInterpreter(name, endings.ToString());
    }

    private static StepResult<BundleScript> FindMain(string name, string path, string bundle, ScriptEndings endings)
    {
        var folder = System.IO.Path.Join(bundle, path);
        var shown = path.Length > 0 ? path : ".";

        // As in the original, whatever else there is.
        if (File.Exists(System.IO.Path.Join(folder, Main + ScriptEndings.Python)))
            return new BundleScript(shown, shown, Interpreter: null);

        var found = endings.IsPythonOnly || !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, $"{Main}.*")
            .Select(System.IO.Path.GetFileName)
            .Select(file => (File: file!, Interpreter: endings.TryFind(file!, out var interpreter) ? interpreter : null))
            .Where(main => main.Interpreter is not null)
            .OrderBy(main => main.File, StringComparer.Ordinal)
            .ToList();

        return found switch
        {
            [] => new RunFailure.MissingScript(name),
            [var main] => new BundleScript(shown, path.Length > 0 ? $"{path}/{main.File}" : main.File, main.Interpreter),
            _ => RunFailure.MissingScript.Ambiguous(name, found.Select(main => main.File)),
        };
    }
}
