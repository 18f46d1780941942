using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>One published host for a class of tests.</summary>
public sealed class PublishedGateway : IAsyncLifetime
{
    public Gateway Host { get; private set; } = null!;

    public ServoCredential Credential { get; } = new(Gateway.Token);

    public ServoClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await Gateway.StartAsync();
        Client = new ServoClient(new Uri(Host.Url), Credential);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
