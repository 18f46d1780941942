using System.Net.Sockets;
using Servo.Application.Portal;
using Servo.Domain;

namespace Servo.Infrastructure.Portal;

/// <summary>Says in a sentence what came between a command and its answer; names the portal's address without the credentials that may be in it.</summary>
/// <param name="url">The portal's address.</param>
/// <param name="whyOutdated">Why it may no longer be, or <see langword="null"/>.</param>
internal sealed class PortalFailures(Uri url, string? whyOutdated)
{
    private readonly string _address = url.Authority;
    private readonly string _outdated = whyOutdated is null ? "" : $"; {whyOutdated}";

    public static Refusal FilesBrokeOff => new Refusal.PortalUnavailable("the files of the command broke off before the portal had all of them");

    /// <summary>Whether an exception tells of the way to the portal rather than of a fault in the program.</summary>
    public static bool IsOne(Exception exception) =>
        exception is HttpRequestException or Refit.ApiRequestException or IOException or OperationCanceledException;

    public Refusal NoPortal => Unavailable($"what answers @ {_address} is not an Ochothon portal: it sent HTML (check {PortalOptions.UrlKey})");

    public Refusal Status(int status) => Unavailable($"the portal @ {_address} answered HTTP {status} (check {PortalOptions.UrlKey})");

    public Refusal Of(Exception exception) => Cause(exception) switch
    {
        // Only the connect timeout cancels a request that its caller did not cancel.
        OperationCanceledException => Unavailable(
            $"is the portal @ {_address} down ? (no connection within {PortalConnection.Timeout.TotalSeconds:0.#} seconds){_outdated}"),

        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            Unavailable($"the portal @ {_address} has no address: its name does not resolve (check {PortalOptions.UrlKey})"),

        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: var inner } => Unavailable(
            $"is the portal @ {_address} down ? "
            + $"({(inner is SocketException socket ? socket.Message.ToLowerInvariant() : "no connection")}){_outdated}"),

        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            Unavailable($"the portal @ {_address} offers no TLS connection that can be trusted (check {PortalOptions.UrlKey})"),

        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } =>
            Unavailable($"what answers @ {_address} is not an Ochothon portal: it does not speak HTTP (check {PortalOptions.UrlKey})"),

        _ => Unavailable($"the portal @ {_address} broke off before it answered; the command may have been carried out"),
    };

    // Refit wraps what went wrong below it.
    private static Exception Cause(Exception exception) =>
        exception is Refit.ApiRequestException { InnerException: { } inner } ? inner : exception;

    private static Refusal.PortalUnavailable Unavailable(string sentence) => new(sentence);
}
