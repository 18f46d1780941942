using Servo.Infrastructure.Pods;
using Servo.Infrastructure.Processes;
using Servo.WebHost.Configuration;
using Servo.WebHost.Lifetime;
using Servo.WebHost.Pods;

RuntimeDiagnostics.TurnOff();
ProcessPrivacy.Enable();
Subreaper.Enable();

// The settings beside the program count, not those of the folder that it happens to be started in.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
var settingProblems = ServoConfiguration.Read(builder.Configuration, out var options);
var pod = PodConfiguration.Read(builder.Configuration, options);
string[] problems = [.. settingProblems, .. pod?.Problems ?? []];

if (problems.Length > 0)
{
    await Console.Error.WriteLineAsync("Servo cannot start with this configuration:");

    foreach (var problem in problems)
        await Console.Error.WriteLineAsync($"* {problem}");

    return 1;
}

// Printed, not logged: logs are kept and shipped, and the token opens everything. A pod shows it to the cluster's own tools instead.
if (pod is null && ServoConfiguration.DrawsToken(builder.Configuration))
    await Console.Out.WriteLineAsync($"Servo token for this start (set Servo__Token to choose your own): {options.Token}");

builder.AddServo(options);

try
{
    await builder.AddPodAsync(pod, options);
}
catch (PodAddressException e)
{
    await Console.Error.WriteLineAsync($"Servo cannot start as a pod: {e.Message}");
    return 1;
}

var app = builder.Build();
app.MapServo();
await app.RunAsync();
return 0;
