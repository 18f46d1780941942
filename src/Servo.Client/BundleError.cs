namespace Servo.Client;

/// <summary>Why a bundle cannot be packed or run.</summary>
public enum BundleError
{
    /// <summary>The folder, file or archive does not exist, or is of another kind.</summary>
    NotFound,

    /// <summary>There is nothing to pack, or everything is excluded.</summary>
    Empty,

    /// <summary>A file or folder cannot be read, or is of a kind that cannot be packed, such as a pipe.</summary>
    Unreadable,

    /// <summary>A file changed its size while it was packed.</summary>
    FileChanged,

    /// <summary>A name is not allowed in a bundle.</summary>
    InvalidName,

    /// <summary>Two files would have the same name in the bundle.</summary>
    DuplicateName,

    /// <summary>A link does not lead to something inside the bundle.</summary>
    InvalidLink,

    /// <summary>The archive is damaged, or only the gateway can list its format.</summary>
    CannotList,

    /// <summary>A script is not in the bundle.</summary>
    ScriptNotFound,

    /// <summary>A pattern of files to encrypt matches no file.</summary>
    NothingToEncrypt,

    /// <summary>Files must be encrypted, and no credential was given.</summary>
    CredentialRequired,

    /// <summary>The archive is written into the folder that is packed.</summary>
    OutputInBundle,

    /// <summary>The archive cannot be written to the temporary folder.</summary>
    NoTemporarySpace,
}
