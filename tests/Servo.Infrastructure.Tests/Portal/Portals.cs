using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Domain;
using Servo.Infrastructure.Portal;
using Servo.Infrastructure.Runs;

namespace Servo.Infrastructure.Tests.Portal;

/// <summary>Portals as the host registers them, and shorthands for what tests ask of them.</summary>
internal static class Portals
{
    public const string Boundary = "----servo-test-boundary";
    public const string ContentType = $"multipart/form-data; boundary={Boundary}";

    public static ServiceProvider Provide(Action<ServoOptions> configure, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddOptions<ServoOptions>().Configure(configure);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<RuntimeDirectory>();
        services.AddPortal();
        more?.Invoke(services);

        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public static ServiceProvider ProvideFor(Uri url, string token = "") =>
        Provide(options => (options.Portal.Url, options.Portal.Token) = (url, token));

    public static IPortal Portal(this ServiceProvider provider) => provider.GetRequiredService<IPortal>();

    public static async Task<Rejection> RejectionOfAsync(this IPortal portal, PortalCommand command)
    {
        var result = await portal.SendAsync(command, TestContext.Current.CancellationToken);
        return result.Rejection.ShouldNotBeNull();
    }

    public static async Task<JsonElement> AnswerToAsync(this IPortal portal, PortalCommand command)
    {
        var result = await portal.SendAsync(command, TestContext.Current.CancellationToken);
        result.TryGet(out var answer, out var rejection).ShouldBeTrue(rejection?.Detail);

        await using (answer)
            return await JsonSerializer.DeserializeAsync<JsonElement>(answer!.Content, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>A multipart body as a script writes it.</summary>
    public static byte[] Multipart(params (string Name, byte[] Content)[] files)
    {
        var body = new MemoryStream();

        foreach (var (name, content) in files)
        {
            body.Write(System.Text.Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n"));
            body.Write(content);
            body.Write("\r\n"u8);
        }

        body.Write(System.Text.Encoding.UTF8.GetBytes($"--{Boundary}--\r\n"));
        return body.ToArray();
    }

    public static PortalCommand WithFiles(string line, byte[] multipart) => new(line, new MemoryStream(multipart), ContentType, multipart.Length);
}
