using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A host with small limits and a bundle of scripts to post to it; after every answer no workspace is left.</summary>
public abstract class HttpContract(HttpContract.SmallHost small) : IClassFixture<HttpContract.SmallHost>, IAsyncLifetime
{
    protected const long MaxBytes = 1_000_000;

    protected HttpClient Http { get; } = new();

    protected TempDirectory Folder { get; } = new();

    protected Gateway Host => small.Gateway;

    /// <summary>What <see cref="PostAsync"/> sends and <see cref="Sign"/> signs.</summary>
    protected byte[] Archive { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        Folder.Write("a.py", "import os\nprint('ran a')\nfor name in sorted(os.environ): print(name + '=' + os.environ[name])\n");
        Folder.Write("sub/b c.py", "print('ran b')");
        Folder.Write("forever.py", "import time\nprint('hanging', flush=True)\ntime.sleep(60)\n");
        Folder.Write("chatty.py", "for i in range(1000): print('0123456789')\nprint('the end')\n");
        Folder.Write("-c", "print('ran the hyphen')");
        Folder.Write("app/__main__.py", "import os, sys, steps\nprint('ran %s of %s' % (steps.NAME, os.path.basename(sys.path[0])))");
        Folder.Write("app/steps.py", "NAME = 'the folder'");
        Folder.Write("crlf;$(touch x).py", "print('ran the odd one')");
        Archive = await PackAsync();
    }

    public ValueTask DisposeAsync()
    {
        Http.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected async Task<Answer> PostAsync(string scripts, Action<HttpRequestMessage> prepare, byte[]? archive = null)
    {
        Archive = archive ?? Archive;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Host.Url}/run/{scripts}") { Content = new ByteArrayContent(Archive) };
        request.Headers.Add("Accept", "*/*");
        prepare(request);

        using var response = await Http.SendAsync(request);
        var answer = new Answer(await response.Content.ReadAsStringAsync(), (int)response.StatusCode, response.Content.Headers.ContentType?.ToString() ?? "");
        await Host.HasNoWorkspaceAsync();
        return answer;
    }

    protected void Sign(HttpRequestMessage request, string algorithm = "sha1", bool upperCase = false)
    {
        var hex = Hex(algorithm, Archive);
        request.Headers.Add("X-Signature", $"{algorithm}={(upperCase ? hex : hex.ToLowerInvariant())}");
    }

    protected async Task<byte[]> PackAsync()
    {
        using var outbox = new TempDirectory();
        await ChildProcess.RunAsync(Folder.Path, "tar", "zcf", outbox.File("x.tgz"), ".");
        return await File.ReadAllBytesAsync(outbox.File("x.tgz"));
    }

    protected static string Hex(string algorithm, byte[] bytes)
    {
        var key = Encoding.UTF8.GetBytes(Gateway.Token);
        return Convert.ToHexString(algorithm switch { "sha1" => HMACSHA1.HashData(key, bytes), "sha256" => HMACSHA256.HashData(key, bytes), _ => HMACSHA512.HashData(key, bytes) });
    }

    protected static void ShouldBeProblem(Answer answer, int status)
    {
        answer.Status.ShouldBe(status, answer.Body);
        answer.ContentType.ShouldBe("application/problem+json");
        var problem = JsonDocument.Parse(answer.Body).RootElement;
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("detail").GetString()!.Length.ShouldBeGreaterThan(20);
    }

    /// <summary>The host, for all tests of a class.</summary>
    public sealed class SmallHost : IAsyncLifetime
    {
        public Gateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync(
            ("Servo__Uploads__MaxBytes", MaxBytes.ToString(CultureInfo.InvariantCulture)),
            ("Servo__Scripts__Timeout", "00:00:05"),
            ("Servo__Output__MaxBytes", "1000"));

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
