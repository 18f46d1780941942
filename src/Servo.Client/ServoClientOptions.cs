namespace Servo.Client;

/// <summary>The options of a client, which copies them when it is created.</summary>
public sealed class ServoClientOptions
{
    /// <summary>The algorithm of signatures.</summary>
    /// <value><see cref="SignatureAlgorithm.Sha256"/> by default; an original servo needs <see cref="SignatureAlgorithm.Sha1"/>.</value>
    public SignatureAlgorithm Algorithm { get; set; } = SignatureAlgorithm.Sha256;

    /// <summary>
    /// How often a request is retried when no run can have started: the connection failed, the upload broke off, or the gateway is busy or
    /// stopping.
    /// </summary>
    /// <value>3 by default; at least 0.</value>
    public int MaxRetries { get; set; } = 3;

    /// <summary>
    /// The longest delay before a retry. If the gateway asks for a longer one (Retry-After, RFC 9110, section 10.2.3), the request is not
    /// retried.
    /// </summary>
    /// <value>One minute by default; at least zero.</value>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether the <see cref="HttpClient"/> passed to the client encodes headers as UTF-8, as with
    /// <c>SocketsHttpHandler.RequestHeaderEncodingSelector</c>. If not, non-ASCII values of variables are refused.
    /// </summary>
    /// <value>
    /// <see langword="false"/> by default; ignored if the client uses its own <see cref="HttpClient"/>, which encodes them as UTF-8 on .NET
    /// 10.
    /// </value>
    public bool HttpClientSendsUtf8 { get; set; }

    /// <summary>
    /// How long a call tries to follow its run again when the connection breaks or the gateway falls silent, counted from the last answer;
    /// after that it throws <see cref="ServoRequestException"/>. No line is lost or doubled by it, also where the gateway was restarted.
    /// Only a gateway that numbers its events can resume them.
    /// </summary>
    /// <value>Two minutes by default; at least zero, which turns it off.</value>
    public TimeSpan ReconnectTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Waits for the heartbeat timeout, and before a retry; a test replaces it.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Delay { get; set; } = Task.Delay;

    internal ServoClientOptions Copy() => (ServoClientOptions)MemberwiseClone();

    internal void Validate()
    {
        if (MaxRetries < 0)
            throw new ArgumentException($"{nameof(ServoClientOptions)}.{nameof(MaxRetries)} is {MaxRetries}: it must be at least 0.");

        if (MaxRetryDelay < TimeSpan.Zero)
            throw new ArgumentException(
                $"{nameof(ServoClientOptions)}.{nameof(MaxRetryDelay)} is {MaxRetryDelay}: it must be at least zero.");

        if (ReconnectTimeout < TimeSpan.Zero)
            throw new ArgumentException(
                $"{nameof(ServoClientOptions)}.{nameof(ReconnectTimeout)} is {ReconnectTimeout}: it must be at least zero.");
    }
}
