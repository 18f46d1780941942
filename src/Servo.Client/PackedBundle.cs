namespace Servo.Client;

internal sealed class PackedBundle : IDisposable
{
    public Stream Content { get; } = new MemoryStream();
    public long Length => Content.Length;
    public string Signature { get; } = "";
    public void Dispose() => Content.Dispose();
}
