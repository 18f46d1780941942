using System.Text;
using CsCheck;
using Servo.Infrastructure.Portal;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Portal;

public sealed class PortalSigningTests
{
    // RFC 2202, test case 2 for HMAC-SHA-1.
    [Fact]
    public void Signs_as_the_vector_of_the_RFC_says() =>
        PortalSigningHandler.Sign("Jefe", "what do ya want for nothing?").ShouldBe("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");

    [Fact]
    public void Leaves_out_the_blanks_at_the_ends_which_a_header_does_not_carry() =>
        PortalSigningHandler.Sign("Jefe", " \twhat do ya want for nothing? ").ShouldBe("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");

    [Theory]
    [InlineData("s3cr3t", "ls -j")]
    [InlineData("s3cr3t", "exec *web  --force echo 'größer' $HOME 日本 -j")]
    [InlineData("clé+/=", "ls -j")]
    public async Task Signs_as_openssl_does(string token, string line)
    {
        using var directory = new TempDirectory();
        await File.WriteAllBytesAsync(directory.File("line"), Encoding.UTF8.GetBytes(line), TestContext.Current.CancellationToken);

        var printed = await ChildProcess.RunAsync(directory.Path, "openssl", "dgst", "-sha1", "-hmac", token, "line");

        PortalSigningHandler.Sign(token, line).ShouldBe($"sha1={printed.Trim().Split(' ')[^1]}");
    }

    [Fact]
    public void Writes_forty_lower_case_digits_whatever_the_line() =>
        Gen.Select(Gen.String[1, 20], Gen.String).Sample((token, line) =>
            PortalSigningHandler.Sign(token, line) is ['s', 'h', 'a', '1', '=', .. var hex] && hex.Length == 40 && hex.All(char.IsAsciiHexDigitLower));
}
