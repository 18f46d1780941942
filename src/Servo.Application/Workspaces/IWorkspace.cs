namespace Servo.Application.Workspaces;

/// <summary>
/// The private directory of one run: mode 0700, with an unguessable name; deleted, with all that is in it, on disposal. Disposal throws nothing: what cannot be
/// deleted is the operator's to know and changes no run's outcome.
/// </summary>
public interface IWorkspace : IAsyncDisposable
{
    /// <summary>Where the upload is spooled; no file is there at first.</summary>
    string ArchivePath { get; }

    /// <summary>Where the archive is unpacked and the scripts run; exists and is empty at first.</summary>
    string BundleDirectory { get; }

    /// <summary>The scripts' HOME; exists and is empty at first.</summary>
    string HomeDirectory { get; }

    /// <summary>The scripts' TMPDIR; exists and is empty at first.</summary>
    string TemporaryDirectory { get; }

    /// <summary>Where Servo keeps files of its own for the run; exists and is empty at first.</summary>
    string ScratchDirectory { get; }

    /// <summary>Holds on to the directory, at a descriptor's cost, before a script may move it: it is deleted wherever it is then.</summary>
    /// <exception cref="IOException">It is not there any more.</exception>
    void Open();
}

/// <summary>Makes workspaces.</summary>
public interface IWorkspaceFactory
{
    /// <summary>The host's directory that holds them, for the operator.</summary>
    string Location { get; }

    /// <summary>Makes a new workspace; an <see cref="IOException"/> says that the configured root cannot hold one.</summary>
    IWorkspace Create();
}
