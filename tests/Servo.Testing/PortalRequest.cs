using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Servo.Testing;

/// <summary>A command as it reached a <see cref="PortalServer"/>.</summary>
public sealed class PortalRequest
{
    private const int MaxKept = 8 * 1024 * 1024;

    private readonly byte[] _line;
    private readonly CancellationToken _aborted;

    private PortalRequest(HttpContext context, byte[] body, long length, IReadOnlyList<PortalFile> files)
    {
        Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        HasLine = Headers.ContainsKey("X-Shell");
        _line = Encoding.Latin1.GetBytes(Headers.GetValueOrDefault("X-Shell", ""));
        _aborted = context.RequestAborted;
        (Body, BodyLength, Files) = (body, length, files);
    }

    /// <summary>The command line, its bytes read as UTF-8.</summary>
    public string Line => Encoding.UTF8.GetString(_line);

    /// <summary>The signature header as it came, or <see langword="null"/>.</summary>
    public string? Signature => Headers.GetValueOrDefault("X-Signature");

    /// <summary>All headers, each byte of a value as one character.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body as it came; empty where it is larger than 8 MiB, and then its files are, too.</summary>
    public IReadOnlyList<byte> Body { get; }

    /// <summary>How many bytes the body had.</summary>
    public long BodyLength { get; }

    /// <summary>The file parts of the body, in their order.</summary>
    public IReadOnlyList<PortalFile> Files { get; }

    /// <summary>Whether there was a command line at all.</summary>
    public bool HasLine { get; }

    /// <summary>Ends when the other side is gone.</summary>
    public Task WhenAborted
    {
        get
        {
            var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _aborted.Register(aborted.SetResult);
            return aborted.Task;
        }
    }

    internal bool IsSignedWith(string token) =>
        Signature == $"sha1={Convert.ToHexStringLower(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), _line))}";

    internal static async Task<PortalRequest> ReadAsync(HttpContext context)
    {
        // Werkzeug 0.10, on which the portal runs, reads nothing from a body without a Content-Length.
        var keeps = context.Request.ContentLength is <= MaxKept;
        var kept = new MemoryStream();
        var buffer = new byte[64 * 1024];
        var length = 0L;

        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            length += read;

            if (keeps)
                kept.Write(buffer, 0, read);
        }

        var body = kept.ToArray();
        return new PortalRequest(context, body, length, await FilesAsync(context.Request.ContentType, body));
    }

    private static async Task<IReadOnlyList<PortalFile>> FilesAsync(string? contentType, byte[] body)
    {
        var files = new List<PortalFile>();

        if (body.Length == 0 || !MediaTypeHeaderValue.TryParse(contentType, out var mediaType) || mediaType.MediaType != "multipart/form-data")
            return files;

        var reader = new MultipartReader(HeaderUtilities.RemoveQuotes(mediaType.Boundary).ToString(), new MemoryStream(body));

        while (await reader.ReadNextSectionAsync() is { } section)
        {
            if (section.AsFileSection() is not { FileStream: { } content } file)
                continue;

            var bytes = new MemoryStream();
            await content.CopyToAsync(bytes);
            files.Add(new PortalFile(file.Name, file.FileName, bytes.ToArray()));
        }

        return files;
    }
}

/// <summary>A file that came with a command; the portal goes by the name of its part.</summary>
public sealed record PortalFile(string Name, string FileName, IReadOnlyList<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString([.. Bytes]);
}
