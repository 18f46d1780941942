using Servo.Application.Portal;

namespace Servo.Infrastructure.Portal;

/// <summary>Sends each command to the portal that was chosen for it: where that is may change from one to the next.</summary>
internal sealed class PortalAddressHandler : DelegatingHandler
{
    /// <summary>The request's property that holds its <see cref="PortalTarget"/>.</summary>
    public const string Target = "servo.portal";

    /// <summary>Stands where the client wants an address before there is one.</summary>
    public static Uri Anywhere { get; } = new("http://portal.invalid");

    public static PortalTarget TargetOf(HttpRequestMessage request) =>
        request.Options.TryGetValue(new HttpRequestOptionsKey<PortalTarget>(Target), out var target)
            ? target
            : throw new InvalidOperationException("The request names no portal.");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var url = TargetOf(request).Url;
        request.RequestUri = new UriBuilder(url) { Path = url.AbsolutePath.TrimEnd('/') + request.RequestUri!.AbsolutePath }.Uri;
        return base.SendAsync(request, cancellationToken);
    }
}
