using System.Security.Cryptography;
using System.Text;

namespace Servo.Infrastructure.Portal;

/// <summary>
/// Signs each command line with its portal's token: <c>X-Signature: sha1=</c>
/// and the HMAC in lower-case hexadecimal. Without a token nothing is signed.
/// </summary>
internal sealed class PortalSigningHandler : DelegatingHandler
{
    /// <summary>The signature of a line as the portal receives it: blanks around a header's value do not arrive.</summary>
    public static string Sign(string token, string line)
    {
        var hmac = HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(line.Trim(' ', '\t')));
        return $"sha1={Convert.ToHexStringLower(hmac)}";
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (PortalAddressHandler.TargetOf(request).Token is { Length: > 0 } token)
            request.Headers.Add("X-Signature", Sign(token, request.Headers.NonValidated["X-Shell"].ToString()));

        return base.SendAsync(request, cancellationToken);
    }
}
