using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Servo.Application;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.CrashingHost;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Infrastructure;

// Executes runs of one lock, one for each archive NAME.tar in a folder, and kills itself at a point on the way if one is given:
//
//     Servo.CrashingHost FOLDER PYTHON [METHOD:before:N | METHOD:after:N]
//
// It prints 'accepted NAME' for each run that the core has accepted, and once all have ended 'ended NAME STATE LINES' for each.
var (folder, python) = (args[0], args[1]);
var point = CrashPoint.Parse(args.Length > 2 ? args[2] : "None:before:1");

var collection = new ServiceCollection()
    .AddApplication()
    .AddInfrastructure()
    .AddLogging()
    .Configure<GatewayOptions>(gateway => gateway.Token = "a token that nobody uses")
    .Configure<StateOptions>(state => state.Root = Path.Join(folder, "state"))
    .Configure<WorkspaceOptions>(workspace => workspace.Root = folder)
    .Configure<ScriptOptions>(scripts => scripts.Python = python);

Wrap<IRunStore>();
Wrap<IHostLease>();
Wrap<IBundleStore>();
Wrap<IRunLog>();
Wrap<IScriptRunner>();

await using var services = collection.BuildServiceProvider();
await services.GetRequiredService<RunWorker>().StartAsync(CancellationToken.None);

foreach (var archive in Directory.GetFiles(folder, "*.tar").Order(StringComparer.Ordinal))
{
    var name = Path.GetFileNameWithoutExtension(archive);
    var copy = Path.Join(folder, $"{name}.upload");
    File.Copy(archive, copy, overwrite: true);
    var request = new TrustedRunRequest(copy, ScriptList.Parse("a.py").Value!, RunVariables.From([new("NAME", name)]).Value!)
    {
        IsDetached = true,
        IdempotencyKey = name,
        Locks = RunLock.Parse(["one"]).Value!,
    };

    if ((await services.GetRequiredService<SubmitRun>().ExecuteAsync(request, CancellationToken.None)).TryGet(out _, out var refusal))
        await Console.Out.WriteLineAsync($"accepted {name}");
    else
        await Console.Out.WriteLineAsync($"refused {name}: {refusal.Detail}");
}

var follow = services.GetRequiredService<FollowRun>();

foreach (var record in (await services.GetRequiredService<IRunStore>().ListAsync(new RunQuery(100), CancellationToken.None)).Runs)
{
    var ended = await follow.EndAsync(record.Run.Id, CancellationToken.None);
    await services.GetRequiredService<RunWorker>().GoneAsync(record.Run.Id);
    await Console.Out.WriteLineAsync($"ended {record.Run.Order.Key!.Value} {ended!.Run.State.Name()} {await LinesAsync(record.Run.Id)}");
}

return 0;

void Wrap<T>()
    where T : class
{
    var inner = collection.Last(service => service.ServiceType == typeof(T));
    collection.Remove(inner);
    collection.AddSingleton(provider => CrashingPort<T>.Around(
        (T)(inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)), point));
}

// How many lines of the script are in the log, whose records must be numbered without a gap.
async Task<int> LinesAsync(RunId id)
{
    var (next, lines) = (1L, 0);

    await foreach (var slice in follow.RecordsAsync(id, 1, CancellationToken.None))
    {
        for (var records = slice; LogRecords.TryTake(ref records, out var record);)
        {
            if (RecordHead.Of(record.Span).Number != next++)
                throw new InvalidDataException($"The log of {id} has a gap before record {next - 1}.");

            if (Encoding.UTF8.GetString(record.Span).Contains("\"text\":\"said", StringComparison.Ordinal))
                lines++;
        }
    }

    return lines;
}
