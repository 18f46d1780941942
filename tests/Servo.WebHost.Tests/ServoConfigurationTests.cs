using Microsoft.Extensions.Configuration;
using Servo.Application;
using Servo.Testing;
using Servo.WebHost.Configuration;

namespace Servo.WebHost.Tests;

public sealed class ServoConfigurationTests
{
    [Fact]
    public void Has_the_documented_defaults()
    {
        Read(out var options).ShouldBeEmpty();

        options.Token.ShouldMatch("^[A-Za-z0-9+/]{32}$");
        options.Portal.EffectiveMode.ShouldBe(PortalMode.None);
        options.Portal.Token.ShouldBe("");
        options.Workspace.Root.ShouldBe(Path.GetTempPath());
        options.Uploads.MaxBytes.ShouldBe(1L << 30);
        (options.Uploads.MaxConcurrent, options.Uploads.EffectiveMaxPerAddress).ShouldBe((256, 128));
        (options.Uploads.EffectiveMaxPendingBytes, options.Uploads.Timeout).ShouldBe((8L << 30, TimeSpan.FromHours(1)));
        (options.Archives.MaxBytes, options.Archives.MaxEntries, options.Archives.MaxRatio).ShouldBe((4L << 30, 100_000, 200));
        (options.Scripts.Python, options.Scripts.Timeout).ShouldBe(("python3", TimeSpan.FromHours(1)));
        options.Output.MaxBytes.ShouldBe(64L << 20);
        (options.Runs.MaxConcurrent, options.Runs.MaxQueued).ShouldBe((4 * Environment.ProcessorCount, 1_000));
    }

    [Fact]
    public void Reads_every_setting()
    {
        Read(out var options, ("Token", "kept as it is\n"), ("PublicUrl", "https://servo.example/x"), ("Portal:Mode", "embedded"), ("Portal:Url", "http://10.0.0.1:9000"),
            ("Portal:Token", "p\r\n"), ("Workspace:Root", "/"), ("Uploads:MaxBytes", "1"),
            ("Uploads:MaxConcurrent", "6"), ("Uploads:MaxPerAddress", "7"), ("Uploads:MaxPendingBytes", "8"), ("Uploads:Timeout", "9"), ("Archives:MaxBytes", "2"), ("Archives:MaxEntries", "3"), ("Archives:MaxRatio", "4"),
            ("Scripts:Python", "/usr/bin/python3"), ("Scripts:Timeout", "90"), ("Output:MaxBytes", "0"), ("Runs:MaxConcurrent", "5"),
            ("Runs:MaxQueued", "0")).ShouldBeEmpty();

        options.Token.ShouldBe("kept as it is");
        options.PublicUrl.ShouldBe(new Uri("https://servo.example/x"));
        (options.Portal.EffectiveMode, options.Portal.Url, options.Portal.Token).ShouldBe((PortalMode.Embedded, new Uri("http://10.0.0.1:9000"), "p"));
        options.Workspace.Root.ShouldBe("/");
        options.Uploads.MaxBytes.ShouldBe(1);
        (options.Uploads.MaxConcurrent, options.Uploads.MaxPerAddress, options.Uploads.MaxPendingBytes).ShouldBe((6, 7, 8));
        options.Uploads.Timeout.ShouldBe(TimeSpan.FromSeconds(9));
        (options.Archives.MaxBytes, options.Archives.MaxEntries, options.Archives.MaxRatio).ShouldBe((2, 3, 4));
        (options.Scripts.Python, options.Scripts.Timeout).ShouldBe(("/usr/bin/python3", TimeSpan.FromSeconds(90)));
        (options.Output.MaxBytes, options.Runs.MaxConcurrent, options.Runs.MaxQueued).ShouldBe((0, 5, 0));
    }

    [Fact]
    public void An_address_alone_means_an_Ochothon_portal()
    {
        Read(out var options, ("Portal:Url", "http://10.0.0.1:9000")).ShouldBeEmpty();

        options.Portal.EffectiveMode.ShouldBe(PortalMode.Ochothon);
    }

