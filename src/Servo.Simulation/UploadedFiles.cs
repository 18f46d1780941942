using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Servo.Simulation;

/// <summary>A file that came with a command.</summary>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Content">Its bytes, or <see langword="null"/> where they are too many to be a definition.</param>
internal sealed record UploadedFile(long Length, byte[]? Content);

/// <summary>The files that came with a command, under the names of their parts; only small ones are kept, as only definitions are ever read.</summary>
internal sealed class UploadedFiles
{
    /// <summary>The largest definition in bytes; it bounds the work that reading one takes.</summary>
    public const int MaxDefinition = 256 * 1024;

    private const int MaxKept = 16 * 1024 * 1024;

    private readonly Dictionary<string, UploadedFile> _files = new(StringComparer.Ordinal);
    private int _kept;

    public UploadedFile? Find(string name) => _files.GetValueOrDefault(name);

    /// <summary>Reads all parts that are files, or <see langword="null"/> where the body is not multipart.</summary>
    public static async Task<UploadedFiles?> ReadAsync(Stream? body, string? contentType, CancellationToken cancellationToken)
    {
        var files = new UploadedFiles();

        if (body is null)
            return files;

        if (!MediaTypeHeaderValue.TryParse(contentType, out var mediaType)
            || HeaderUtilities.RemoveQuotes(mediaType.Boundary).Value is not { Length: > 0 } boundary)
            return null;

        try
        {
            var reader = new MultipartReader(boundary, body);

            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.AsFileSection() is { Name: { Length: > 0 } name, FileStream: { } content })
                    files._files[name] = await files.ReadAsync(content, cancellationToken);
            }

            return files;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    private async Task<UploadedFile> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        var length = 0L;

        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if ((length += read) <= MaxDefinition)
                kept.Write(buffer, 0, read);
        }

        return length <= MaxDefinition && (_kept += (int)length) <= MaxKept ? new UploadedFile(length, kept.ToArray()) : new UploadedFile(length, null);
    }
}
