namespace Servo.Packages.Tests;

/// <summary>Servo.Client and Servo.Client.DependencyInjection as projects outside the checkout use them.</summary>
public sealed class ClientPackageTests(ClientPackageTests.Programs programs) : IClassFixture<ClientPackageTests.Programs>
{
    private const string Library = """
        <Project Sdk="Microsoft.NET.Sdk">
          <!-- No LangVersion: the compiler then takes C# 7.3 for both. The build for .NET Framework is not run, as nothing here can. -->
          <PropertyGroup>
            <TargetFrameworks>netstandard2.0;net48</TargetFrameworks>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Servo.Client" Version="0.1.0-*" />
            <!-- As Servo.Client's README says: on .NET 10 Servo.Client needs it not, and a library that names IAsyncEnumerable brings its own. -->
            <PackageReference Include="Microsoft.Bcl.AsyncInterfaces" Version="10.0.13" />
          </ItemGroup>
        </Project>
        """;

    private const string Deployer = """
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using Servo.Client;

        namespace Library
        {
            public class Deployer : IProgress<RunProgress>
            {
                public void Report(RunProgress value)
                {
                    if (value is RunProgress.Output output)
                        Console.WriteLine("library: " + output.Line.Text);
                }

                public async Task<string> DeployAsync(Uri gateway, string token, string folder, string script, CancellationToken cancellationToken)
                {
                    var client = new ServoClient(gateway, new ServoCredential(token), new ServoClientOptions { Algorithm = SignatureAlgorithm.Sha1, MaxRetries = 0 });
                    var options = new RunOptions { Variables = new Dictionary<string, string> { ["pods"] = "3" }, Timeout = TimeSpan.FromMinutes(1) };

                    try
                    {
                        var outcome = await client.RunAsync(Bundle.FromDirectory(folder).Without("*.log"), new[] { script }, options, this, cancellationToken);
                        outcome.ThrowIfFailed();
                        return "ok after " + outcome.Scripts[0].Duration.Ticks / TimeSpan.TicksPerHour + " hours";
                    }
                    catch (ServoRunFailedException e) when (e.Failure.Kind == FailureKinds.ScriptFailed)
                    {
                        return "failed: " + e.LastLines[0].Text;
                    }
                    catch (BundleException e)
                    {
                        return "bundle: " + e.Message;
                    }
                    catch (ServoRequestException e) when (e.Error == ServoRequestError.BadSignature)
                    {
                        return "refused: " + e.StatusCode;
                    }
                }

                // What 'await foreach' does, which C# 7.3 has not.
                public async Task<int> CountLinesAsync(Uri gateway, string token, string folder, string script)
                {
                    var lines = 0;
                    var events = new ServoClient(gateway, new ServoCredential(token)).StreamAsync(Bundle.FromDirectory(folder), new[] { script }).GetAsyncEnumerator();

                    try
                    {
                        while (await events.MoveNextAsync())
                        {
                            if (events.Current is RunEvent.Output output && output.Line.Stream == RunStreams.StandardOutput)
                                lines++;
                        }
                    }
                    finally
                    {
                        await events.DisposeAsync();
                    }

                    return lines;
                }
            }
        }
        """;

    private const string Console = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFrameworks>net10.0;net8.0</TargetFrameworks>
            <UseAppHost>false</UseAppHost>
            <RollForward>Major</RollForward>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Servo.Client.DependencyInjection" Version="0.1.0-*" />
            <PackageReference Include="Microsoft.Extensions.DependencyInjection" Version="10.0.13" />
            <ProjectReference Include="../library/library.csproj" />
          </ItemGroup>
        </Project>
        """;

    private const string Program = """
        using Microsoft.Extensions.Configuration;
        using Microsoft.Extensions.DependencyInjection;
        using Servo.Client;

        var gateway = new Uri(args[1]);
        var options = new RunOptions { Variables = new Dictionary<string, string> { ["pods"] = "3" }, Timeout = TimeSpan.FromMinutes(1), KeepLines = false };

        switch (args[0])
        {
            case "direct":
                var client = new ServoClient(gateway, ServoCredential.FromEnvironment(), new ServoClientOptions { Algorithm = SignatureAlgorithm.Sha512 });
                var outcome = await client.RunAsync(Bundle.FromDirectory(args[2]), [args[3]], options, new Lines());
                return outcome.Succeeded ? 0 : 1;

            case "library":
                Console.WriteLine("library says " + await new Library.Deployer().DeployAsync(gateway, args[4], args[2], args[3], CancellationToken.None));
                return 0;

            case "count":
                Console.WriteLine("lines: " + await new Library.Deployer().CountLinesAsync(gateway, args[4], args[2], args[3]));
                return 0;

            case "stream":
                await foreach (var next in new ServoClient(gateway, ServoCredential.FromEnvironment()).StreamAsync(Bundle.FromDirectory(args[2]), [args[3]], options))
                    Console.WriteLine(next is RunEvent.Completed { Outcome.Succeeded: true } ? "completed" : next.GetType().Name);
                return 0;

            case "configured":
                var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Servo:Url"] = args[1] }).Build();
                await using (var services = new ServiceCollection().AddServoClient("staging", configuration.GetSection("Servo")).Services.BuildServiceProvider())
                    return (await services.GetRequiredKeyedService<ServoClient>("staging").RunAsync(Bundle.FromDirectory(args[2]), [args[3]], options, new Lines())).Succeeded ? 0 : 1;

            default:
                await using (var services = new ServiceCollection().AddServoClient(gateway, ServoCredential.FromEnvironment()).Services.BuildServiceProvider())
                    return (await services.GetRequiredService<ServoClient>().RunAsync(Bundle.FromDirectory(args[2]), [args[3]], options, new Lines())).Succeeded ? 0 : 1;
        }

