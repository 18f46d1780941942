using System.Security.Cryptography;
using Servo.Application.Uploads;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Uploads;

public sealed class RawUploadTests : SpoolTest
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("application/gzip")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/mixed; boundary=XyZ")]
    [InlineData("multipart/form-data-not; boundary=XyZ")]
    [InlineData("no media type at all")]
    public async Task Any_media_type_but_a_form_is_the_archive_itself(string? contentType)
    {
        var archive = ArchivePart(RandomBytes(1000));

        await ShouldHoldAsync(await SpoolAsync(archive, contentType), archive);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(131071)]
    [InlineData(131072)]
    [InlineData(131073)]
    [InlineData(262144)]
    [InlineData(1_000_003)]
    public async Task An_archive_of_any_size_is_spooled_whole(int size)
    {
        var archive = RandomBytes(size);

        await ShouldHoldAsync(await SpoolAsync(archive, contentType: null), archive);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task An_archive_that_arrives_in_small_pieces_is_spooled_whole(int pieceSize)
    {
        var archive = RandomBytes(150_000);

        await ShouldHoldAsync(await SpoolAsync(archive, contentType: null, pieceSize), archive);
    }

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public async Task The_digest_is_what_openssl_says(string algorithm)
    {
        var archive = Folder.File("archive");
        await File.WriteAllBytesAsync(archive, RandomBytes(300_000));
        var said = await ChildProcess.RunAsync(Folder.Path, "openssl", "dgst", $"-{algorithm}", "-hmac", Token, archive);

        await using var body = File.OpenRead(archive);
        var spooled = await NewSpool().WriteAsync(
            new UploadBody(body), () => SpoolPath, new HashAlgorithmName(algorithm.ToUpperInvariant()),
            TestContext.Current.CancellationToken);

        Convert.ToHexStringLower(spooled.Value!.Digest).ShouldBe(said.Split('=')[1].Trim());
    }

    [Fact]
    public async Task Only_its_owner_may_read_the_file()
    {
        await SpoolAsync(RandomBytes(10), contentType: null);

        File.GetUnixFileMode(SpoolPath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_file_that_is_there_already_is_never_written_to()
    {
        await File.WriteAllTextAsync(SpoolPath, "mine");

        await Should.ThrowAsync<IOException>(() => SpoolAsync(RandomBytes(10), contentType: null));

        (await File.ReadAllTextAsync(SpoolPath)).ShouldBe("mine");
    }

    [Fact]
    public async Task A_planted_link_is_not_written_through()
    {
        var target = Folder.Write("target", "mine");
        File.CreateSymbolicLink(SpoolPath, target);

        await Should.ThrowAsync<IOException>(() => SpoolAsync(RandomBytes(10), contentType: null));

        (await File.ReadAllTextAsync(target)).ShouldBe("mine");
    }

    [Fact]
    public void An_empty_token_checks_no_signature() =>
        Should.Throw<InvalidOperationException>(() => NewSpool(token: "")).Message.ShouldContain("Servo:Token");
}
