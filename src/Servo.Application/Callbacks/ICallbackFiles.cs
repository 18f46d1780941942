namespace Servo.Application.Callbacks;

/// <summary>Puts the files of callbacks among those of a run, and knows a file again under any name.</summary>
public interface ICallbackFiles
{
    /// <summary>Identifies the file that a path leads to, through links; <see langword="null"/> where there is none.</summary>
    FileIdentity? Identify(string path);

    /// <summary>
    /// Gives the file at <paramref name="arrived"/> the name <paramref name="path"/> at once; <see langword="false"/> where anything has that name, also a
    /// broken link.
    /// </summary>
    bool TryPlace(string arrived, string path);

    /// <summary>
    /// Puts the file at <paramref name="arrived"/> in the place of the one at <paramref name="path"/>, so that a file is there at every moment;
    /// <see langword="false"/>, with nothing replaced, unless that is the file <paramref name="expected"/> itself. What is at <paramref name="arrived"/>
    /// afterwards is of no more use.
    /// </summary>
    bool TryReplace(string arrived, string path, FileIdentity expected);
}

/// <summary>A file whatever its names: its number, and when it was made, as a number is used again once its file is gone.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Number, long Seconds, uint Nanoseconds);
