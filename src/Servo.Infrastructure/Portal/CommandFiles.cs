using System.Net;
using Servo.Application.Portal;

namespace Servo.Infrastructure.Portal;

/// <summary>The multipart body of a command, byte for byte as the script sent it, under its own Content-Type and always with a Content-Length; empty without files.</summary>
internal sealed class CommandFiles : HttpContent
{
    private readonly Stream _files;
    private readonly long _length;
    private readonly IDisposable? _spool;

    private CommandFiles(Stream files, long length, string? contentType, IDisposable? spool)
    {
        (_files, _length, _spool) = (files, length, spool);

        if (contentType is not null)
            Headers.TryAddWithoutValidation("Content-Type", contentType);
    }

    /// <summary>Whether the script's side failed to deliver all of the body.</summary>
    public bool BrokeOff { get; private set; }

    public static async Task<CommandFiles> OfAsync(PortalCommand command, string spoolDirectory, CancellationToken cancellationToken)
    {
        // An empty body, not none: .NET's client sends a request that has none up to four times when the connection breaks, whatever its settings.
        if (command.Files is not { } files)
            return new CommandFiles(Stream.Null, 0, null, null);

        if (command.FilesLength is { } length)
            return new CommandFiles(files, length, command.FilesContentType, null);

        // The portal's web server (Werkzeug 0.10) takes a chunked body for an absent one, so the length must be known before the first byte goes out.
        var spool = await SpoolAsync(files, spoolDirectory, cancellationToken);
        return new CommandFiles(spool, spool.Length, command.FilesContentType, spool);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var left = _length;

        while (left > 0)
        {
            var read = await ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            left -= read;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _spool?.Dispose();

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        BrokeOff = true;
        var read = await _files.ReadAsync(buffer, cancellationToken);
        BrokeOff = read == 0;

        return read > 0 ? read : throw new EndOfStreamException("The command's files are shorter than their Content-Length.");
    }

    private static async Task<FileStream> SpoolAsync(Stream files, string directory, CancellationToken cancellationToken)
    {
        var spool = PrivateFile.CreateTemporary(directory);

        try
        {
            await files.CopyToAsync(spool, cancellationToken);
            spool.Position = 0;
            return spool;
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }
}
