using System.Net;
using Servo.Application.Portal;
using Servo.Domain;

namespace Servo.Infrastructure.Portal;

/// <summary>Sends commands to a real Ochothon portal, each once and over a connection of its own, and hands the answer on as it arrives.</summary>
internal sealed class OchothonPortal(IOchothonPortal portal, IPortalDirectory directory, string spoolDirectory) : IPortal
{
    public async Task<Result<PortalAnswer>> SendAsync(PortalCommand command, CancellationToken cancellationToken)
    {
        // The line travels in a header: a line break would start another one (CWE-113), and Refit would quietly send another line than this.
        if (BreaksHeader(command.Line))
            return new Rejection.Malformed("The command line holds a line break or a NUL character.");

        if (command.Files is not null && (command.FilesContentType is not { } contentType || BreaksHeader(contentType)))
            return new Rejection.Malformed("The command's files come without a usable Content-Type. Send them as multipart/form-data with its boundary.");

        if (directory.Current is not { } target)
            return new Rejection.PortalUnavailable(directory.WhyNone);

        var failures = new PortalFailures(target.Url);
        using var files = await CommandFiles.OfAsync(command, spoolDirectory, cancellationToken);

        try
        {
            return await AcceptAsync(await portal.RunAsync(command.Line, files, target, cancellationToken), failures, cancellationToken);
        }
        catch (Exception e) when (PortalFailures.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            return files.BrokeOff ? PortalFailures.FilesBrokeOff : failures.Of(e);
        }
    }

    private static async Task<Result<PortalAnswer>> AcceptAsync(HttpResponseMessage response, PortalFailures failures, CancellationToken cancellationToken)
    {
        var mediaType = response.Content.Headers.ContentType;

        if (Refuse(response.StatusCode, mediaType?.MediaType, failures) is { } rejection)
        {
            response.Dispose();
            return rejection;
        }

        return new PortalAnswer(await response.Content.ReadAsStreamAsync(cancellationToken), mediaType?.ToString() ?? "application/json", response);
    }

    // A portal answers 200 whatever became of the command. HTML comes from something else that happens to listen at the address.
    private static Rejection? Refuse(HttpStatusCode status, string? mediaType, PortalFailures failures) =>
        status != HttpStatusCode.OK ? failures.Status((int)status)
        : string.Equals(mediaType, "text/html", StringComparison.OrdinalIgnoreCase) ? failures.NoPortal
        : null;

    private static bool BreaksHeader(string value) => value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0;
}