        sealed class Lines : IProgress<RunProgress>
        {
            public void Report(RunProgress value)
            {
                if (value is RunProgress.Output output)
                    Console.WriteLine($"{output.Line.Stream}: {output.Line.Text}");
            }
        }
        """;

    [Fact]
    public async Task A_console_program_packs_signs_uploads_and_prints_the_lines()
    {
        var (exitCode, output) = await programs.RunAsync("direct", "hello.py");

        exitCode.ShouldBe(0, output);
        output.ShouldContain("stdout: hello from 3 pods");
    }

    [Fact]
    public async Task A_console_program_sees_that_a_script_failed()
    {
        var (exitCode, output) = await programs.RunAsync("direct", "fail.py");

        exitCode.ShouldBe(1, output);
        output.ShouldContain("stdout: about to fail");
    }

    [Theory]
    [InlineData("container")]
    [InlineData("configured")]
    public async Task A_container_gives_a_client_over_its_factory(string mode)
    {
        var (exitCode, output) = await programs.RunAsync(mode, "hello.py");

        exitCode.ShouldBe(0, output);
        output.ShouldContain("stdout: hello from 3 pods");
    }

    // What is in the package for .NET Framework is what programs for .NET 8 and 9 get, with another System.Text.Json.
    [Theory]
    [InlineData("net10.0")]
    [InlineData("net8.0")]
    public async Task A_program_enumerates_the_events_of_a_run(string framework)
    {
        var (exitCode, output) = await programs.RunAsync("stream", "hello.py", framework: framework);

        exitCode.ShouldBe(0, output);
        output.ShouldStartWith("Accepted\nStarted\n");
        output.ShouldEndWith("ScriptEnded\ncompleted\n");
    }

    [Theory]
    [InlineData("net10.0")]
    [InlineData("net8.0")]
    public async Task A_library_of_old_CSharp_enumerates_the_events_of_a_run(string framework)
    {
        var (exitCode, output) = await programs.RunAsync("count", "hello.py", Testing.Gateway.Token, framework);

        exitCode.ShouldBe(0, output);
        output.ShouldBe("lines: 1\n");
    }

    [Theory]
    [InlineData("hello.py", Testing.Gateway.Token, "library says ok after 0 hours")]
    [InlineData("fail.py", Testing.Gateway.Token, "library says failed: about to fail")]
    [InlineData("hello.py", "another token", "library says refused: Forbidden")]
    [InlineData("absent.py", Testing.Gateway.Token, "library says bundle: ")]
    public async Task A_library_of_netstandard_and_old_CSharp_runs_bundles(string script, string token, string expected)
    {
        var (exitCode, output) = await programs.RunAsync("library", script, token);

        exitCode.ShouldBe(0, output);
        output.ShouldContain(expected);
    }

    [Fact]
    public async Task A_library_of_old_CSharp_sets_variables()
    {
        var (exitCode, output) = await programs.RunAsync("library", "hello.py", Testing.Gateway.Token);

        exitCode.ShouldBe(0, output);
        output.ShouldContain("library: hello from 3 pods");
    }

    /// <summary>The programs, built once.</summary>
    public sealed class Programs(GatewayAndPackages shared) : IAsyncLifetime
    {
        private readonly Scratch _scratch = new();

        public async ValueTask InitializeAsync()
        {
            _scratch.Write("library/library.csproj", Library);
            _scratch.Write("library/Deployer.cs", Deployer);
            _scratch.Write("console/console.csproj", Console);
            _scratch.Write("console/Program.cs", Program);
            Scripts.WriteTo(_scratch, "deploy");

            foreach (var project in (string[])["library", "console"])
            {
                var build = await shared.DotNet(_scratch.Path, "build", project).RunAsync();
                build.ExitCode.ShouldBe(0, build.Output);
            }
        }

        public Task<CommandResult> RunAsync(string mode, string script, string token = "", string framework = "net10.0") =>
            shared.DotNet(_scratch.Path, $"console/bin/Debug/{framework}/console.dll", mode, shared.Url, "deploy", script, token).RunAsync();

        public ValueTask DisposeAsync()
        {
            _scratch.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
