using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>One published host for a class of tests.</summary>
public sealed class PublishedGateway : IAsyncLifetime
{
    public Gateway Host { get; private set; } = null!;

    /// <summary>What a user exports.</summary>
    public (string Name, string? Value)[] Environment => [("SERVO_URL", Host.Url), ("SERVO_TOKEN", Gateway.Token)];

    public async ValueTask InitializeAsync() => Host = await Gateway.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
