using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Servo.Infrastructure.Uploads;

/// <summary>
/// A multipart/form-data body (RFC 7578) that carries an archive in its first file part named <c>tgz</c>; read once, part by part.
/// A <see cref="FormatException"/> says in words for the caller what is wrong with it; a body that breaks off throws what the server threw.
/// </summary>
internal sealed class UploadForm
{
    /// <summary>The most bytes of a form besides its archive, those included that were read ahead.</summary>
    public const int MaxOtherBytes = 1024 * 1024;

    private const string PartName = "tgz";
    private const string Advice = "Send the archive with curl -F tgz=@upload.tgz.";

    // RFC 2046 allows 70 characters; 128 is what ASP.NET Core takes elsewhere.
    private const int MaxBoundaryLength = 128;

    // The reader never gives its buffer back to the pool, so it stays below the 85,000 bytes from which the large object heap takes over.
    private const int BufferSize = 64 * 1024;

    private readonly BodyStream _body;
    private readonly MultipartReader _reader;
    private Stream _part = Stream.Null;
    private long _archiveBytes;

    // What to say of a form that goes on for too long, or ends, as it is now.
    private string _problem = $"The form has no file part named '{PartName}'. {Advice}";

    public UploadForm(BodyStream body, string? contentType, long? length)
    {
        _body = body;
        _reader = new MultipartReader(Boundary(contentType), _body, (int)Math.Clamp(length ?? BufferSize, 4096, BufferSize));
    }

    /// <summary>Tells whether a body of this media type is a form.</summary>
    public static bool IsForm(string? contentType) =>
        contentType is not null && contentType.Split(';')[0].Trim().Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    /// <summary>Goes to the archive.</summary>
    public async Task FindArchiveAsync(CancellationToken cancellationToken)
    {
        while (await NextAsync(cancellationToken) is { } disposition)
        {
            if (HeaderUtilities.UnescapeAsQuotedString(Parameter(disposition, "name")) != PartName)
                continue;

            if (Parameter(disposition, "filename").Length > 0 || Parameter(disposition, "filename*").Length > 0)
            {
                _problem = $"The form holds more than {MaxOtherBytes} bytes besides its file part '{PartName}'. {Advice}";
                return;
            }

            _problem = $"The form's part '{PartName}' is a text field and not a file: write -F {PartName}=@upload.tgz, with the '@'.";
        }

        throw new FormatException(_problem);
    }

    /// <summary>Reads the archive; 0 at its end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadArchiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await ReadPartAsync(buffer, cancellationToken);
        _archiveBytes += read;
        return read;
    }

    /// <summary>Reads the rest of the form, after the archive's end, and drops it.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        while (await NextAsync(cancellationToken) is not null)
        {
        }
    }

    /// <summary>
    /// A parameter as it was written; empty where it is not there. The platform's own properties decode what nobody needs here, and throw where they cannot.
    /// </summary>
    private static StringSegment Parameter(ContentDispositionHeaderValue disposition, string name) =>
        NameValueHeaderValue.Find(disposition.Parameters, name)?.Value ?? "";

    // Drops what is left of this part and goes to the next; null at the form's end.
    private async Task<ContentDispositionHeaderValue?> NextAsync(CancellationToken cancellationToken)
    {
        var dropped = new byte[4096];

        while (await ReadPartAsync(dropped, cancellationToken) > 0)
            CheckOtherBytes();

        CheckOtherBytes();

        try
        {
            if (await _reader.ReadNextSectionAsync(cancellationToken) is not { } section)
                return null;

            _part = section.Body;
            return section.GetContentDispositionHeader() ?? new ContentDispositionHeaderValue("form-data");
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(e);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadPartAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _part.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(e);
        }
    }

    // The reader throws an IOException, too, where a body that arrived whole lacks its closing boundary.
    private bool IsDamage(Exception e) => e is InvalidDataException || (e is IOException && _body.Ended);

    private static FormatException Damaged(Exception e) => new($"The form is cut short or damaged. {Advice}", e);

    private void CheckOtherBytes()
    {
        if (_body.Count - _archiveBytes > MaxOtherBytes)
            throw new FormatException(_problem);
    }

    private static string Boundary(string? contentType)
    {
        var boundary = MediaTypeHeaderValue.TryParse(contentType, out var type) ? HeaderUtilities.UnescapeAsQuotedString(type.Boundary).ToString() : "";

        return boundary.Length is >= 1 and <= MaxBoundaryLength
            ? boundary
            : throw new FormatException($"The Content-Type of the form needs a boundary of 1 to {MaxBoundaryLength} characters. {Advice}");
    }
}
