using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Servo.Application.Archives;
using Servo.Application.Callbacks;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Secrets;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Archives;
using Servo.Infrastructure.Callbacks;
using Servo.Infrastructure.Cgroups;
using Servo.Infrastructure.Health;
using Servo.Infrastructure.Portal;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Secrets;
using Servo.Infrastructure.Uploads;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure;

/// <summary>Registers the adapters.</summary>
public static class DependencyInjection
{
    /// <summary>
    /// Adds an adapter for every port of the core. A host that listens registers its own <see cref="IPortalSocket"/> and
    /// <see cref="ICallbackAddress"/>, in any order.
    /// </summary>
    public static IServiceCollection AddInfrastructure(this IServiceCollection services)
    {
        services.AddSingleton<RuntimeDirectory>();
        services.AddSingleton<RunUsers>();
        services.AddSingleton<RunCgroups>();
        services.AddSingleton<IWorkspaceFactory, WorkspaceFactory>();
        services.AddSingleton<ICallbackFiles, CallbackFiles>();
        services.AddSingleton<ITemporaryFiles, TemporaryFiles>();
        services.AddSingleton<IReadiness, Readiness>();
        services.AddSingleton<ScriptTelemetry>();
        services.AddSingleton<SupervisedScriptRunner>();
        services.AddSingleton<IScriptRunner>(provider => provider.GetRequiredService<SupervisedScriptRunner>());

        services.AddSingleton<IUploadSpool, HmacUploadSpool>();
        services.AddSingleton<IArchiveReader, ArchiveReader>();
        services.AddSingleton<ISecretDecryptor, OpenSslDecryptor>();
        services.AddSingleton<ISecretDecryptor, CertificateDecryptor>();
        services.AddRunState();
        services.AddPortal();

        services.TryAddSingleton<IPortalSocket, NoPortalSocket>();
        services.TryAddSingleton<ICallbackAddress, NoCallbackAddress>();

        return services;
    }
}
