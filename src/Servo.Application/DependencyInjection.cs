using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Servo.Application.Archives;
using Servo.Application.Callbacks;
using Servo.Application.Logs;
using Servo.Application.Messaging;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Secrets;
using Servo.Application.Settings;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application;

/// <summary>Registers the reusable core.</summary>
public static class DependencyInjection
{
    /// <summary>Adds <see cref="SubmitRun"/> and its commands; the ports come from <c>AddInfrastructure</c> or from adapters of one's own.</summary>
    public static IServiceCollection AddApplication(this IServiceCollection services)
    {
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);

        services.AddSettings<GatewayOptions>(GatewayOptions.Section);
        services.AddSettings<PortalOptions>(PortalOptions.Section);
        services.AddSettings<WorkspaceOptions>(WorkspaceOptions.Section);
        services.AddSettings<UploadOptions>(UploadOptions.Section);
        services.AddSettings<ArchiveOptions>(ArchiveOptions.Section);
        services.AddSettings<SecretOptions>(SecretOptions.Section);
        services.AddSettings<ScriptOptions>(ScriptOptions.Section);
        services.AddSingleton<IValidateOptions<ScriptOptions>, TokenSecrecy>();
        services.AddSettings<OutputOptions>(OutputOptions.Section);
        services.AddSettings<LogOptions>(LogOptions.Section);
        services.AddSettings<AdmissionOptions>(AdmissionOptions.Section);
        services.AddSettings<StateOptions>(StateOptions.Section);

        services.AddTransient<IRequestHandler<VerifyUpload, Result<VerifiedUpload>>, VerifyUploadHandler>();
        services.AddTransient<IRequestHandler<AdoptArchive, Result<VerifiedUpload>>, AdoptArchiveHandler>();
        services.AddTransient<IRequestHandler<UnpackArchive, StepResult<UnpackedArchive>>, UnpackArchiveHandler>();
        services.AddTransient<IRequestHandler<DecryptSecrets, StepResult<DecryptedSecrets>>, DecryptSecretsHandler>();
        services.AddTransient<IRequestHandler<ExecuteScripts, StepResult<ExecutedScripts>>, ExecuteScriptsHandler>();
        services.AddTransient<IRequestHandler<ForwardCommand, Result<PortalAnswer>>, ForwardCommandHandler>();
        services.AddTransient<IRequestHandler<DeliverCallback, Result<DeliveredCallback>>, DeliverCallbackHandler>();

        services.AddSingleton<IValidator<VerifyUpload>, VerifyUploadValidator>();
        services.AddSingleton<IValidator<DeliverCallback>, DeliverCallbackValidator>();

        // The first registered is the outermost: a refused command has its span, too.
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(TelemetryBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(DiskSpaceBehavior<,>));
        services.AddTransient<ServiceFactory>(provider => provider.GetRequiredService);
        services.AddTransient<IMediator, Mediator>();

        services.TryAddSingleton<IUploadCapacity, AmpleCapacity>();
        services.TryAddSingleton<IPortalDirectory, ConfiguredPortal>();

        services.AddSingleton<RunsInProgress>();
        services.AddSingleton<UploadPlaces>();
        services.AddSingleton<RunAdmission>();
        services.AddSingleton<RunDrain>();
        services.AddSingleton<ScriptEndings>();
        services.AddSingleton<ScriptVariables>();
        services.AddSingleton<ScriptEnvironment>();
        services.AddSingleton<StepTelemetry>();
        services.AddSingleton<LiveRuns>();
        services.AddSingleton<WaitingRuns>();
        services.AddSingleton<RunPipeline>();
        services.AddSingleton<RunExecution>();
        services.AddSingleton<RunWorker>();
        services.AddSingleton<SubmitRun>();
        services.AddSingleton<FollowRun>();
        services.AddSingleton<CancelRun>();
        services.AddSingleton<RunRetention>();

        return services;
    }
}
