namespace Servo.Client.Bundles;

/// <summary>An archive that is ready to be sent any number of times; a temporary one is deleted on disposal.</summary>
internal sealed class PackedBundle(FileStream content, string signature) : IDisposable
{
    /// <summary>The archive's bytes; seekable.</summary>
    public Stream Content { get; } = content;

    /// <summary>The archive's length in bytes.</summary>
    public long Length { get; } = content.Length;

    /// <summary>The value of the header <c>X-Signature</c>.</summary>
    public string Signature { get; } = signature;

    public void Dispose() => Content.Dispose();
}
