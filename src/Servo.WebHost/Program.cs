using Servo.WebHost.Configuration;
using Servo.WebHost.Lifetime;

ProcessPrivacy.Enable();

// The settings beside the program count, not those of the folder that it happens to be started in.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
var problems = ServoConfiguration.Read(builder.Configuration, out var options);

if (problems.Count > 0)
{
    await Console.Error.WriteLineAsync("Servo cannot start with this configuration:");

    foreach (var problem in problems)
        await Console.Error.WriteLineAsync($"* {problem}");

    return 1;
}

// Printed, not logged: logs are kept and shipped, and the token opens everything.
if (ServoConfiguration.DrawsToken(builder.Configuration))
    await Console.Out.WriteLineAsync($"Servo token for this start (set Servo__Token to choose your own): {options.Token}");

builder.AddServo(options);

var app = builder.Build();
app.MapServo();
await app.RunAsync();
return 0;
