using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Servo.Infrastructure.Sandboxing;
using Servo.WebHost.Configuration;

namespace Servo.WebHost.Tests;

/// <summary>Which of the host's own files scripts do not reach.</summary>
public sealed class HostFilesTests
{
    [Fact]
    public void Its_program_the_token_s_and_the_certificates_wherever_they_are_named()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kestrel:Certificates:Default:Path"] = "/etc/tls/default.pem",
            ["Kestrel:Certificates:Default:KeyPath"] = "tls/default.key",
            ["Kestrel:Certificates:Default:Password"] = "/etc/passwd",
            ["Kestrel:Endpoints:Web:Url"] = "https://*:1",
            ["Kestrel:Endpoints:Web:Certificate:Path"] = "/etc/tls/web.pfx",
            ["Kestrel:Endpoints:Web:Sni:example.org:Certificate:KeyPath"] = "/etc/tls/sni.key",
        }).Build();
        var services = new ServiceCollection();

        services.HideHostFiles(configuration, "/run/secrets/token", "/etc/servo/certificate.p12", null);

        services.Select(service => ((HiddenPlace)service.ImplementationInstance!).Path).ShouldBe(
            [
                AppContext.BaseDirectory, "/run/secrets/token", "/etc/servo/certificate.p12", "/etc/tls/default.pem", Path.Join(AppContext.BaseDirectory, "tls/default.key"), "/etc/tls/web.pfx",
                "/etc/tls/sni.key",
            ],
            ignoreOrder: true);
    }
}
