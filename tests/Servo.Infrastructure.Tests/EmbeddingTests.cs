using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Runs;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests;

/// <summary>The core in a program of one's own, without a web host.</summary>
public sealed class EmbeddingTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_a_signed_bundle_and_leaves_nothing()
    {
        _folder.Write("bundle/hello.py", "import os\nprint('hello ' + os.environ['WHO'])\n");
        await ChildProcess.RunAsync(Path.Join(_folder.Path, "bundle"), "tar", "zcf", _folder.File("upload.tgz"), ".");
        var root = Directory.CreateDirectory(_folder.File("root/x")).Parent!.FullName;
        Directory.Delete(Path.Join(root, "x"));
        var output = new RecordingOutput();

        await using (var provider = new ServiceCollection()
            .AddApplication()
            .AddInfrastructure()
            .Configure<GatewayOptions>(gateway => gateway.Token = "secret")
            .Configure<WorkspaceOptions>(workspace => workspace.Root = root)
            .Configure<StateOptions>(state => state.Root = _folder.File("state"))
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }))
        {
            await using var archive = File.OpenRead(_folder.File("upload.tgz"));
            var signature = "sha256=" + Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes("secret"), archive));
            archive.Position = 0;

            var request = new SignedRunRequest(
                new UploadBody(archive),
                UploadSignature.Parse(signature).Value!,
                ScriptList.Parse("hello.py").Value!,
                RunVariables.From([new("who", "world")]).Value!);
            await provider.GetRequiredService<RunWorker>().StartAsync(TestContext.Current.CancellationToken);
            var submitted = (await provider.GetRequiredService<SubmitRun>().ExecuteAsync(request, CancellationToken.None)).Value!;
            RunRecord? completed = null;

            await foreach (var news in provider.GetRequiredService<FollowRun>().FromAsync(submitted.Id, 0, TestContext.Current.CancellationToken))
            {
                if (news is RunNews.Records records)
                    output.Take(submitted.Id, records.Bytes);
                else if (news is RunNews.Completed ended)
                    completed = ended.Record;
            }

            completed!.Run.State.ShouldBe(RunState.Succeeded);
            output.Lines.WithoutSeconds().ShouldBe(["$WHO = world", "hello world", "hello.py ran in N seconds"]);
        }

        Directory.GetFileSystemEntries(root).ShouldBeEmpty();
    }

    [Fact]
    public void Options_with_problems_are_refused_where_they_are_used_with_the_keys_of_all()
    {
        using var provider = new ServiceCollection().AddApplication().AddInfrastructure()
            .Configure<UploadOptions>(uploads => (uploads.MaxBytes, uploads.Timeout, uploads.MaxPendingBytes) = (0, TimeSpan.Zero, -1))
            .BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<SubmitRun>()).Failures.ShouldBe(
        [
            "Servo:Uploads:MaxBytes must be at least 1.",
            "Servo:Uploads:Timeout must be between one millisecond and 24 days.",
            "Servo:Uploads:MaxPendingBytes must be at least Servo:Uploads:MaxBytes.",
        ]);
    }

    [Fact]
    public void A_host_refuses_all_options_with_problems_at_its_start()
    {
        using var provider = new ServiceCollection().AddApplication().AddInfrastructure()
            .Configure<WorkspaceOptions>(workspace => workspace.Root = "/no/such/place")
            .Configure<AdmissionOptions>(runs => runs.MaxConcurrent = 0)
            .BuildServiceProvider();

        var fault = Should.Throw<AggregateException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        fault.InnerExceptions.Cast<OptionsValidationException>().SelectMany(problem => problem.Failures).Select(problem => problem.Split(' ')[0].TrimEnd(':'))
            .ShouldBe(["Servo:Token", "Servo:Workspace:Root", "Servo:Runs:MaxConcurrent"], ignoreOrder: true);
    }
}
