using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Archives;
using Servo.Application.Logs;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Settings;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Ochopod;
using Servo.Testing;
using Servo.WebHost.Configuration;

namespace Servo.WebHost.Tests;

public sealed class ServoConfigurationTests
{
    [Fact]
    public void Has_the_documented_defaults()
    {
        Read(out var settings).ShouldBeEmpty();

        settings.Get<GatewayOptions>().Token.ShouldMatch("^[A-Za-z0-9+/]{32}$");
        settings.DrawnToken.ShouldBe(settings.Get<GatewayOptions>().Token);
        settings.Get<PortalOptions>().EffectiveMode.ShouldBe(PortalMode.None);
        settings.Get<PortalOptions>().Token.ShouldBe("");
        settings.Get<WorkspaceOptions>().Root.ShouldBeNull();
        var (uploads, archives) = (settings.Get<UploadOptions>(), settings.Get<ArchiveOptions>());
        uploads.MaxBytes.ShouldBe(1L << 30);
        (uploads.MaxConcurrent, uploads.EffectiveMaxPerAddress(uploads.MaxConcurrent)).ShouldBe((256, 128));
        (uploads.EffectiveMaxPendingBytes, uploads.Timeout).ShouldBe((8L << 30, TimeSpan.FromHours(1)));
        (archives.MaxBytes, archives.MaxEntries, archives.MaxRatio).ShouldBe((4L << 30, 100_000, 200));
        (settings.Get<ScriptOptions>().Python, settings.Get<ScriptOptions>().Timeout).ShouldBe(("python3", TimeSpan.FromHours(1)));
        settings.Get<OutputOptions>().MaxBytes.ShouldBe(64L << 20);
        (settings.Get<AdmissionOptions>().MaxConcurrent, settings.Get<AdmissionOptions>().MaxQueued).ShouldBe((4 * Environment.ProcessorCount, 1_000));
    }

    [Fact]
    public void Reads_every_setting()
    {
        Read(out var settings, ("Token", "kept as it is\n"), ("PublicUrl", "https://servo.example/x"), ("Portal:Mode", "embedded"), ("Portal:Url", "http://10.0.0.1:9000"),
            ("Portal:Token", "p\r\n"), ("Workspace:Root", "/"), ("Uploads:MaxBytes", "1"),
            ("Uploads:MaxConcurrent", "6"), ("Uploads:MaxPerAddress", "7"), ("Uploads:MaxPendingBytes", "8"), ("Uploads:Timeout", "9"), ("Archives:MaxBytes", "2"), ("Archives:MaxEntries", "3"), ("Archives:MaxRatio", "4"),
            ("Scripts:Python", "/usr/bin/python3"), ("Scripts:Timeout", "90"), ("Output:MaxBytes", "0"), ("Runs:MaxConcurrent", "5"), ("Runs:MaxQueued", "0"),
            ("Pod:Enabled", "False"), ("Pod:Shell", "true"), ("Pod:MetadataUrl", "http://127.0.0.1")).ShouldBeEmpty();

        settings.Get<GatewayOptions>().Token.ShouldBe("kept as it is");
        settings.Get<GatewayOptions>().PublicUrl.ShouldBe(new Uri("https://servo.example/x"));
        var (portal, uploads, archives) = (settings.Get<PortalOptions>(), settings.Get<UploadOptions>(), settings.Get<ArchiveOptions>());
        (portal.EffectiveMode, portal.Url, portal.Token).ShouldBe((PortalMode.Embedded, new Uri("http://10.0.0.1:9000"), "p"));
        settings.Get<WorkspaceOptions>().Root.ShouldBe("/");
        uploads.MaxBytes.ShouldBe(1);
        (uploads.MaxConcurrent, uploads.MaxPerAddress, uploads.MaxPendingBytes).ShouldBe((6, 7, 8));
        uploads.Timeout.ShouldBe(TimeSpan.FromSeconds(9));
        (archives.MaxBytes, archives.MaxEntries, archives.MaxRatio).ShouldBe((2, 3, 4));
        (settings.Get<ScriptOptions>().Python, settings.Get<ScriptOptions>().Timeout).ShouldBe(("/usr/bin/python3", TimeSpan.FromSeconds(90)));
        var runs = settings.Get<AdmissionOptions>();
        (settings.Get<OutputOptions>().MaxBytes, runs.MaxConcurrent, runs.MaxQueued).ShouldBe((0, 5, 0));
        (settings.Get<PodOptions>().Enabled, settings.Get<PodOptions>().Shell, settings.Get<PodOptions>().MetadataUrl).ShouldBe((false, true, new Uri("http://127.0.0.1/")));
    }

