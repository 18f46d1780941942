using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>The samples, copied out of the checkout, as their users run them.</summary>
public sealed class SampleTests(GatewayAndPackages shared) : IDisposable
{
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task The_build_script_deploys()
    {
        var folder = _scratch.Copy("samples/build-script");

        // Where file-based programs are built; else that is below the user's home.
        var (exitCode, output) = await shared.DotNet(folder, "run", "deploy.cs", "--", "1.2.3")
            .With("SERVO_URL", shared.Url).With("XDG_DATA_HOME", _scratch.Path).RunAsync();

        exitCode.ShouldBe(0, output);
        output.ShouldContain("deploying version 1.2.3");
        output.ShouldContain("version 1.2.3 is up");
        output.ShouldContain("test.py ended with exit code 0");
    }

    [Theory]
    [InlineData("-t:ServoDeploy")]
    [InlineData("-p:ServoDeployOnBuild=true")]
    public async Task The_MSBuild_project_deploys(string option)
    {
        var folder = _scratch.Copy("samples/msbuild");

        var (exitCode, output) = await shared.DotNet(folder, "build", option, $"-p:ServoUrl={shared.Url}").RunAsync();

        exitCode.ShouldBe(0, output);
        output.ShouldContain("deploying version 1.2.3");
        output.ShouldContain("version 1.2.3 is up");
    }

    // Groovy itself reads the Jenkinsfile; what Jenkins would do with the words in it, it does not know.
    [Fact]
    public async Task The_Jenkinsfile_is_Groovy_and_its_step_deploys()
    {
        var folder = _scratch.Copy("samples/msbuild");
        var harness = _scratch.Write("steps.groovy", """
            abstract class Steps extends Script {
                def invokeMethod(String name, Object args) {
                    if (name == 'sh') { System.out.print(args[0]); return }
                    if (name == 'string') { System.err.println(args[0]); return }
                    args.findAll { it instanceof Closure }.each { it.delegate = this; it.resolveStrategy = Closure.DELEGATE_FIRST; it() }
                }
            }
            class Names extends Binding { Object getVariable(String name) { name } }
            def settings = new org.codehaus.groovy.control.CompilerConfiguration(scriptBaseClass: 'Steps')
            new GroovyShell(this.class.classLoader, new Names(), settings).evaluate(new File(args[0]))
            """);
        var (code, step, credential) = await ChildProcess.TryAsync(_scratch.Path, "groovy", harness, Path.Join(Repository.Root, "samples/jenkins/Jenkinsfile"));
        code.ShouldBe(0, step + credential);
        credential.ShouldContain("variable:SERVO_TOKEN");
        step.ShouldNotContain("servo-token");

        var (exitCode, output) = await shared.Command(folder, "sh", "-c", step).With("SERVO_URL", shared.Url).With("BUILD_NUMBER", "17").RunAsync();

        exitCode.ShouldBe(0, output);
        output.ShouldContain("deploying version 17");

        _scratch.Write("msbuild/deploy/test.py", "raise SystemExit(1)\n");
        (exitCode, output) = await shared.Command(folder, "sh", "-c", step).With("SERVO_URL", shared.Url).With("BUILD_NUMBER", "17").RunAsync();
        exitCode.ShouldNotBe(0, output);
        output.ShouldContain("test.py failed on exit code 1");
    }

    public void Dispose() => _scratch.Dispose();
}
