using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Infrastructure.Secrets;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Secrets;

/// <summary>Secrets that do not open; all have a fixed salt, since one wrong key in 256 fits by chance.</summary>
public sealed class UnopenedSecretTests : IDisposable
{
    private const string NotOpenSsl = "it is not in the format of openssl enc";
    private const string Damaged = "its base64 text is damaged";
    private const string BadLength = "it is cut short or damaged: its length is not a whole number of blocks";
    private const string NotOpened = "the servo token does not open it";

    private readonly TempDirectory _directory = new();

    [Theory]
    [InlineData("U2FsdGVkX18BAgMEBQYHCEMU0LCd/r6rw3YEmRzJpSI=")]
    [InlineData("U2FsdGVkX18BAgMEBQYHCBwF/mLAe0T6M3ZPURVBFOk=")]
    public async Task A_wrong_token_does_not_open_the_vectors(string vector) =>
        (await FailAsync(Encoding.ASCII.GetBytes(vector), "wrong")).ShouldBe(NotOpened);

    [Fact]
    public async Task A_missing_last_block_is_told_by_the_padding()
    {
        var file = await EncryptAsync(new byte[100]);

        (await FailAsync(file[..^16])).ShouldBe(NotOpened);
        (await FailAsync(Base64(file[..^16]))).ShouldBe(NotOpened);
    }

    [Fact]
    public async Task A_changed_last_block_is_told_by_the_padding()
    {
        var file = await EncryptAsync(new byte[100]);
        file[^1] ^= 1;

        (await FailAsync(file)).ShouldBe(NotOpened);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    public async Task A_file_cut_within_a_block_is_told_by_its_length(int missing)
    {
        var file = await EncryptAsync(new byte[100]);

        (await FailAsync(file[..^missing])).ShouldBe(BadLength);
        (await FailAsync(Base64(file[..^missing]))).ShouldBe(BadLength);
    }

    [Fact]
    public async Task Base64_text_cut_within_a_group_is_told_by_its_length()
    {
        var text = Base64(await EncryptAsync(new byte[100]));

        for (var missing = 2; missing <= 8; missing++)
            (await FailAsync(text[..^missing])).ShouldBe(BadLength, $"{missing} characters");
    }

    [Fact]
    public async Task A_header_without_a_block_is_cut_short()
    {
        var header = (await EncryptAsync([]))[..16];

        (await FailAsync(header)).ShouldBe(BadLength);
        (await FailAsync(Base64(header))).ShouldBe(BadLength);
    }

    [Theory]
    [InlineData("!")]
    [InlineData("é")]
    [InlineData("\0")]
    [InlineData("=")]
    public async Task A_foreign_character_damages_base64_text(string foreign)
    {
        var text = Encoding.ASCII.GetString(Base64(await EncryptAsync(new byte[1000])));

        (await FailAsync(Encoding.UTF8.GetBytes(text.Insert(500, foreign)))).ShouldBe(Damaged);
    }

    [Fact]
    public async Task Text_after_the_padding_of_base64_damages_it()
    {
        var text = Base64(await EncryptAsync(new byte[100]));

        (await FailAsync([.. text, .. text])).ShouldBe(Damaged);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("password: clear text, never encrypted\n")]
    [InlineData("Salted_")]
    [InlineData("Salted__1234567")]
    [InlineData("U2FsdGVkX18=")]
    [InlineData("c2FsdGVkX18BAgMEBQYHCEMU0LCd/r6rw3YEmRzJpSI=")]
    [InlineData("-----BEGIN PGP MESSAGE-----\n")]
    public async Task Other_files_are_not_in_the_format(string text) =>
        (await FailAsync(Encoding.ASCII.GetBytes(text))).ShouldBe(NotOpenSsl);

    [Fact]
    public async Task Random_bytes_are_not_in_the_format()
    {
        var garbage = new byte[100_000];
        new Random(2).NextBytes(garbage);

        (await FailAsync(garbage)).ShouldBe(NotOpenSsl);
    }

    [Fact]
    public async Task A_file_made_without_salt_is_not_in_the_format()
    {
        var path = await new OpenSsl(_directory, OpenSsl.Password).EncryptAsync("nosalt", new byte[100], "-base64", "-nosalt");

        (await FailAsync(await File.ReadAllBytesAsync(path))).ShouldBe(NotOpenSsl);
    }

    public void Dispose() => _directory.Dispose();

    private static byte[] Base64(byte[] file) => Encoding.ASCII.GetBytes(Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks) + "\n");

    private Task<byte[]> EncryptAsync(byte[] clear) => new OpenSsl(_directory, OpenSsl.Password).EncryptWithFixedSaltAsync(clear, OpenSsl.Sha256);

    // A failure leaves the encrypted file as it was and, of a clear file, the one that the bundle brought.
    private static async Task<string?> FailAsync(byte[] file, string token = OpenSsl.Password)
    {
        using var bundle = new TempDirectory();
        var path = bundle.File("a.aes");
        var clearPath = bundle.Write("a", "of the bundle");
        await File.WriteAllBytesAsync(path, file);

        var why = await new OpenSslDecryptor(Options.Create(new ServoOptions { Token = token })).DecryptAsync(path, clearPath, TestContext.Current.CancellationToken);

        (await File.ReadAllBytesAsync(path)).ShouldBe(file);
        (await File.ReadAllTextAsync(clearPath)).ShouldBe("of the bundle");
        Directory.GetFileSystemEntries(bundle.Path).Length.ShouldBe(2);
        return why;
    }
}