    [Fact]
    public void Every_setting_is_of_a_type_that_is_read()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.AddServo();
        var sections = builder.Services.Select(service => service.IsKeyedService ? null : service.ImplementationInstance).OfType<SettingsSection>().Distinct();

        foreach (var setting in sections.SelectMany(section => section.Settings))
            Should.NotThrow(() => SettingValue.Parse(setting, "1", out _), setting.Key);
    }

    [Fact]
    public void What_is_read_is_what_is_injected()
    {
        using var services = Provide([("Uploads:MaxBytes", "5"), ("Portal:Mode", "embedded")], out var settings);

        services.GetRequiredService<IOptions<UploadOptions>>().Value.MaxBytes.ShouldBe(5);
        services.GetRequiredService<IOptions<PortalOptions>>().Value.EffectiveMode.ShouldBe(PortalMode.Embedded);
        services.GetRequiredService<IOptions<GatewayOptions>>().Value.Token.ShouldBe(settings.DrawnToken);
    }

    [Fact]
    public void Reads_maps_by_their_keys_and_lists_in_both_forms()
    {
        Read(out var settings, ("Scripts:Interpreters:.sh", "/bin/bash"), ("Scripts:Interpreters:pl", "perl"), ("Scripts:Interpreters:.js", ""),
            ("Scripts:Environment:Zone", " eu "), ("Scripts:Environment:EMPTY", ""), ("Scripts:PassThrough:0", "ACME_*"),
            ("Scripts:PassThrough:10", "AWS_REGION"), ("Scripts:PassThrough:2", "A, B")).ShouldBeEmpty();

        var scripts = settings.Get<ScriptOptions>();
        scripts.Interpreters.ShouldBe(new Dictionary<string, string> { [".sh"] = "/bin/bash", ["pl"] = "perl" }, ignoreOrder: true);
        scripts.Environment.ShouldBe(new Dictionary<string, string> { ["Zone"] = " eu " });
        scripts.PassThrough.ShouldBe(["ACME_*", "A", "B", "AWS_REGION"]);

        Read(out settings, ("Scripts:PassThrough", "KUBERNETES_*, AWS_REGION,")).ShouldBeEmpty();
        settings.Get<ScriptOptions>().PassThrough.ShouldBe(["KUBERNETES_*", "AWS_REGION"]);

        Read(out settings).ShouldBeEmpty();
        scripts = settings.Get<ScriptOptions>();
        (scripts.Interpreters.Count, scripts.Environment.Count, scripts.PassThrough.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void Maps_and_lists_are_what_is_injected()
    {
        using var services = Provide([("Scripts:Interpreters:.sh", "sh"), ("Scripts:PassThrough", "ACME_*")], out _);

        var scripts = services.GetRequiredService<IOptions<ScriptOptions>>().Value;
        (scripts.Interpreters[".sh"], scripts.PassThrough.Single()).ShouldBe(("sh", "ACME_*"));
    }

    [Theory]
    [InlineData("Scripts:Interpreters", "/bin/bash",
        "Servo:Scripts:Interpreters has a name for each value: write Servo:Scripts:Interpreters:NAME=VALUE.")]
    [InlineData("Scripts:Interpreters:.sh", "no-such-shell",
        "Servo:Scripts:Interpreters:.sh: 'no-such-shell' was not found in PATH (")]
    [InlineData("Scripts:Interpreters:.sh", "/bin/bash -e",
        "Servo:Scripts:Interpreters:.sh: '/bin/bash -e' has arguments, which an interpreter is not given.")]
    [InlineData("Scripts:Interpreters:.sh", "bin/bash", "Servo:Scripts:Interpreters:.sh must be an absolute path")]
    [InlineData("Scripts:Interpreters:.py", "/bin/bash",
        "Servo:Scripts:Interpreters:.py: scripts in Python are run by Servo:Scripts:Python")]
    [InlineData("Scripts:Interpreters:.sh:x", "/bin/bash", "Servo:Scripts:Interpreters:.sh:x is not a setting.")]
    [InlineData("Scripts:Interpreter:.sh", "/bin/bash",
        "Servo:Scripts:Interpreter:.sh is not a setting. Did you mean Servo:Scripts:Interpreters:.sh?")]
    [InlineData("Scripts:Enviroment:ZONE", "eu",
        "Servo:Scripts:Enviroment:ZONE is not a setting. Did you mean Servo:Scripts:Environment:ZONE?")]
    [InlineData("Scripts:Environment:PATH", "/x", "Servo:Scripts:Environment:PATH is reserved")]
    [InlineData("Scripts:Environment:Servo:Token", "x", "Servo:Scripts:Environment:Servo:Token is not a setting.")]
    [InlineData("Scripts:PassThrough", "A_*,S*", "Servo:Scripts:PassThrough: 'S*' covers SERVO_*")]
    [InlineData("Scripts:PassThrough:0", "LD_PRELOAD", "Servo:Scripts:PassThrough: 'LD_PRELOAD' is reserved")]
    [InlineData("Scripts:PassThrough:first", "A",
        "Servo:Scripts:PassThrough:first must be numbered: write Servo:Scripts:PassThrough:0 and so on, or one value with commas.")]
    [InlineData("Scripts:PassTrough:0", "A", "Servo:Scripts:PassTrough:0 is not a setting. Did you mean Servo:Scripts:PassThrough:0?")]
    public void Says_what_an_entry_must_be(string key, string value, string problem) =>
        Read(out _, (key, value)).Single().ShouldStartWith(problem);

    [Fact]
    public void Refuses_a_list_in_both_forms_at_once() =>
        Read(out _, ("Scripts:PassThrough", "A"), ("Scripts:PassThrough:0", "B")).Single()
            .ShouldBe("Servo:Scripts:PassThrough is set both as one value and by Servo:Scripts:PassThrough:0 and its like: set only one.");

    [Theory]
    [InlineData("Token")]
    [InlineData("Portal:Token")]
    public void Refuses_to_show_a_token_to_scripts(string key)
    {
        Environment.SetEnvironmentVariable("XWH_SECRET", "the-token-itself");

        Read(out _, (key, "the-token-itself"), ("Scripts:Environment:A", "Bearer the-token-itself"), ("Scripts:PassThrough", "XWH_*")).ShouldBe(
        [
            "Servo:Scripts:Environment:A holds a token of Servo, which scripts must not see: give them a credential of their own.",
            "Servo:Scripts:PassThrough: 'XWH_*' covers XWH_SECRET, which holds a token of Servo: name the other variables one by one.",
        ]);
    }

    [Fact]
    public void An_address_alone_means_an_Ochothon_portal()
    {
        Read(out var settings, ("Portal:Url", "http://10.0.0.1:9000")).ShouldBeEmpty();

        settings.Get<PortalOptions>().EffectiveMode.ShouldBe(PortalMode.Ochothon);
    }

    [Theory]
    [InlineData("01:30:00", 5400)]
    [InlineData("3600", 3600)]
    [InlineData("0.5", 0.5)]
    [InlineData("1.00:00:00", 86400)]
    public void Takes_a_duration_as_a_clock_or_in_seconds(string text, double seconds)
    {
        Read(out var settings, ("Scripts:Timeout", text)).ShouldBeEmpty();

        settings.Get<ScriptOptions>().Timeout.ShouldBe(TimeSpan.FromSeconds(seconds));
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

        Read(out var settings, ("TokenFile", folder.Write("token", text))).ShouldBeEmpty();

        settings.Get<GatewayOptions>().Token.ShouldBe(token);
        settings.Token.ShouldBe(token);
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

        Read(out var settings, ("TokenFile", folder.File("link"))).ShouldBeEmpty();

        settings.Warnings.Any(warning => warning.StartsWith("Servo:TokenFile", StringComparison.Ordinal)).ShouldBe(warns);
    }

    [Fact]
    public void Lists_all_problems_at_once() =>
        Read(out _, ("Uploads:MaxBytes", "x"), ("Portal:Mode", "Ochothon"), ("Runs:MaxConcurrent", "0"), ("Typo", "1")).Count.ShouldBe(4);

    [Theory]
    [InlineData("Upload:MaxBytes", " Did you mean Servo:Uploads:MaxBytes?")]
    [InlineData("Uploads:MaxByte", " Did you mean Servo:Uploads:MaxBytes?")]
    [InlineData("uploads:maxconcurent", " Did you mean Servo:Uploads:MaxConcurrent?")]
    [InlineData("UploadsMaxBytes", " Did you mean Servo:Uploads:MaxBytes?")]
    [InlineData("Tokne", " Did you mean Servo:Token?")]
    [InlineData("MaxQueued", " Did you mean Servo:Runs:MaxQueued?")]
    [InlineData("Callbacks:MaxBytes", " Did you mean Servo:Uploads:MaxBytes, Servo:Archives:MaxBytes or Servo:Output:MaxBytes?")]
    [InlineData("Colour", "")]
    public void Asks_whether_a_misspelt_key_was_meant_to_be_one_that_is_near(string key, string question) =>
        Read(out _, (key, "1")).Single().ShouldBe($"Servo:{key} is not a setting.{question}");

    [Theory]
    [InlineData("Uploads:MaxBytes", "0", "Servo:Uploads:MaxBytes must be at least 1.")]
    [InlineData("Uploads:MaxPendingBytes", "5", "Servo:Uploads:MaxPendingBytes must be at least Servo:Uploads:MaxBytes.")]
    [InlineData("Archives:MaxEntries", "2147483648", "Servo:Archives:MaxEntries must be a whole number, at most 2147483647.")]
    [InlineData("Scripts:Timeout", "25.00:00:00", "Servo:Scripts:Timeout must be between one millisecond and 24 days.")]
    [InlineData("Scripts:Timeout", "soon", "Servo:Scripts:Timeout must be a duration: write hh:mm:ss or a number of seconds.")]
    [InlineData("Portal:Mode", "1", "Servo:Portal:Mode must be one of None, Ochothon, Embedded.")]
    [InlineData("Portal:Mode", "Ochothon", "Servo:Portal:Url must be set where Servo:Portal:Mode is Ochothon.")]
    [InlineData("Portal:Url", "10.0.0.1:9000", "Servo:Portal:Url must be an absolute http or https URL, such as http://10.0.0.1:9000.")]
    [InlineData("PublicUrl", "http://[::1", "Servo:PublicUrl must be an absolute URL.")]
    [InlineData("Pod:Shell", "perhaps", "Servo:Pod:Shell must be true or false.")]
    [InlineData("Token", "\n", "Servo:Token must not be empty.")]
    public void Says_what_a_value_must_be(string key, string value, string problem) => Read(out _, (key, value)).Single().ShouldBe(problem);

    private static List<string> Read(out ServoSettings settings, params (string Key, string Value)[] values)
    {
        using var services = Provide(values, out settings);
        return settings.Problems;
    }

    private static ServiceProvider Provide((string Key, string Value)[] values, out ServoSettings settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Configuration.AddInMemoryCollection(values.Select(value => KeyValuePair.Create($"Servo:{value.Key}", (string?)value.Value)));
        builder.AddServo();
        settings = builder.Services.ReadSettings(builder.Configuration);

        return builder.Services.BuildServiceProvider();
    }
}
