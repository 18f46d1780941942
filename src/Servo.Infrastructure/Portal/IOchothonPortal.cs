using Refit;
using Servo.Application.Portal;

namespace Servo.Infrastructure.Portal;

/// <summary>The one call of an Ochothon portal. The answer comes back as soon as its headers are there, with its body unread.</summary>
internal interface IOchothonPortal
{
    /// <summary>Runs a command line at a portal, together with the multipart/form-data body that holds its files, or with an empty body.</summary>
    [Post("/shell")]
    Task<HttpResponseMessage> RunAsync(
        [Header("X-Shell")] string line, [Body] HttpContent files, [Property(PortalAddressHandler.Target)] PortalTarget target,
        CancellationToken cancellationToken);
}
