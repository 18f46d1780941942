using Servo.Infrastructure.Sandboxing;

namespace Servo.WebHost.Configuration;

/// <summary>
/// Keeps from scripts what the host is made of and what it is told: its program, its configuration files, the token's, and those of its certificates and keys.
/// </summary>
internal static class HostFiles
{
    public static void HideHostFiles(this IServiceCollection services, IConfigurationRoot configuration, params string?[] secretFiles)
    {
        services.AddSingleton(new HiddenPlace(AppContext.BaseDirectory, ShowsFolders: true));

        var files = configuration.Providers.OfType<FileConfigurationProvider>().Select(PathOf).Concat(secretFiles).OfType<string>();

        foreach (var file in files.Concat(CertificateFiles(configuration)))
            services.AddSingleton(new HiddenPlace(file));
    }

    /// <summary>Kestrel's certificates and keys, which are given by paths, wherever in its section they are.</summary>
    private static IEnumerable<string> CertificateFiles(IConfiguration configuration) =>
        from setting in configuration.GetSection("Kestrel").AsEnumerable()
        where setting.Key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase) || setting.Key.EndsWith(":KeyPath", StringComparison.OrdinalIgnoreCase)
        where !string.IsNullOrEmpty(setting.Value)
        select Path.GetFullPath(setting.Value, AppContext.BaseDirectory);

    private static string? PathOf(FileConfigurationProvider provider) =>
        provider.Source is { Path: { } path, FileProvider: { } files } ? files.GetFileInfo(path).PhysicalPath : null;
}
