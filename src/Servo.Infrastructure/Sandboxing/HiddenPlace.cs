namespace Servo.Infrastructure.Sandboxing;

/// <summary>A file or folder that no script in a sandbox reaches, or that none may change. A host registers what is its own.</summary>
/// <param name="Path">Its absolute path; where it is a link, what it leads to is hidden as well.</param>
/// <param name="ShowsFolders">Whether the folders in it may be read all the same, as a host's program folder may hold interpreters.</param>
public sealed record HiddenPlace(string Path, bool ShowsFolders = false)
{
    /// <summary>Whether all of it may be read.</summary>
    internal bool IsReadable { get; init; }

    /// <summary>Which other entries of the folder that it lies in are hidden as well, also those that come later; by their names.</summary>
    internal Predicate<string>? Others { get; init; }
}
