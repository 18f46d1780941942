using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Servo.Application;

namespace Servo.AspNetCore.Endpoints;

/// <summary>
/// Knows requests of holders of the servo token: <c>X-Timestamp</c> is the time of the request in seconds since 1970, and
/// <c>X-Signature</c> is <c>sha256=</c> with the HMAC of method, line feed, target as sent, line feed, timestamp.
/// </summary>
internal sealed class SignedRequests(IOptions<GatewayOptions> options, TimeProvider time)
{
    private const string Scheme = "sha256=";

    /// <summary>How far the clocks may differ, in seconds.</summary>
    private const long Window = 300;

    public bool IsSigned(HttpRequest request)
    {
        var timestamp = request.Headers["X-Timestamp"].ToString();
        var claimed = request.Headers["X-Signature"].ToString();

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var sent)
            || Math.Abs((decimal)time.GetUtcNow().ToUnixTimeSeconds() - sent) > Window
            || !claimed.StartsWith(Scheme, StringComparison.Ordinal))
            return false;

        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Value.Token), Encoding.UTF8.GetBytes($"{request.Method}\n{target}\n{timestamp}"));
        var digest = new byte[expected.Length];

        return Convert.FromHexString(claimed.AsSpan(Scheme.Length), digest, out var read, out var written) == System.Buffers.OperationStatus.Done
            && read == claimed.Length - Scheme.Length
            && written == digest.Length
            && CryptographicOperations.FixedTimeEquals(expected, digest);
    }
}
