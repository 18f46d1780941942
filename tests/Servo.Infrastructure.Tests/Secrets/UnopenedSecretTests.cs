using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Infrastructure.Secrets;
using Servo.OpenSsl;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Secrets;

/// <summary>Secrets that do not open, and what is said of them; all have a fixed salt, since one wrong key in 256 fits by chance.</summary>
public sealed class UnopenedSecretTests : IDisposable
{
    private const string Advice = ". Encrypt it with 'openssl enc -aes-256-cbc -pbkdf2 -salt -base64 -pass env:SERVO_TOKEN -in FILE -out FILE.aes'";
    private const string NotOpenSsl = "it is not in the format of openssl enc" + Advice;
    private const string Damaged = "its base64 text is damaged";
    private const string BadLength = "it is cut short or damaged: its length is not a whole number of blocks";
    private const string NotOpened = "the servo token does not open it: it is damaged, or was encrypted with another token" + Advice;

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
    [InlineData("\n\n")]
    [InlineData("Salted_")]
    [InlineData("Salted__1234567")]
    [InlineData("U2FsdGVkX18=")]
    [InlineData("c2FsdGVkX18BAgMEBQYHCEMU0LCd/r6rw3YEmRzJpSI=")]
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

        (await FailAsync(await File.ReadAllBytesAsync(path))).ShouldBe(
            "it is not in the format of openssl enc: it seems to be encrypted with -nosalt" + Advice);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("password: clear text, never encrypted\n", "it is readable text, never encrypted")]
    [InlineData("-----BEGIN PGP MESSAGE-----\n\njA0ECQMC", "it is a message of GPG")]
    [InlineData("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl", "it is a file of age")]
    [InlineData("age-encryption.org/v1\n-> X25519 x\n", "it is a file of age")]
    [InlineData("$ANSIBLE_VAULT;1.1;AES256\n3362", "it is a file of ansible-vault")]
    [InlineData("password: ENC[AES256_GCM,data:x,type:str]\n", "it is a file of sops")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "it is a PEM file")]
    [InlineData("PK\u0003\u0004\u0014\0", "it is a zip archive")]
    [InlineData("AES\u0002\0", "it is a file of AES Crypt")]
    [InlineData("\0GITCRYPT\0", "git-crypt has it locked")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "it is a pointer of Git LFS, whose file was not fetched")]
    [InlineData("VTJGc2RHVmtYMThCQWdNRUJRWUhDRU1VMExDZC9yNnJ3M1lFbVJ6SnBTST0K", "it is base64 text of base64 text")]
    public async Task Other_files_are_named(string text, string what) =>
        (await FailAsync(Encoding.ASCII.GetBytes(text))).ShouldBe($"it is not in the format of openssl enc: {what}{Advice}");

    [Fact]
    public async Task Text_that_is_not_ASCII_is_named()
    {
        var text = Encoding.ASCII.GetString(Base64(await EncryptAsync(new byte[100])));

        (await FailAsync([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(text)])).ShouldStartWith(
            "it is not in the format of openssl enc: it starts with a byte order mark");
        (await FailAsync([.. Encoding.UTF8.GetPreamble(), .. await EncryptAsync(new byte[100])])).ShouldStartWith(
            "it is not in the format of openssl enc: it starts with a byte order mark");

        foreach (var utf16 in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            (await FailAsync([.. utf16.GetPreamble(), .. utf16.GetBytes(text.Replace("\n", "\r\n"))])).ShouldStartWith(
                "it is not in the format of openssl enc: it is UTF-16 text");
            (await FailAsync(utf16.GetBytes(text))).ShouldStartWith("it is not in the format of openssl enc: it is UTF-16 text");
        }
    }

    [Fact]
    public async Task A_message_of_GPG_is_named()
    {
        await ChildProcess.RunAsync(
            _directory.Path, "bash", "-c",
            "echo secret | gpg --homedir . --batch --quiet --passphrase s3cr3t --pinentry-mode loopback -c -o message; gpgconf --homedir . --kill all");

        (await FailAsync(await File.ReadAllBytesAsync(_directory.File("message")))).ShouldBe(
            $"it is not in the format of openssl enc: it is a message of GPG{Advice}");
    }

    [Theory]
    [InlineData("-md sha1", "with the options -md sha1")]
    [InlineData("-md sha384", "with the options -md sha384")]
    [InlineData("-md sha512", "with the options -md sha512")]
    [InlineData("-md sha1 -pbkdf2", "with the options -md sha1 -pbkdf2")]
    [InlineData("-md sha512 -pbkdf2", "with the options -md sha512 -pbkdf2")]
    [InlineData("-iter 1000", "with the options -md sha256 -pbkdf2 -iter 1000")]
    [InlineData("-pbkdf2 -iter 20000", "with the options -md sha256 -pbkdf2 -iter 20000")]
    [InlineData("-pbkdf2 -iter 100000", "with the options -md sha256 -pbkdf2 -iter 100000")]
    [InlineData("-pbkdf2 -iter 310000", "with the options -md sha256 -pbkdf2 -iter 310000")]
    [InlineData("-pbkdf2 -iter 600000", "with the options -md sha256 -pbkdf2 -iter 600000")]
    [InlineData("-pbkdf2 -iter 1000000", "with the options -md sha256 -pbkdf2 -iter 1000000")]
    [InlineData("-pbkdf2 -iter 100000 -md sha512", "with the options -md sha512 -pbkdf2 -iter 100000")]
    public async Task Other_options_of_openssl_are_named(string options, string how)
    {
        using var key = await new OpenSsl(_directory, OpenSsl.Password).KeyAsync(options.Split(' '));

        // Of one block and of several, text and not, as far as chance does not make the wrong key fit; of those that take long to try one is enough.
        byte[][] clears = ["password: x\n"u8.ToArray(), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ünïcödé ", 900))), [0xff, 0xfe, 0xfd]];

        foreach (var clear in options.EndsWith("0000", StringComparison.Ordinal) ? clears[..1] : clears)
            (await FailAsync(key.Encrypt(clear))).ShouldBe(Unopened(how), $"{clear.Length} bytes");
    }

    [Theory]
    [InlineData("-aes-128-cbc", 16)]
    [InlineData("-aes-192-cbc -pbkdf2", 24)]
    public async Task Other_lengths_of_the_key_are_named(string options, int keyBytes)
    {
        var clear = _directory.Write("clear", "password: x\n");
        await ChildProcess.RunAsync(
            _directory.Path, "bash", "-c",
            $"{{ printf Salted__; printf '\\1\\2\\3\\4\\5\\6\\7\\10'; openssl enc {options} -S 0102030405060708 -pass pass:s3cr3t -in clear; }} > made");
        var made = await File.ReadAllBytesAsync(_directory.File("made"));

        // OpenSSL 3 writes no header where the salt is given, 1.1 does.
        (await FailAsync(made.Length > 32 ? made[16..] : made)).ShouldBe(Unopened($"with -aes-{8 * keyBytes}-cbc, not -aes-256-cbc"));
        File.Exists(clear).ShouldBeTrue();
    }

    [Theory]
    [InlineData("s3cr3t\n", "with a line feed behind the token")]
    [InlineData("s3cr3t\r", "with a carriage return behind the token")]
    [InlineData("s3cr3t\r\n", "with a carriage return and a line feed behind the token")]
    [InlineData("s3cr3t ", "with a blank behind the token")]
    [InlineData("\ufeffs3cr3t", "with a byte order mark before the token")]
    public async Task A_token_that_is_nearly_the_servos_is_named(string token, string how)
    {
        foreach (var derivation in KeyDerivation.InOrder)
            (await FailAsync(Encrypt(derivation, Encoding.UTF8.GetBytes(token)))).ShouldBe(Unopened(how));
    }

    [Fact]
    public async Task An_empty_password_is_named() =>
        (await FailAsync(Encrypt(KeyDerivation.Pbkdf2, []))).ShouldBe(Unopened("with an empty password: the variable that was to hold the token was not set"));

    [Fact]
    public async Task No_token_and_no_clear_text_is_told()
    {
        var why = await FailAsync(Encrypt(new KeyDerivation(HashAlgorithmName.SHA512), Encoding.UTF8.GetBytes(OpenSsl.Password)));

        why.ShouldNotBeNull();
        why.ShouldNotContain(OpenSsl.Password);
        why.ShouldNotContain("hunter2");
        (await FailAsync("hunter2 hunter2\n"u8.ToArray()))!.ShouldNotContain("hunter2");
    }

    public void Dispose() => _directory.Dispose();

    private static string Unopened(string how) => $"the servo token does not open it: it seems to be encrypted {how}{Advice}";

    // The first of some texts that none of the servo's own keys opens by chance.
    private static byte[] Encrypt(KeyDerivation derivation, byte[] password)
    {
        using var right = Key(derivation, password);
        var wrong = KeyDerivation.InOrder.Select(each => Key(each, Encoding.UTF8.GetBytes(OpenSsl.Password))).ToList();

        return Enumerable.Range(0, 100).Select(i => right.Encrypt(Encoding.UTF8.GetBytes($"hunter2 {i}\n")))
            .First(file => wrong.All(key => key.TryDecrypt(file) is null));
    }

    private static OpenSslKey Key(KeyDerivation derivation, byte[] password)
    {
        var derived = derivation.Derive(password, Convert.FromHexString(OpenSsl.Salt), 48);

        return new OpenSslKey(derived[..32], derived[32..]);
    }

    private static byte[] Base64(byte[] file) => Encoding.ASCII.GetBytes(Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks) + "\n");

    private Task<byte[]> EncryptAsync(byte[] clear) => new OpenSsl(_directory, OpenSsl.Password).EncryptWithFixedSaltAsync(clear, OpenSsl.Sha256);

    // A failure leaves the encrypted file as it was and, of a clear file, the one that the bundle brought.
    private static async Task<string?> FailAsync(byte[] file, string token = OpenSsl.Password)
    {
        using var bundle = new TempDirectory();
        var path = bundle.File("a.aes");
        var clearPath = bundle.Write("a", "of the bundle");
        await File.WriteAllBytesAsync(path, file);

        var why = await new OpenSslDecryptor(Options.Create(new GatewayOptions { Token = token })).DecryptAsync(path, clearPath, TestContext.Current.CancellationToken);

        (await File.ReadAllBytesAsync(path)).ShouldBe(file);
        (await File.ReadAllTextAsync(clearPath)).ShouldBe("of the bundle");
        Directory.GetFileSystemEntries(bundle.Path).Length.ShouldBe(2);
        return why;
    }
}
