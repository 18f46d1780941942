namespace Servo.Client;

/// <summary>Why a bundle cannot be packed or run.</summary>
public enum BundleError
{
    /// <summary>There is no such folder, file or archive, or it is one of the others.</summary>
    NotFound,

    /// <summary>There is nothing to pack, or everything is excluded.</summary>
    Empty,

    /// <summary>A file or folder cannot be read, or is none that can be packed, such as a pipe.</summary>
    Unreadable,

    /// <summary>A file changed its size while it was packed.</summary>
    FileChanged,

    /// <summary>A name cannot be a name in a bundle.</summary>
    InvalidName,

    /// <summary>Two files would have the same name in the bundle.</summary>
    DuplicateName,

    /// <summary>A link does not lead to something inside the bundle.</summary>
    InvalidLink,

    /// <summary>An archive of a format whose names only the gateway can list, or a damaged one.</summary>
    CannotList,

    /// <summary>A script is not in the bundle.</summary>
    ScriptNotFound,

    /// <summary>A pattern of files to encrypt matches no file.</summary>
    NothingToEncrypt,

    /// <summary>Files are to be encrypted, and no credential was given.</summary>
    CredentialRequired,

    /// <summary>The archive is written into the folder that is packed.</summary>
    OutputInBundle,

    /// <summary>The temporary folder takes no archive.</summary>
    NoTemporarySpace,
}
