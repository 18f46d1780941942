namespace Servo.Client.Bundles;

/// <summary>The rules for names in a bundle, including those of the gateway.</summary>
internal static class BundleNames
{
    /// <summary>Sorts by code point, which is the order of the UTF-8 bytes.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(Compare);

    /// <summary>The name that a file of a list gets; throws where it leads outside or no file can have it.</summary>
    public static string Check(string name)
    {
        // Where the separator is a backslash, no file's name holds one.
        var path = WithoutDot(Path.DirectorySeparatorChar == '\\' ? name.Replace('\\', '/') : name);
        var why =
            path.Length == 0 ? "is empty"
            : path.IndexOf('\0') >= 0 ? "holds a NUL"
            : path[0] == '/' || (Path.DirectorySeparatorChar == '\\' && path.IndexOf(':') >= 0) ? "is absolute"
            : path.Split('/').Any(part => part is "..") ? "leads outside of the bundle"
            : path.Split('/').Any(part => part is "" or ".") ? "has an empty part"
            : null;

        if (why is not null)
            throw new BundleException(
                BundleError.InvalidName,
                $"The name '{name.Replace("\0", "\\0")}' {why}. Give the file a name relative to the top of the bundle, such as "
                    + "'folder/file.txt'.");

        return CheckText(path);
    }

    /// <summary>Throws for a name that is not Unicode text: two such names may become one.</summary>
    public static string CheckText(string name) =>
        name.IndexOf('\ufffd') < 0 && IsWellFormed(name)
            ? name
            : throw new BundleException(BundleError.InvalidName, $"The name '{name}' is not valid UTF-8. Rename the file, or exclude it.")
            {
                Hint = BundleException.Without,
            };

    /// <summary>The name without a leading <c>./</c>.</summary>
    public static string WithoutDot(string name)
    {
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2);

        return name;
    }

    /// <summary>The name as the scripts see it.</summary>
    public static string Clear(string name) =>
        name.Length > Secret.Extension.Length
            && name.EndsWith(Secret.Extension, StringComparison.Ordinal)
            && !name.EndsWith("/" + Secret.Extension, StringComparison.Ordinal)
            ? name.Substring(0, name.Length - Secret.Extension.Length)
            : name;

    /// <summary>The folder that a name lies in; empty for the top.</summary>
    public static string Parent(string name) => name.LastIndexOf('/') is >= 0 and var slash ? name.Substring(0, slash) : "";

    private static bool IsWellFormed(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (!char.IsSurrogate(name[i]))
                continue;

            if (i + 1 == name.Length || !char.IsSurrogatePair(name[i], name[i + 1]))
                return false;

            i++;
        }

        return true;
    }

    private static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);

        for (var i = 0; i < length; i++)
        {
            if (left[i] != right[i])
                return Rank(left[i]) - Rank(right[i]);
        }

        return left.Length - right.Length;
    }

    // Surrogates stand for code points above all others, but lie below some as UTF-16 units.
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
