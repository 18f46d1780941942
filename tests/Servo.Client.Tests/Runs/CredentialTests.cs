using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>
/// The rule for a token, wherever it comes from: a byte order mark at its start
/// and a line ending at its end are removed; other white space is refused.
/// </summary>
public sealed class CredentialTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("s3cr3t")]
    [InlineData("s3cr3t\n")]
    [InlineData("s3cr3t\r\n")]
    [InlineData("\ufeffs3cr3t")]
    [InlineData("\ufeffs3cr3t\n")]
    public async Task A_mark_at_the_start_and_a_line_ending_at_the_end_are_no_part_of_the_token(string text)
    {
        foreach (var credential in From(text))
        {
            Signature.Compute("x"u8.ToArray(), credential()).ShouldBe(Signature.Compute("x"u8.ToArray(), new ServoCredential("s3cr3t")));
            using var clear = new MemoryStream();
            await Secret.DecryptAsync(await EncryptedAsync(new ServoCredential("s3cr3t")), clear, credential(), TestContext.Current.CancellationToken);
            clear.ToArray().ShouldBe("hello"u8.ToArray());
        }
    }

    [Theory]
    [InlineData(" s3cr3t", "starts or ends with white space")]
    [InlineData("s3cr3t ", "starts or ends with white space")]
    [InlineData("s3cr3t \n", "starts or ends with white space")]
    [InlineData("\ts3cr3t", "starts or ends with white space")]
    [InlineData("\ns3cr3t", "starts or ends with white space")]
    [InlineData("s3cr3t\n\n", "starts or ends with white space")]
    [InlineData("s3cr3t\r", "starts or ends with white space")]
    [InlineData("s3cr3t\r\n\r\n", "starts or ends with white space")]
    [InlineData("\ufeff\ufeffs3cr3t", "starts or ends with white space")]
    [InlineData("s3cr3t\ufeff", "starts or ends with white space")]
    [InlineData("s3cr3t\u00a0", "starts or ends with white space")]
    [InlineData("s3cr3t\nother", "contains a line break or a NUL")]
    [InlineData("s3cr3t\rother", "contains a line break or a NUL")]
    [InlineData("\n", "is empty")]
    [InlineData("\ufeff", "is empty")]
    [InlineData("\r\n", "is empty")]
    [InlineData("   ", "is empty")]
    public void What_is_there_by_mistake_is_refused_by_the_name_of_its_source(string text, string said)
    {
        var sources = new[] { "The servo token", "environment variable SERVO_TOKEN_OF_TESTS", _folder.File("token") };

        foreach (var (credential, source) in From(text).Zip(sources))
        {
            var message = Should.Throw<ArgumentException>(() => credential()).Message;
            message.ShouldContain(said);
            message.ShouldContain(source);
            message.ShouldNotContain("s3cr3t");
        }
    }

    [Fact]
    public void A_NUL_is_refused()
    {
        Should.Throw<ArgumentException>(() => new ServoCredential("s3\0cr3t")).Message.ShouldContain("contains a line break or a NUL");
        Should.Throw<ArgumentException>(() => ServoCredential.FromFile(_folder.Write("token", "s3cr3t\0"))).Message.ShouldContain(
            "contains a line break or a NUL");
    }

    [Fact]
    public void A_file_in_another_encoding_is_refused()
    {
        var file = _folder.File("token");
        File.WriteAllText(file, "s3cr3t", System.Text.Encoding.Unicode);

        Should.Throw<ArgumentException>(() => ServoCredential.FromFile(file)).Message.ShouldBe(
            $"The servo token in the file '{file}' is not UTF-8 text: save it as UTF-8.");
    }

    [Fact]
    public void Blanks_inside_are_part_of_a_token() =>
        Signature.Compute([], ServoCredential.FromFile(_folder.Write("token", "a b\n"))).ShouldBe(Signature.Compute([], new ServoCredential("a b")));

    [Fact]
    public void A_variable_that_is_not_set_is_named()
    {
        Should.Throw<ArgumentException>(() => ServoCredential.FromEnvironment("NO_SUCH_TOKEN")).Message.ShouldBe(
            "The servo token is missing: set the environment variable NO_SUCH_TOKEN.");
        ServoCredential.EnvironmentVariable.ShouldBe(
            typeof(ServoCredential).GetMethod(nameof(ServoCredential.FromEnvironment))!.GetParameters().Single().DefaultValue);
    }

    private IEnumerable<Func<ServoCredential>> From(string text)
    {
        var file = _folder.Write("token", text);

        yield return () => new ServoCredential(text);
        yield return () =>
        {
            Environment.SetEnvironmentVariable("SERVO_TOKEN_OF_TESTS", text);
            return ServoCredential.FromEnvironment("SERVO_TOKEN_OF_TESTS");
        };
        yield return () => ServoCredential.FromFile(file);
    }

    private static async Task<Stream> EncryptedAsync(ServoCredential credential)
    {
        var encrypted = new MemoryStream();
        await Secret.EncryptAsync(new MemoryStream("hello"u8.ToArray()), encrypted, credential, TestContext.Current.CancellationToken);
        encrypted.Position = 0;
        return encrypted;
    }
}
