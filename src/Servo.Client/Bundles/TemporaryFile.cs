namespace Servo.Client.Bundles;

/// <summary>A file that only this user can read and that is deleted when it is closed, at the latest when the process ends.</summary>
internal static class TemporaryFile
{
    public static FileStream Create()
    {
        if (Unix.Flags is not { } flags)
        {
            // A user's own temporary folder, as Windows has one, needs no mode.
            var path = Path.Combine(Path.GetTempPath(), $"servo-{Guid.NewGuid():N}");

            return new FileStream(
                path,
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        }

        // mkostemp gives mode 0600 from the first moment on every target; without its name the file goes with its last handle, even if the
        // process is killed.
        var template = Unix.Bytes(Path.Combine(Path.GetTempPath(), "servo-XXXXXX"));
        var descriptor = Unix.MakeTemporary(template, flags.CloseOnExec);

        if (descriptor < 0)
            throw new BundleException(
                BundleError.NoTemporarySpace,
                $"No file can be created in the temporary folder '{Path.GetTempPath()}'. Free space, make it writable, or set TMPDIR to "
                    + "another folder.");

        // Reopened by its name, as Mono makes no stream of a descriptor.
        _ = Unix.Close(descriptor);
        var name = System.Text.Encoding.UTF8.GetString(template, 0, template.Length - 1);
        var file = new FileStream(name, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, useAsync: false);
        File.Delete(name);
        return file;
    }
}
