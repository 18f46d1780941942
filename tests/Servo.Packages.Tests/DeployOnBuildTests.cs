using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>Projects that deploy with each build.</summary>
public sealed class DeployOnBuildTests(GatewayAndPackages shared) : IDisposable
{
    private static readonly string[] _taskFrameworks = ["net10.0", "netstandard2.0"];

    private readonly Scratch _scratch = new();

    private string DeployOnBuild => $"<ServoUrl>{shared.Url}</ServoUrl><ServoDeployOnBuild>true</ServoDeployOnBuild>";

    [Fact]
    public async Task Deploys_once_for_all_frameworks_and_only_what_was_built()
    {
        _scratch.Write("app.csproj", DeployProject.Text(
            $"<TargetFrameworks>net10.0;netstandard2.0</TargetFrameworks>{DeployOnBuild}",
            """<ServoScript Include="hello.py" />"""));
        Scripts.WriteTo(_scratch, "deploy");

        var (exitCode, output) = await shared.DotNet(_scratch.Path, "build").RunAsync();

        exitCode.ShouldBe(0, output);
        output.Split("hello from").Length.ShouldBe(2, output);
        output.IndexOf("hello from", StringComparison.Ordinal).ShouldBeGreaterThan(output.LastIndexOf(" -> ", StringComparison.Ordinal), output);

        _scratch.Write("Broken.cs", "this does not compile");
        (exitCode, output) = await shared.DotNet(_scratch.Path, "build", "--no-restore").RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldNotContain("hello from");
    }

    [Fact]
    public async Task Two_projects_of_a_solution_deploy_at_the_same_time()
    {
        var fifo = _scratch.File("fifo");
        await ChildProcess.RunAsync("/", "mkfifo", fifo);
        Add("one", "read.py");
        Add("two", "write.py");
        _scratch.Write("both.slnx", """<Solution><Project Path="one/one.csproj" /><Project Path="two/two.csproj" /></Solution>""");

        // Each script waits for the other, so one after the other they would not get on.
        foreach (var framework in _taskFrameworks)
        {
            var (exitCode, output) = await shared.DotNet(_scratch.Path, "build", "both.slnx", "-m:2", $"-p:ServoTaskFramework={framework}").RunAsync();

            exitCode.ShouldBe(0, output);
            output.ShouldContain("heard the other project");
            output.ShouldContain("said");
        }

        void Add(string name, string script)
        {
            _scratch.Write($"{name}/{name}.csproj", DeployProject.Text(
                $"<TargetFramework>net10.0</TargetFramework><ServoTimeout>60</ServoTimeout>{DeployOnBuild}",
                $"""<ServoScript Include="{script}" /><ServoVariable Include="Fifo" Value="{fifo}" />"""));
            Scripts.WriteTo(_scratch, $"{name}/deploy");
        }
    }

    // The build loads System.Text.Json of another version in a task of its own and references a third one; the deployment's is a fourth.
    [Fact]
    public async Task Does_not_meet_the_System_Text_Json_of_the_build()
    {
        _scratch.Write("app.csproj", DeployProject.Text(
            $"<TargetFramework>netstandard2.0</TargetFramework>{DeployOnBuild}",
            """<ServoScript Include="hello.py" /><PackageReference Include="System.Text.Json" Version="9.0.10" />""")
            .Replace("</Project>", """
                  <UsingTask TaskName="JsonVersion" TaskFactory="RoslynCodeTaskFactory" AssemblyFile="$(MSBuildToolsPath)/Microsoft.Build.Tasks.Core.dll">
                    <Task>
                      <Using Namespace="System.Reflection" />
                      <Code Type="Fragment" Language="cs">
                        var json = Assembly.LoadFile(PATH).GetType("System.Text.Json.JsonSerializer");
                        Log.LogMessage(MessageImportance.High, "the build's own task has " + json.Assembly.GetName().Version);
                      </Code>
                    </Task>
                  </UsingTask>
                  <Target Name="UseJson" BeforeTargets="Build"><JsonVersion /></Target>
                </Project>
                """.Replace("PATH", $"\"{_scratch.Path}/bin/Debug/netstandard2.0/System.Text.Json.dll\"")));
        _scratch.Write("Uses.cs", "public class Uses { public string Text => System.Text.Json.JsonSerializer.Serialize(1); }");
        Scripts.WriteTo(_scratch, "deploy");

        foreach (var framework in _taskFrameworks)
        {
            var (exitCode, output) = await shared.DotNet(
                _scratch.Path, "build", "-p:CopyLocalLockFileAssemblies=true", $"-p:ServoTaskFramework={framework}").RunAsync();

            exitCode.ShouldBe(0, output);
            output.ShouldContain("the build's own task has 9.0.0.0", Case.Sensitive, output);
            output.ShouldContain("hello from");
        }

        File.ReadAllText(_scratch.File("obj/project.assets.json")).ShouldContain("System.Text.Json/9.0.10");
    }

    public void Dispose() => _scratch.Dispose();
}
