using Servo.Domain;

namespace Servo.Application.Scripts;

/// <summary>What a script's name stands for in a bundle.</summary>
/// <param name="Path">What the interpreter is given, relative to the bundle.</param>
/// <param name="Code">The file that it starts with, relative to the bundle: the same, or the <c>__main__.py</c> of a folder.</param>
internal sealed record BundleScript(string Path, string Code)
{
    private const string Main = "__main__.py";

    /// <summary>
    /// Finds a file, or a folder with a <c>__main__.py</c>, after whose name
    /// a slash may stand; <see langword="null"/> where there is neither.
    /// </summary>
    public static BundleScript? Find(string name, string bundle)
    {
        if (BundlePath.Normalize(name) is not { } path)
            return null;

        if (path.Length > 0 && !name.EndsWith('/') && File.Exists(System.IO.Path.Join(bundle, path)))
            return new BundleScript(path, path);

        var main = path.Length > 0 ? $"{path}/{Main}" : Main;
        return File.Exists(System.IO.Path.Join(bundle, main)) ? new BundleScript(path.Length > 0 ? path : ".", main) : null;
    }
}
