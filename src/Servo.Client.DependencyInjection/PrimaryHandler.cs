#if NET
using System.Text;
#endif

namespace Servo.Client.DependencyInjection;

/// <summary>The handler that connects unless the program configures another.</summary>
internal static class PrimaryHandler
{
#if NET
    /// <summary>
    /// As the client's own: redirects would turn an upload into a GET without its body, and values of variables go as UTF-8.
    /// </summary>
    public static HttpMessageHandler Create() => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        Expect100ContinueTimeout = TimeSpan.FromSeconds(2),
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    };

    /// <summary>Whether the innermost handler, which the program may have replaced, encodes headers as UTF-8.</summary>
    public static bool SendsUtf8(HttpMessageHandler handler)
    {
        while (handler is DelegatingHandler { InnerHandler: { } inner })
            handler = inner;

        using var request = new HttpRequestMessage();
        return handler is SocketsHttpHandler { RequestHeaderEncodingSelector: { } encoding } && encoding("X-Var-", request) is UTF8Encoding;
    }
#else
    /// <summary>As the client's own: redirects would turn an upload into a GET without its body.</summary>
    public static HttpMessageHandler Create() => new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };

    /// <summary>Nothing here can be told which encoding to use.</summary>
    public static bool SendsUtf8(HttpMessageHandler _) => false;
#endif
}
