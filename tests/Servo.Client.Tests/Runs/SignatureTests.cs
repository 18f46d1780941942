using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>What the client signs, openssl agrees with.</summary>
public sealed class SignatureTests : IDisposable
{
    private const string Token = "edAZR8atfOahd7tfPnVo3xpJX+ks6wsV";
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SignatureAlgorithm.Sha1, "sha1", 0)]
    [InlineData(SignatureAlgorithm.Sha1, "sha1", 300_000)]
    [InlineData(SignatureAlgorithm.Sha256, "sha256", 1)]
    [InlineData(SignatureAlgorithm.Sha256, "sha256", 131_072)]
    [InlineData(SignatureAlgorithm.Sha512, "sha512", 131_073)]
    public async Task Agrees_with_openssl(SignatureAlgorithm algorithm, string name, int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var path = _folder.File("x.tgz");
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        var printed = await ChildProcess.RunAsync(_folder.Path, "openssl", "dgst", $"-{name}", "-hmac", Token, path);
        var expected = $"{name}={printed.Trim().Split(' ')[^1]}";

        Signature.Compute(bytes, new ServoCredential(Token), algorithm).ShouldBe(expected);
        await using var file = File.OpenRead(path);
        (await Signature.ComputeAsync(file, new ServoCredential(Token), algorithm, TestContext.Current.CancellationToken)).ShouldBe(expected);
        file.CanRead.ShouldBeTrue();
    }

    [Fact]
    public void An_unknown_algorithm_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => Signature.Compute([], new ServoCredential("x"), (SignatureAlgorithm)7));
}
