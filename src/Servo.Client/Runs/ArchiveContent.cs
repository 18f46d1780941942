using System.Net;
using Servo.Client.Bundles;

namespace Servo.Client.Runs;

/// <summary>An archive as the part of a form, streamed from its file; reports how much of it was sent.</summary>
internal sealed class ArchiveContent(
    PackedBundle archive, IProgress<RunProgress>? progress, CancellationToken cancellationToken) : HttpContent
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Whether a connection was there to write to.</summary>
    public bool Begun { get; private set; }

    /// <summary>Whether all of it was handed to the network, so that the gateway may have it.</summary>
    public bool Completed { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        Begun = true;
        archive.Content.Position = 0;
        var buffer = new byte[BufferSize];
        long sent = 0;

        while (await archive.Content.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            // The last bytes may be on their way as soon as they are handed over.
            Completed = sent + read >= archive.Length;
            await stream.WriteAsync(buffer, 0, read, cancellationToken).ConfigureAwait(false);
            sent += read;
            progress?.Report(new RunProgress.Uploading(sent, archive.Length));
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = archive.Length;
        return true;
    }
}