    [Theory]
    [InlineData("01:30:00", 5400)]
    [InlineData("3600", 3600)]
    [InlineData("0.5", 0.5)]
    [InlineData("1.00:00:00", 86400)]
    public void Takes_a_duration_as_a_clock_or_in_seconds(string text, double seconds)
    {
        Read(out var options, ("Scripts:Timeout", text)).ShouldBeEmpty();

        options.Scripts.Timeout.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("PublicUrl", "servo.example")]
    [InlineData("PublicUrl", "ftp://servo.example")]
    [InlineData("Portal:Mode", "Simulated")]
    [InlineData("Portal:Mode", "1")]
    [InlineData("Portal:Url", "10.0.0.1:9000")]
    [InlineData("Uploads:MaxBytes", "1 GiB")]
    [InlineData("Uploads:MaxBytes", "0")]
    [InlineData("Uploads:MaxConcurrent", "0")]
    [InlineData("Uploads:MaxPerAddress", "0")]
    [InlineData("Uploads:MaxPendingBytes", "1073741823")]
    [InlineData("Uploads:Timeout", "0")]
    [InlineData("Archives:MaxEntries", "99999999999")]
    [InlineData("Archives:MaxRatio", "0")]
    [InlineData("Scripts:Timeout", "soon")]
    [InlineData("Scripts:Timeout", "0")]
    [InlineData("Output:MaxBytes", "-1")]
    [InlineData("Runs:MaxConcurrent", "0")]
    [InlineData("Runs:MaxQueued", "-1")]
    [InlineData("Upload:MaxBytes", "5")]
    [InlineData("Workspace:Root", "/no/such/place")]
    [InlineData("Token", " token")]
    [InlineData("Token", "token\n\n")]
    [InlineData("Token", "\n")]
    [InlineData("Portal:Token", "token\t")]
    [InlineData("Portal:Token", "\n")]
    [InlineData("TokenFile", "/no/such/file")]
    [InlineData("TokenFile", "/tmp")]
    [InlineData("TokenFile", "/dev/null")]
    [InlineData("TokenFile", "/dev/zero")]
    public void Names_the_key_of_a_value_that_does_not_do(string key, string value)
    {
        var problem = Read(out _, (key, value)).Single();

        problem.ShouldStartWith($"Servo:{key}");
    }

    [Theory]
    [InlineData("token", "token")]
    [InlineData("token\n", "token")]
    [InlineData("token\r\n", "token")]
    [InlineData("\uFEFFtoken\n", "token")]
    public void Takes_the_token_from_a_file(string text, string token)
    {
        using var folder = new TempDirectory();

        Read(out var options, ("TokenFile", folder.Write("token", text))).ShouldBeEmpty();

        options.Token.ShouldBe(token);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\n", "is empty")]
    [InlineData("token\n\n", "contains a line break")]
    [InlineData(" token", "starts or ends with white space")]
    [InlineData("\uFEFF\uFEFFtoken", "starts or ends with white space")]
    public void Names_the_file_that_holds_no_token(string text, string why)
    {
        using var folder = new TempDirectory();
        var file = folder.Write("token", text);

        Read(out _, ("TokenFile", file)).Single().ShouldBe($"Servo:TokenFile: the token in '{file}' {why}.");
    }

    [Fact]
    public void Refuses_a_token_and_a_file_of_one() => Read(out _, ("Token", "t"), ("TokenFile", "/dev/null")).Single().ShouldContain("are both set");

    [Theory]
    [InlineData(UnixFileMode.None, false)]
    [InlineData(UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.OtherRead, true)]
    [InlineData(UnixFileMode.OtherWrite, true)]
    public void Warns_about_a_file_that_is_open_to_everyone(UnixFileMode more, bool warns)
    {
        using var folder = new TempDirectory();
        var file = folder.Write("token", "token");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | more);
        // As a mounted secret is: the mode that counts is that of the link's target.
        File.CreateSymbolicLink(folder.File("link"), file);

        Read([("TokenFile", folder.File("link"))], out _, out var warnings).ShouldBeEmpty();

        warnings.Any(warning => warning.StartsWith("Servo:TokenFile", StringComparison.Ordinal)).ShouldBe(warns);
    }

    [Fact]
    public void Lists_all_problems_at_once() =>
        Read(out _, ("Uploads:MaxBytes", "x"), ("Portal:Mode", "Ochothon"), ("Runs:MaxConcurrent", "0"), ("Typo", "1")).Count.ShouldBe(4);

    private static IReadOnlyList<string> Read(out ServoOptions options, params (string Key, string Value)[] settings) => Read(settings, out options, out _);

    private static IReadOnlyList<string> Read((string Key, string Value)[] settings, out ServoOptions options, out IReadOnlyList<string> warnings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Servo:{setting.Key}", (string?)setting.Value))).Build();
        return ServoConfiguration.Read(configuration, out options, out _, out warnings);
    }
}
