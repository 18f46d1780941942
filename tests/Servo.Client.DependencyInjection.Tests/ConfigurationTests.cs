using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Servo.Testing;

namespace Servo.Client.DependencyInjection.Tests;

/// <summary>A client whose settings are in the configuration: they are read, and what is wrong stops the host with the names of the keys.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_section_has_all_that_a_client_needs()
    {
        await using var server = await WebServer.StartAsync(
            (number, context) => number == 0 ? WebServer.BusyAsync(context, "0") : WebServer.SucceedAsync(context));
        using var host = Host(new()
        {
            ["Servo:Url"] = server.Url.OriginalString,
            ["Servo:TokenFile"] = _folder.Write("token", "s3cr3t\n"),
            ["Servo:Algorithm"] = "sha512",
            ["Servo:MaxRetries"] = "1",
            ["Servo:MaxRetryDelay"] = "00:00:00.010",
        });
        await host.StartAsync(TestContext.Current.CancellationToken);

        var outcome = await host.Services.GetRequiredService<ServoClient>()
            .RunAsync(Scripts(), ["a.py"], cancellationToken: TestContext.Current.CancellationToken);

        outcome.Succeeded.ShouldBeTrue();
        server.Requests.ShouldBe(2);
        server.Seen[1].Signature.ShouldStartWith("sha512=");
        server.Seen[1].Signature.ShouldBe(Signature.Compute(ArchiveIn(server.Seen[1].Body), new ServoCredential("s3cr3t"), SignatureAlgorithm.Sha512));
    }

    [Fact]
    public async Task A_host_with_wrong_values_does_not_start_and_names_every_key()
    {
        using var host = Host(new()
        {
            ["Servo:Url"] = "servo.example",
            ["Servo:Token"] = "s3cr3t",
            ["Servo:TokenFile"] = "/run/secrets/servo",
            ["Servo:Algorithm"] = "md5",
            ["Servo:MaxRetries"] = "-1",
            ["Servo:MaxRetryDelay"] = "soon",
        });

        var fault = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        fault.Failures.ShouldBe(
        [
            "Servo:Url is 'servo.example': it must be an absolute http or https URL, such as https://servo.example:5000.",
            "Servo:Token and Servo:TokenFile are both set: remove one of them.",
            "Servo:Algorithm is 'md5': it must be Sha256, Sha512 or, for an original servo, Sha1.",
            "Servo:MaxRetries is '-1': it must be a whole number of at least 0.",
            "Servo:MaxRetryDelay is 'soon': it must be a time of at least zero, such as 00:01:00.",
        ]);
    }

    [Theory]
    [InlineData("Servo:Token", " s3cr3t", "Servo:Token: The servo token starts or ends with white space")]
    [InlineData("Servo:TokenFile", "/no/such/file", "Servo:TokenFile is '/no/such/file', which cannot be read: ")]
    [InlineData("Servo:Else", "", "set the environment variable SERVO_TOKEN. Servo:Token and Servo:TokenFile are not set either.")]
    public async Task A_token_that_is_wrong_or_missing_is_said_by_key_and_never_shown(string key, string value, string said)
    {
        using var host = Host(new() { ["Servo:Url"] = "http://servo.example:5000", [key] = value });

        var fault = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        fault.Failures.Single().ShouldContain(said);
        fault.Message.ShouldNotContain("s3cr3t");
    }

    [Fact]
    public async Task A_section_that_is_not_there_is_said()
    {
        using var host = Host([]);

        var fault = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        fault.Failures.First().ShouldBe("Servo:Url is not set: give the gateway's address, such as https://servo.example:5000.");
    }

    [Fact]
    public async Task Several_gateways_have_names()
    {
        await using var staging = await WebServer.StartAsync((_, context) => WebServer.SucceedAsync(context));
        await using var production = await WebServer.StartAsync((_, context) => WebServer.SucceedAsync(context));
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Gateways:Staging:Url"] = staging.Url.OriginalString, ["Gateways:Staging:Token"] = "of staging" });
        builder.Services.AddServoClient("staging", builder.Configuration.GetSection("Gateways:Staging"));
        builder.Services.AddServoClient(
            "production", production.Url, new ServoCredential("of production"),
            new ServoClientOptions { Algorithm = SignatureAlgorithm.Sha1 });
        builder.Services.AddTransient<Deployer>();
        using var host = builder.Build();

        await host.Services.GetRequiredService<Deployer>().DeployAsync(Scripts());

        staging.Seen.Single().Signature.ShouldStartWith("sha256=");
        production.Seen.Single().Signature.ShouldStartWith("sha1=");
        host.Services.GetService<ServoClient>().ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void A_name_must_not_be_empty(string name) =>
        Should.Throw<ArgumentException>(() => new ServiceCollection().AddServoClient(name, new Uri("http://servo.example"), new ServoCredential("x"))).Message.ShouldContain("must not be empty");

    private static IHost Host(Dictionary<string, string?> settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddServoClient(builder.Configuration.GetSection("Servo"));
        return builder.Build();
    }

    private Bundle Scripts()
    {
        _folder.Write("scripts/a.py", "");
        return Bundle.FromDirectory(_folder.File("scripts"));
    }

    /// <summary>The one part of a form: between the blank line after its headers and the last boundary.</summary>
    private static byte[] ArchiveIn(byte[] form) => form[(form.AsSpan().IndexOf("\r\n\r\n"u8) + 4)..form.AsSpan().LastIndexOf("\r\n--"u8)];

    private sealed class Deployer([FromKeyedServices("staging")] ServoClient staging, [FromKeyedServices("production")] ServoClient production)
    {
        public async Task DeployAsync(Bundle bundle)
        {
            (await staging.RunAsync(bundle, ["a.py"])).ThrowIfFailed();
            (await production.RunAsync(bundle, ["a.py"])).ThrowIfFailed();
        }
    }
}
