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

    internal ServoClientOptions Copy() => (ServoClientOptions)MemberwiseClone();

    internal void Validate()
    {
        if (MaxRetries < 0)
            throw new ArgumentException($"{nameof(ServoClientOptions)}.{nameof(MaxRetries)} is {MaxRetries}: it must be at least 0.");

        if (MaxRetryDelay < TimeSpan.Zero)
            throw new ArgumentException($"{nameof(ServoClientOptions)}.{nameof(MaxRetryDelay)} is {MaxRetryDelay}: it must be at least zero.");
    }
}
