namespace Servo.Client.Runs;

/// <summary>The gateway's address and the client that sends requests to it.</summary>
internal sealed class Gateway
{
    // One for the whole program: connections are not kept between runs, and no state is shared.
    private static readonly HttpClient _shared = CreateClient();

    private readonly Uri _base;

    public Gateway(Uri address) : this(address, _shared, CanSendUtf8) => IsShared = true;

    public Gateway(Uri address, HttpClient http, bool sendsUtf8)
    {
        Guard.NotNull(address, nameof(address));
        Guard.NotNull(http, nameof(http));

        if (!address.IsAbsoluteUri || (address.Scheme != "http" && address.Scheme != "https"))
            throw new ArgumentException(
                $"The gateway's address '{address}' must be an absolute http or https URL, such as https://servo.example:5000.",
                nameof(address));

        (Http, SendsUtf8) = (http, sendsUtf8);
        _base = new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        Name = $"{address.Scheme}://{address.Authority}{_base.AbsolutePath.TrimEnd('/')}";
    }

    public HttpClient Http { get; }

    /// <summary>Whether the <see cref="HttpClient"/> is the library's own.</summary>
    public bool IsShared { get; }

    /// <summary>Whether headers may hold more than ASCII.</summary>
    public bool SendsUtf8 { get; }

    /// <summary>The address as messages show it, without a password that it may hold.</summary>
    public string Name { get; }

    public Uri RunsAddress(string rest) => new(_base, $"runs{rest}");

    public Uri RunAddress(ScriptNames scripts) => new(_base, $"run/{scripts.Segment}");

#if NET
    private const bool CanSendUtf8 = true;

    private static HttpClient CreateClient() =>
        new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            Expect100ContinueTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
#else
    private const bool CanSendUtf8 = false;

    private static HttpClient CreateClient() =>
        new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };
#endif
}
