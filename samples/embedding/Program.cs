// Runs a signed bundle without a web host:  dotnet run -- upload.tgz sha256=<hex> deploy.py+check.py
using Embedding;
using Microsoft.Extensions.DependencyInjection;
using Servo.Application;
using Servo.Application.Runs;
using Servo.Application.Uploads;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Infrastructure;

if (args is not [var archive, var claimed, var names])
{
    await Console.Error.WriteLineAsync("usage: SERVO_TOKEN=... dotnet run -- ARCHIVE SIGNATURE SCRIPT[+SCRIPT...]");
    return 2;
}

if (!UploadSignature.Parse(claimed).TryGet(out var signature, out var refusal) || !ScriptList.Parse(names).TryGet(out var scripts, out refusal))
    return await RefuseAsync(refusal);

await using var services = new ServiceCollection()
    .AddApplication()
    .AddInfrastructure()
    .Configure<GatewayOptions>(gateway => gateway.Token = Environment.GetEnvironmentVariable("SERVO_TOKEN") ?? "")
    .BuildServiceProvider();

await using var body = File.OpenRead(archive);
await services.GetRequiredService<RunWorker>().StartAsync(CancellationToken.None);

var request = new SignedRunRequest(new UploadBody(body), signature, scripts, RunVariables.None);

if (!(await services.GetRequiredService<SubmitRun>().ExecuteAsync(request, uploadAborted: CancellationToken.None)).TryGet(out var submitted, out refusal))
    return await RefuseAsync(refusal);

var isDone = false;

await foreach (var news in services.GetRequiredService<FollowRun>().FromAsync(submitted.Id, after: 0, CancellationToken.None))
{
    if (news is RunNews.Records records)
        RunText.Write(records.Bytes);
    else if (news is RunNews.Completed completed)
        isDone = completed.Record.Run.State == RunState.Succeeded;
}

return isDone ? 0 : 1;

static async Task<int> RefuseAsync(Refusal refusal)
{
    await Console.Error.WriteLineAsync($"refused: {refusal.Detail}");
    return 2;
}
