using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Infrastructure.Secrets;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Secrets;

[Collection<MeasuredAlone>]
public sealed class SecretMemoryTests
{
    [Theory]
    [InlineData("-base64")]
    [InlineData("-md md5")]
    public async Task A_large_secret_is_not_held_in_memory(string options)
    {
        using var directory = new TempDirectory();
        var clear = directory.File("clear");
        await using (var file = File.Create(clear))
            file.SetLength(64L << 20);
        await ChildProcess.RunAsync(directory.Path, "openssl", ["enc", "-aes-256-cbc", "-pass", $"file:{directory.Write("password", "s3cr3t\n")}", "-in", clear, "-out", directory.File("a.aes"), .. options.Split(' ')]);

        var decryptor = new OpenSslDecryptor(Options.Create(new GatewayOptions { Token = "s3cr3t" }));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var why = await decryptor.DecryptAsync(directory.File("a.aes"), directory.File("a"), TestContext.Current.CancellationToken);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        why.ShouldBeNull();
        new FileInfo(directory.File("a")).Length.ShouldBe(64L << 20);
        allocated.ShouldBeLessThan(8L << 20);
    }
}
