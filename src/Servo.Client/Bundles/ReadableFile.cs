namespace Servo.Client.Bundles;

/// <summary>Opens files to pack.</summary>
internal static class ReadableFile
{
    /// <summary>
    /// Opens a regular file; throws <see cref="BundleException"/> for any other kind, and what <see cref="FileStream"/> throws.
    /// </summary>
    public static FileStream Open(string path)
    {
        // A pipe without a writer holds up whoever opens it, unless asked not to block; of what cannot be opened like that, FileStream says
        // why in .NET's terms.
        if (Unix.Flags is not { } flags
            || Unix.Open(Unix.Bytes(path), flags.NonBlocking | flags.CloseOnExec) is not (>= 0 and var descriptor))
            return OpenByName(path);

        if (Unix.IsMono)
        {
            var isRegular = Unix.Seek(descriptor, IntPtr.Zero, Unix.FromCurrent) != new IntPtr(-1);
            _ = Unix.Close(descriptor);
            return isRegular ? OpenByName(path) : throw NotRegular(path);
        }

        var file = new FileStream(Unix.Handle(descriptor), FileAccess.Read, bufferSize: 1, isAsync: false);

        if (file.CanSeek)
            return file;

        file.Dispose();
        throw NotRegular(path);
    }

    public static BundleException Unreadable(string path, Exception cause) =>
        new(BundleError.Unreadable, $"'{path}' cannot be read: {cause.Message.TrimEnd('.')}. Make it readable, or exclude it.", cause)
        {
            Hint = BundleException.Without,
        };

    private static FileStream OpenByName(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan);

    private static BundleException NotRegular(string path) =>
        new(BundleError.Unreadable, $"'{path}' is not a regular file but a pipe or a device. Exclude it.")
        {
            Hint = BundleException.Without,
        };
}
