namespace Servo.Client.Bundles;

/// <summary>Opens files that are to be packed.</summary>
internal static class ReadableFile
{
    /// <summary>Opens a regular file; throws <see cref="BundleException"/> for what is none, and what <see cref="FileStream"/> throws.</summary>
    public static FileStream Open(string path)
    {
        var file = OpenAnything(path);

        if (file.CanSeek)
            return file;

        file.Dispose();
        throw new BundleException($"'{path}' is not a regular file but a pipe or a device. Exclude it with a pattern.");
    }

    public static BundleException Unreadable(string path, Exception cause) =>
        new($"'{path}' cannot be read: {cause.Message.TrimEnd('.')}. Make it readable, or exclude it with a pattern.", cause);

    // A pipe without a writer holds up whoever opens it, unless asked not to block; of what cannot be opened like that, FileStream says why in .NET's terms.
    private static FileStream OpenAnything(string path)
    {
        if (Unix.Flags is { } flags && Unix.Open(Unix.Bytes(path), flags.NonBlocking | flags.CloseOnExec) is >= 0 and var descriptor)
            return new FileStream(Unix.Handle(descriptor), FileAccess.Read, bufferSize: 1, isAsync: false);

        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan);
    }
}
