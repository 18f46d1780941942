using Servo.Infrastructure.Sandboxing;

namespace Servo.WebHost.Configuration;

/// <summary>Keeps from scripts what the host is made of and what it is told: its program, its configuration files and the token's.</summary>
internal static class HostFiles
{
    public static void HideHostFiles(this IServiceCollection services, IConfigurationRoot configuration, string? tokenFile)
    {
        services.AddSingleton(new HiddenPlace(AppContext.BaseDirectory, ShowsFolders: true));

        foreach (var file in configuration.Providers.OfType<FileConfigurationProvider>().Select(PathOf).Append(tokenFile).OfType<string>())
            services.AddSingleton(new HiddenPlace(file));
    }

    private static string? PathOf(FileConfigurationProvider provider) =>
        provider.Source is { Path: { } path, FileProvider: { } files } ? files.GetFileInfo(path).PhysicalPath : null;
}
