using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>A project outside the checkout that uses Servo.MSBuild, restored once for a class of tests.</summary>
public sealed class DeployProject(GatewayAndPackages shared) : IAsyncLifetime
{
    private readonly Scratch _scratch = new();

    public string Folder => _scratch.Path;

    /// <summary>What the project file of a deploying project holds.</summary>
    public static string Text(string properties, string items = "") => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            {properties}
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Servo.MSBuild" Version="0.1.0-*" PrivateAssets="all" />
            {items}
          </ItemGroup>
        </Project>
        """;

    public async ValueTask InitializeAsync()
    {
        _scratch.Write("app.csproj", Text(
            "<TargetFramework>net10.0</TargetFramework>",
            """<ServoScript Include="$(First);$(Second)" /><ServoVariable Include="Pods" Value="3" /><ServoVariable Include="Fifo" Value="$(Fifo)" />"""
            + """<ServoLock Include="$(Lock)" /><ServoLock Include="$(SharedLock)" Shared="true" />"""));
        Scripts.WriteTo(_scratch, "deploy");
        _scratch.Write("deploy/sub/again.py", "print('again')\n");

        var restore = await shared.DotNet(Folder, "restore").RunAsync();
        restore.ExitCode.ShouldBe(0, restore.Output);
    }

    public string File(string name) => _scratch.File(name);

    public string Write(string name, string text) => _scratch.Write(name, text);

    /// <summary>The arguments of a build that deploys to the running gateway; <c>+</c> separates the scripts.</summary>
    public string[] Arguments(string scripts, params string[] properties)
    {
        // One by one, as an item takes no list from the command line: its separators are escaped.
        string[] names = [.. scripts.Split('+'), ""];
        return ["build", "--no-restore", "-t:ServoDeploy", $"-p:ServoUrl={shared.Url}", $"-p:First={names[0]}", $"-p:Second={names[1]}", .. properties];
    }

    public Command Deploy(string scripts, params string[] properties) => shared.DotNet(Folder, Arguments(scripts, properties));

    public Command Command(string program, params string[] arguments) => shared.Command(Folder, program, arguments);

    /// <summary>The gateway's document of a run.</summary>
    public async Task<JsonElement> RunDocumentAsync(string id)
    {
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Gateway.Token), Encoding.UTF8.GetBytes($"GET\n/runs/{id}\n{timestamp}"));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Timestamp", timestamp);
        http.DefaultRequestHeaders.Add("X-Signature", $"sha256={Convert.ToHexStringLower(signature)}");

        return JsonDocument.Parse(await http.GetStringAsync(new Uri($"{shared.Url}/runs/{id}"))).RootElement;
    }

    /// <summary>Everything that a binary log says.</summary>
    public string ReadBinaryLog(string name)
    {
        using var log = new GZipStream(System.IO.File.OpenRead(_scratch.File(name)), CompressionMode.Decompress);
        using var reader = new StreamReader(log, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>A named pipe.</summary>
    public async Task<string> FifoAsync()
    {
        var path = _scratch.File($"fifo-{Guid.NewGuid():N}");
        await ChildProcess.RunAsync("/", "mkfifo", path);
        return path;
    }

    public ValueTask DisposeAsync()
    {
        _scratch.Dispose();
        return ValueTask.CompletedTask;
    }
}
