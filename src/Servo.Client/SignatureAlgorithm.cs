namespace Servo.Client;

/// <summary>The hash function of a signature's HMAC (RFC 2104).</summary>
public enum SignatureAlgorithm
{
    /// <summary>HMAC-SHA-256, which every gateway but an original servo understands.</summary>
    Sha256,

    /// <summary>HMAC-SHA-512, which every gateway but an original servo understands.</summary>
    Sha512,

    /// <summary>HMAC-SHA-1, the only one that an original servo understands.</summary>
    Sha1,
}
