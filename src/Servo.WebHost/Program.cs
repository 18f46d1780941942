using Servo.Application.Scripts;
using Servo.Application.Secrets;
using Servo.AspNetCore;
using Servo.Infrastructure.Processes;
using Servo.Ochopod;
using Servo.Ochopod.Deployment;
using Servo.WebHost;
using Servo.WebHost.Configuration;
using Servo.WebHost.Lifetime;

// Before the first word that another file of the program has to explain.
return LeastOpenFiles.AreMissing() ? 1 : GuardAsync(args).GetAwaiter().GetResult();

static Task<int> GuardAsync(string[] args) => HostProcess.GuardAsync(start => RunAsync(args, start), Console.Error);

static async Task<int> RunAsync(string[] args, HostStart start)
{
    RuntimeDiagnostics.TurnOff();
    ProcessPrivacy.Enable();
    Subreaper.Enable();

    if (HostCommandLine.Read(args) is { } said)
        return await said.PrintAsync();

    OpenSslLibrary.Require();

    // The settings beside the program count, not those of the folder that it happens to be started in. Slim: without IIS, debuggers' logs and HTTP/3.
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.WebHost.UseKestrelHttpsConfiguration();
    builder.AddServo();
    var settings = builder.Services.ReadSettings(builder.Configuration);
    var pod = PodConfiguration.Read(settings.Get<PodOptions>(), settings.Token);
    string[] problems =
    [
        .. settings.Problems,
        .. pod?.Problems ?? [],
        .. ScriptVariables.Leaks(settings.Get<ScriptOptions>(), [settings.Token is null ? pod?.Token : null]),
        .. ServerConfiguration.Problems(builder.Configuration, builder.Environment),
    ];

    if (problems.Length > 0)
    {
        await Console.Error.WriteLineAsync(problems is [var only]
            ? $"Servo cannot start: {only}"
            : $"Servo cannot start with this configuration:\n* {string.Join("\n* ", problems)}");
        return 1;
    }

    // Printed, not logged: logs are kept and shipped, and the token opens everything. A pod shows it to the cluster's own tools instead.
    if (pod is null && settings.DrawnToken is { } token)
        await Console.Out.WriteLineAsync($"Servo token for this start (set Servo__Token to choose your own): {token}");

    if (pod is not null)
        builder.Services.AddOchopod(pod, await pod.IdentifyAsync(settings.Get<PodOptions>().MetadataUrl, CancellationToken.None));

    builder.AddStart(start);
    var secrets = settings.Get<SecretOptions>();
    builder.Services.HideHostFiles(builder.Configuration, settings.Get<TokenFileOptions>().TokenFile, secrets.Certificate, secrets.PrivateKey);

    await using var app = builder.Build();
    app.MapGateway();
    await app.StartServerAsync();
    start.Complete();
    app.Services.GetRequiredService<StartReport>().Write(settings);
    await app.WaitForEndAsync();
    return 0;
}
