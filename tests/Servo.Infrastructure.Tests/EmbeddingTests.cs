using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using Microsoft.Extensions.DependencyInjection;
using Servo.Application;
using Servo.Application.Runs;
using Servo.Application.Uploads;
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
        var options = new ServoOptions { Token = "secret", Workspace = { Root = root } };
        var output = new RecordingOutput();

        await using (var provider = new ServiceCollection()
            .AddApplication()
            .AddInfrastructure(options)
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
            var refusal = await provider.GetRequiredService<ScriptRun>().ExecuteAsync(request, output, new RunCancellation(), CancellationToken.None);

            refusal.ShouldBeNull();
            output.Completed!.State.ShouldBe(RunState.Succeeded);
            output.Lines.WithoutSeconds().ShouldBe(["$WHO = world", "hello world", "hello.py ran in N seconds"]);
        }

        Directory.GetFileSystemEntries(root).ShouldBeEmpty();
    }

    [Fact]
    public void Options_with_problems_are_refused_with_all_of_them()
    {
        var options = new ServoOptions { Token = "", Workspace = { Root = "/no/such/place" }, Runs = { MaxConcurrent = 0 } };

        var fault = Should.Throw<ValidationException>(() => new ServiceCollection().AddInfrastructure(options));

        fault.Errors.Select(error => error.ErrorMessage.Split(' ')[0].TrimEnd(':')).ShouldBe(
            ["Servo:Token", "Servo:Workspace:Root", "Servo:Runs:MaxConcurrent"]);
    }
}
