using Servo.Domain;

namespace Servo.Application.Portal;

/// <summary>The cluster's portal: runs one command line and answers with a JSON object of <c>ok</c>, <c>ms</c> and <c>out</c>.</summary>
public interface IPortal
{
    /// <summary>Where its commands go, behind "commands go to".</summary>
    string Description { get; }

    /// <summary>
    /// Sends the command once: never again where it may have been carried out. One that the portal refused for its signature was not, and goes out once more
    /// where the portal turns out to have another token by now. No time limit but <paramref name="cancellationToken"/>. A portal that cannot be reached,
    /// breaks off or does not answer 200 is <see cref="Refusal.PortalUnavailable"/> with a sentence that names its address.
    /// </summary>
    Task<Result<PortalAnswer>> SendAsync(PortalCommand command, CancellationToken cancellationToken);
}

/// <summary>A command line with the files that go with it.</summary>
/// <param name="Line">The line.</param>
/// <param name="Files">The multipart/form-data body that holds the files, untouched, or <see langword="null"/>; read once.</param>
/// <param name="FilesContentType">The body's media type with its boundary; set when <paramref name="Files"/> is.</param>
/// <param name="FilesLength">The body's length in bytes where it is known beforehand: a portal needs it, so a body without it is spooled first.</param>
public sealed record PortalCommand(PortalCommandLine Line, Stream? Files = null, string? FilesContentType = null, long? FilesLength = null);

/// <summary>The portal's answer, untouched, as it arrives.</summary>
/// <param name="content">The body; disposed with the answer.</param>
/// <param name="contentType">Its media type.</param>
/// <param name="owner">What else ends with the answer, such as the response that carries it.</param>
public sealed class PortalAnswer(Stream content, string contentType, IDisposable? owner = null) : IAsyncDisposable
{
    /// <summary>The body; read once.</summary>
    public Stream Content => content;

    /// <summary>The body's media type.</summary>
    public string ContentType => contentType;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        owner?.Dispose();
    }
}
