using System.Net;
using Servo.Application.Portal;
using Servo.Application.Workspaces;

namespace Servo.Infrastructure.Portal;

/// <summary>The multipart body of a command, byte for byte as the script sent it, for one request; for several once it is kept.</summary>
internal sealed class CommandFiles(PortalCommand command) : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private FileStream? _spool;

    /// <summary>Whether the script's side failed to deliver all of the body.</summary>
    public bool BrokeOff { get; private set; }

    /// <summary>Whether the body can only be sent once it is kept: the portal's web server (Werkzeug 0.10) takes a chunked body for an absent one.</summary>
    public bool LacksLength => command is { Files: not null, FilesLength: null };

    // An empty body, not none: .NET's client sends a request that has none up to four times when the connection breaks, whatever its settings.
    private (Stream Stream, long Length) Body =>
        command.Files is null ? (Stream.Null, 0)
        : _spool is { } spool ? (spool, spool.Length)
        : (command.Files, command.FilesLength!.Value);

    /// <summary>Reads all of the body into a temporary file, which is gone after disposal.</summary>
    public async Task KeepAsync(ITemporaryFiles temporary, CancellationToken cancellationToken)
    {
        if (command.Files is null)
            return;

        _spool = temporary.Create();
        var buffer = new byte[BufferSize];

        while (await ReadAsync(command.Files, buffer, cancellationToken) is > 0 and var read)
            await _spool.WriteAsync(buffer.AsMemory(0, read), cancellationToken);

        if (_spool.Length < command.FilesLength)
            throw Shortened();
    }

    /// <summary>The body of one request, under its own Content-Type and always with a Content-Length; empty without files.</summary>
    public HttpContent ToContent() => new Content(this, Body.Length, command.FilesContentType);

    public ValueTask DisposeAsync() => _spool?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task SendAsync(Stream destination, CancellationToken cancellationToken)
    {
        var (source, left) = Body;
        var buffer = new byte[BufferSize];

        if (_spool is not null)
            _spool.Position = 0;

        while (left > 0)
        {
            var read = await ReadAsync(source, buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);

            if (read == 0)
                throw Shortened();

            await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            left -= read;
        }
    }

    private async ValueTask<int> ReadAsync(Stream source, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // Stays true where the read throws.
        BrokeOff = true;
        var read = await source.ReadAsync(buffer, cancellationToken);
        BrokeOff = false;

        return read;
    }

    private EndOfStreamException Shortened()
    {
        BrokeOff = true;
        return new EndOfStreamException("The command's files are shorter than their Content-Length.");
    }

    private sealed class Content : HttpContent
    {
        private readonly CommandFiles _files;
        private readonly long _length;

        public Content(CommandFiles files, long length, string? contentType)
        {
            (_files, _length) = (files, length);

            if (contentType is not null)
                Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _length;
            return true;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            _files.SendAsync(stream, cancellationToken);
    }
}
