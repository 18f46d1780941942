using System.Net;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Workspaces;
using Servo.Domain;

namespace Servo.Infrastructure.Portal;

/// <summary>Sends commands to a real Ochothon portal, over a connection for each, and hands the answer on as it arrives.</summary>
internal sealed class OchothonPortal(IOchothonPortal portal, IPortalDirectory directory, ITemporaryFiles temporary) : IPortal
{
    public string Description => directory.Description;

    public async Task<Result<PortalAnswer>> SendAsync(PortalCommand command, CancellationToken cancellationToken)
    {
        if (command.Files is not null && (command.FilesContentType is not { } contentType || BreaksHeader(contentType)))
            return new Refusal.Malformed("The command's files come without a usable Content-Type. Send them as multipart/form-data with its boundary.");

        if (directory.Current is not { } target)
            return new Refusal.PortalUnavailable(directory.WhyNone);

        await using var files = new CommandFiles(command);

        // What may go out a second time has to be at hand then.
        if ((files.LacksLength || directory.IsRenewable) && await KeepAsync(files, cancellationToken) is { } unkept)
            return unkept;

        // Taken last, as it may have changed while the files came.
        target = directory.Current ?? target;
        var sent = await SendAsync(command.Line, files, target, cancellationToken);

        // Once only: whatever the second answer is, it stands.
        if (sent.Value is { IsRefused: true } refused && await directory.RenewAsync(target, cancellationToken) is { } renewed)
        {
            await refused.Answer.DisposeAsync();
            sent = await SendAsync(command.Line, files, renewed, cancellationToken);
        }

        return sent.TryGet(out var accepted, out var refusal) ? accepted.Answer : refusal;
    }

    private async Task<Refusal?> KeepAsync(CommandFiles files, CancellationToken cancellationToken)
    {
        try
        {
            await files.KeepAsync(temporary, cancellationToken);
            return null;
        }
        catch (IOException e) when (!cancellationToken.IsCancellationRequested && !DiskSpace.IsLacking(e))
        {
            return files.BrokeOff
                ? PortalFailures.FilesBrokeOff
                : new Refusal.PortalUnavailable($"the files of the command cannot be kept until they are sent: {e.Message}");
        }
    }

    private async Task<Result<Sent>> SendAsync(PortalCommandLine line, CommandFiles files, PortalTarget target, CancellationToken cancellationToken)
    {
        try
        {
            using var content = files.ToContent();
            return await AcceptAsync(await portal.RunAsync(line.Text, content, target, cancellationToken), target, cancellationToken);
        }
        catch (Exception e) when (PortalFailures.IsOne(e) && !cancellationToken.IsCancellationRequested)
        {
            return files.BrokeOff ? PortalFailures.FilesBrokeOff : Failures(target).Of(e);
        }
    }

    private async Task<Result<Sent>> AcceptAsync(HttpResponseMessage response, PortalTarget target, CancellationToken cancellationToken)
    {
        var mediaType = response.Content.Headers.ContentType;

        if (Refuse(response.StatusCode, mediaType?.MediaType, Failures(target)) is { } refusal)
        {
            response.Dispose();
            return refusal;
        }

        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var isRefused = false;

            if (directory.IsRenewable && (response.Content.Headers.ContentLength is null or <= SignatureRefusal.MaxBytes))
                (isRefused, stream) = await SignatureRefusal.LookAsync(stream, cancellationToken);

            return new Sent(new PortalAnswer(stream, mediaType?.ToString() ?? "application/json", response), isRefused);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private PortalFailures Failures(PortalTarget target) => new(target.Url, directory.WhyOutdated);

    // A portal answers 200 whatever became of the command. HTML comes from something else that happens to listen at the address.
    private static Refusal? Refuse(HttpStatusCode status, string? mediaType, PortalFailures failures) =>
        status != HttpStatusCode.OK ? failures.Status((int)status)
        : string.Equals(mediaType, "text/html", StringComparison.OrdinalIgnoreCase) ? failures.NoPortal
        : null;

    private static bool BreaksHeader(string value) => value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0;

    /// <summary>What came back, and whether it is a refusal of the signature alone, so that nothing was run.</summary>
    private sealed record Sent(PortalAnswer Answer, bool IsRefused);
}
