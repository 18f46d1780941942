namespace Servo.Client.Bundles;

/// <summary>An archive that is ready to be sent, from its beginning and as often as it takes. If it was made for that, it is gone on disposal.</summary>
internal sealed class PackedBundle(FileStream content, string signature) : IDisposable
{
    /// <summary>The archive's bytes; seekable.</summary>
    public Stream Content { get; } = content;

    /// <summary>How many there are.</summary>
    public long Length { get; } = content.Length;

    /// <summary>The value of the header <c>X-Signature</c>.</summary>
    public string Signature { get; } = signature;

    public void Dispose() => Content.Dispose();
}
