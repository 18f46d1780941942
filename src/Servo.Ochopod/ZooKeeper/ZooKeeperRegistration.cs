namespace Servo.Ochopod.ZooKeeper;

internal static class ZooKeeperRegistration
{
    /// <summary>Adds <see cref="IZooKeeper"/>; nothing is connected before a session is asked for.</summary>
    /// <exception cref="FormatException"><paramref name="servers"/> is not of the form <c>host:port[,host:port...]</c>.</exception>
    public static IServiceCollection AddZooKeeper(this IServiceCollection services, string servers, TimeSpan sessionTimeout)
    {
        var list = ServerList.Parse(servers);

        return services.AddSingleton<IZooKeeper>(provider => new ZooKeeperClient(
            list,
            sessionTimeout,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ZooKeeperClient>>()));
    }
}
