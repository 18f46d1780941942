namespace Servo.WebHost.Lifetime;

/// <summary>Registers what the host says at its start.</summary>
internal static class StartRegistration
{
    public static void AddStart(this WebApplicationBuilder builder, HostStart start)
    {
        builder.Services.AddSingleton(start);
        builder.Services.AddSingleton<LoggerFactory>();
        builder.Services.AddSingleton<ILoggerFactory, StartLog>();
        builder.Services.AddSingleton<StartReport>();
    }
}
