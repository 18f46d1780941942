using System.Text;
using Servo.Application;
using Servo.Infrastructure.Secrets;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Secrets;

public sealed class OpenSslDecryptorTests : IDisposable
{
    private static readonly byte[] _text = Encoding.UTF8.GetBytes("user: bob\npassword: ünïcode\n");

    private readonly TempDirectory _directory = new();
    private readonly OpenSsl _openssl;

    public OpenSslDecryptorTests() => _openssl = new OpenSsl(_directory, OpenSsl.Password);

    public static TheoryData<string> Options => new(
        "-base64",
        "-base64 -md sha256",
        "-base64 -md md5",
        "-base64 -pbkdf2",
        "-base64 -A",
        "-base64 -A -md md5",
        "-base64 -A -pbkdf2",
        "-md sha256",
        "-md md5",
        "-pbkdf2");

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Opens_what_openssl_writes(string options)
    {
        var path = await _openssl.EncryptAsync("settings.yml", _text, options.Split(' '));

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("settings.yml"))).ShouldBe(_text);
        File.Exists(path).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Opens_an_encrypted_empty_file(string options)
    {
        var path = await _openssl.EncryptAsync("empty", [], options.Split(' '));

        (await DecryptAsync(path)).ShouldBeNull();

        new FileInfo(_directory.File("empty")).Length.ShouldBe(0);
    }

    [Theory]
    [InlineData("U2FsdGVkX18BAgMEBQYHCEMU0LCd/r6rw3YEmRzJpSI=")]
    [InlineData("U2FsdGVkX18BAgMEBQYHCBwF/mLAe0T6M3ZPURVBFOk=")]
    public async Task Opens_the_known_vectors_on_a_line_without_a_line_feed(string vector)
    {
        var path = _directory.Write("vector.aes", vector);

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllTextAsync(_directory.File("vector"))).ShouldBe("hello\n");
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    [InlineData(" \t\n")]
    public async Task Takes_any_blank_between_the_lines_of_base64(string lineEnd)
    {
        var path = await _openssl.EncryptAsync("a", _text, "-base64");
        var lines = (await File.ReadAllTextAsync(path)).Split('\n');
        await File.WriteAllTextAsync(path, lineEnd + string.Join(lineEnd, lines) + lineEnd);

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("a"))).ShouldBe(_text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(76)]
    [InlineData(1000)]
    public async Task Takes_base64_of_any_line_length(int length)
    {
        var clear = new byte[5000];
        var path = await _openssl.EncryptAsync("a", clear, "-base64", "-A");
        var text = (await File.ReadAllTextAsync(path)).Trim();
        await File.WriteAllLinesAsync(path, text.Chunk(length).Select(line => new string(line)));

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("a"))).ShouldBe(clear);
    }

    [Theory]
    [InlineData("-base64")]
    [InlineData("-base64 -A")]
    [InlineData("-md sha256")]
    public async Task Opens_ten_megabytes_of_binary_data(string options)
    {
        var clear = new byte[10_000_019];
        new Random(1).NextBytes(clear);
        var path = await _openssl.EncryptAsync("big", clear, options.Split(' '));

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("big"))).AsSpan().SequenceEqual(clear).ShouldBeTrue();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(32)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(131072)]
    public async Task Opens_text_of_a_length_around_a_block_or_a_buffer(int length)
    {
        var clear = Encoding.ASCII.GetBytes(new string('x', length));
        var path = await _openssl.EncryptAsync("a", clear, "-base64", "-md", "md5");

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("a"))).AsSpan().SequenceEqual(clear).ShouldBeTrue();
    }

    [Theory]
    [InlineData("a name with blanks.yml")]
    [InlineData("$(touch x); 'q\" & |.yml")]
    [InlineData("-out")]
    [InlineData("größe.yml")]
    public async Task Takes_any_file_name(string name)
    {
        var made = await _openssl.EncryptAsync("plain", _text, "-base64");
        var path = _directory.File($"{name}.aes");
        File.Move(made, path);

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File(name))).ShouldBe(_text);
    }

    [Fact]
    public async Task Takes_a_file_name_as_long_as_a_name_can_be()
    {
        var made = await _openssl.EncryptAsync("plain", _text, "-base64");
        var name = new string('n', 251);
        File.Move(made, _directory.File($"{name}.aes"));

        (await DecryptAsync(_directory.File($"{name}.aes"))).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File(name))).ShouldBe(_text);
    }

    [Fact]
    public async Task Replaces_a_clear_file_of_the_same_name()
    {
        var path = await _openssl.EncryptAsync("a", _text, "-base64");
        _directory.Write("a", new string('o', 1000));

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("a"))).ShouldBe(_text);
    }

    [Fact]
    public async Task Replaces_a_link_of_the_same_name_and_not_what_it_points_at()
    {
        var path = await _openssl.EncryptAsync("a", _text, "-base64");
        var target = _directory.Write("target", "untouched");
        File.CreateSymbolicLink(_directory.File("a"), target);

        (await DecryptAsync(path)).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("a"))).ShouldBe(_text);
        new FileInfo(_directory.File("a")).LinkTarget.ShouldBeNull();
        (await File.ReadAllTextAsync(target)).ShouldBe("untouched");
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData((UnixFileMode)0x1ED, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)]
    public async Task Makes_a_clear_file_that_only_its_owner_reads_and_keeps_the_execute_bit(UnixFileMode encrypted, UnixFileMode clear)
    {
        var path = await _openssl.EncryptAsync("a", _text, "-base64");
        File.SetUnixFileMode(path, encrypted);

        (await DecryptAsync(path)).ShouldBeNull();

        File.GetUnixFileMode(_directory.File("a")).ShouldBe(clear);
    }

    [Fact]
    public async Task Opens_with_a_token_that_is_not_ascii()
    {
        var path = await new OpenSsl(_directory, "pässwörd €").EncryptAsync("a", _text, "-base64");

        (await DecryptAsync(path, "pässwörd €")).ShouldBeNull();

        (await File.ReadAllBytesAsync(_directory.File("a"))).ShouldBe(_text);
    }

    [Fact]
    public async Task Leaves_nothing_but_the_encrypted_file_when_it_is_cancelled()
    {
        var path = await _openssl.EncryptAsync("a", _text, "-base64");
        File.Delete(_directory.File(".password"));

        await Should.ThrowAsync<OperationCanceledException>(
            () => NewDecryptor().DecryptAsync(path, _directory.File("a"), new CancellationToken(canceled: true)));

        Directory.GetFileSystemEntries(_directory.Path).ShouldBe([path]);
    }

    public void Dispose() => _directory.Dispose();

    private static OpenSslDecryptor NewDecryptor(string token = OpenSsl.Password) =>
        new(Microsoft.Extensions.Options.Options.Create(new GatewayOptions { Token = token }));

    private static Task<string?> DecryptAsync(string path, string token = OpenSsl.Password) =>
        NewDecryptor(token).DecryptAsync(path, path[..^".aes".Length], TestContext.Current.CancellationToken);
}
