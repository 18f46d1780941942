using System.Text;
using Servo.Client;

namespace Servo.Cli.Files;

/// <summary>Excludes the output archive, and the one it replaces, when it lies inside the packed folder.</summary>
internal static class OutputExclusion
{
    public static Bundle Without(Bundle bundle, string folder, params string[] files)
    {
        var root = Path.GetFullPath(folder);
        string[] inside = [.. files.Select(file => Path.GetRelativePath(root, Path.GetFullPath(file))).Where(IsInside).Select(Pattern)];

        return inside.Length > 0 ? bundle.Without(inside) : bundle;
    }

    private static bool IsInside(string relative) =>
        !Path.IsPathRooted(relative)
            && relative != ".."
            && !relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    // Exactly this name, in the syntax of gitignore.
    private static string Pattern(string relative)
    {
        var pattern = new StringBuilder("/");

        foreach (var character in relative.Replace(Path.DirectorySeparatorChar, '/'))
        {
            if (character is '*' or '?' or '[' or ']' or '\\' or ' ' or '!' or '#')
                pattern.Append('\\');

            pattern.Append(character);
        }

        return pattern.ToString();
    }
}
