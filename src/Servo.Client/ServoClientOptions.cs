namespace Servo.Client;

/// <summary>How a client signs and retries; it takes a copy when it is made.</summary>
public sealed class ServoClientOptions
{
    /// <summary>The algorithm of signatures.</summary>
    /// <value><see cref="SignatureAlgorithm.Sha256"/> by default; an original servo needs <see cref="SignatureAlgorithm.Sha1"/>.</value>
    public SignatureAlgorithm Algorithm { get; set; } = SignatureAlgorithm.Sha256;

    /// <summary>How often a request is sent again where nothing can have started: no connection was made, the upload broke off, or the gateway is busy or stopping.</summary>
    /// <value>3 by default; at least 0.</value>
    public int MaxRetries { get; set; } = 3;

    /// <summary>The longest pause before a retry; a gateway that asks for a longer one (Retry-After, RFC 9110, section 10.2.3) is not asked again.</summary>
    /// <value>One minute by default; at least zero.</value>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the <see cref="HttpClient"/> that a client is given encodes headers as UTF-8, as with <c>SocketsHttpHandler.RequestHeaderEncodingSelector</c>; else values of variables beyond ASCII are refused.</summary>
    /// <value><see langword="false"/> by default; without meaning where the client has its own <see cref="HttpClient"/>, which does so on .NET 10.</value>
    public bool HttpClientSendsUtf8 { get; set; }

    /// <summary>Waits, for the silence of a gateway; a test knows when.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Delay { get; set; } = Task.Delay;

    internal ServoClientOptions Copy() => (ServoClientOptions)MemberwiseClone();

    internal void Validate()
    {
        if (MaxRetries < 0)
            throw new ArgumentException($"{nameof(ServoClientOptions)}.{nameof(MaxRetries)} is {MaxRetries}: it must be at least 0.");

        if (MaxRetryDelay < TimeSpan.Zero)
            throw new ArgumentException($"{nameof(ServoClientOptions)}.{nameof(MaxRetryDelay)} is {MaxRetryDelay}: it must be at least zero.");
    }
}
