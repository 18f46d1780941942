using Microsoft.Extensions.DependencyInjection;
using Servo.Application.Auditing;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Infrastructure.Auditing;
using Servo.Infrastructure.Logs;
using Servo.Infrastructure.Runs;
using Servo.Infrastructure.Sandboxing;

namespace Servo.Infrastructure;

/// <summary>Registers what keeps runs beyond the host's end.</summary>
public static class RunStateRegistration
{
    /// <summary>Adds the store of one host, in the folder that <see cref="StateOptions"/> names; it is opened when it is first asked for.</summary>
    public static IServiceCollection AddRunState(this IServiceCollection services)
    {
        services.AddSingleton<StateDirectory>();
        services.AddSingleton(provider => new HiddenPlace(provider.GetRequiredService<StateDirectory>().Path));
        services.AddSingleton<StateReserve>();
        services.AddSingleton<RunDatabase>();
        services.AddSingleton<IAuditLog, FileAuditLog>();
        services.AddSingleton<SqliteRunStore>();
        services.AddSingleton<IRunStore>(provider => new AuditedRunStore(
            provider.GetRequiredService<SqliteRunStore>(), provider.GetRequiredService<IAuditLog>()));
        services.AddSingleton<SqliteHostLease>();
        services.AddSingleton<IHostLease>(provider => new AuditedHostLease(
            provider.GetRequiredService<SqliteHostLease>(), provider.GetRequiredService<IAuditLog>()));
        services.AddSingleton<IBundleStore, FileBundleStore>();
        services.AddSingleton<LogSaver>();
        services.AddSingleton<IRunLog, FileRunLog>();
        services.AddSingleton<IRunSignals, InProcessRunSignals>();

        return services;
    }
}
