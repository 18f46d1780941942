namespace Servo.Infrastructure.Archives;

/// <summary>What the headers of a tar entry say of it, taken together.</summary>
/// <param name="Type">The type flag, <c>5</c> also for the folders of writers older than POSIX, which are files whose names end in a slash.</param>
/// <param name="Name">Its path.</param>
/// <param name="Target">Where a link points.</param>
/// <param name="Mode">Permissions.</param>
/// <param name="Size">Bytes of data that follow the headers.</param>
internal sealed record TarEntry(char Type, string Name, string Target, int Mode, long Size)
{
    /// <summary>Whether the data are those parts of a file that are not holes.</summary>
    public bool IsSparse { get; init; }
}
