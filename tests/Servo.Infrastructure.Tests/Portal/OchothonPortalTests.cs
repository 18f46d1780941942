using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Servo.Domain;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Portal;

public sealed class OchothonPortalTests
{
    [Theory]
    [InlineData("ls -j")]
    [InlineData("exec *web  --force echo  \"a b\" $HOME;|\\ -j")]
    [InlineData("grep größe-日本-😀 -j")]
    public async Task Carries_a_signed_line_to_the_portal_byte_for_byte(string line)
    {
        await using var server = await PortalServer.StartAsync("s3cr3t");
        await using var provider = Portals.ProvideFor(server.Url, "s3cr3t");

        var answer = await provider.Portal().AnswerToAsync(PortalCalls.Command(line));

        answer.GetProperty("out").GetString().ShouldBe("{}");
        server.Requests.ShouldHaveSingleItem().Line.ShouldBe(line);
    }

    [Fact]
    public async Task Sends_no_signature_without_a_token()
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);

        await provider.Portal().AnswerToAsync(PortalCalls.Command("ls -j"));

        server.Requests.ShouldHaveSingleItem().Headers.Keys.ShouldNotContain("X-Signature");
    }

    [Theory]
    [InlineData("", "failure -> signature missing (make sure you define $OCHOPOD_TOKEN)")]
    [InlineData("another", "failure -> SHA1 signature mismatch (check your token)")]
    public async Task Passes_the_portals_own_refusal_through(string token, string refusal)
    {
        await using var server = await PortalServer.StartAsync("s3cr3t");
        await using var provider = Portals.ProvideFor(server.Url, token);

        var answer = await provider.Portal().AnswerToAsync(PortalCalls.Command("ls -j"));

        answer.GetProperty("ok").GetBoolean().ShouldBeFalse();
        answer.GetProperty("out").GetString().ShouldBe(refusal);
    }

    [Fact]
    public async Task Passes_the_answer_through_untouched()
    {
        const string Odd = "  {\"ok\" : true,\n\"ms\":0.5e3, \"out\": \"\\u00e9 é\"}\n\n";
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = _ => PortalReply.Raw(200, "application/json; charset=utf-8", Odd);

        var result = await provider.Portal().SendAsync(PortalCalls.Command("ls"), TestContext.Current.CancellationToken);

        await using var answer = result.Value.ShouldNotBeNull();
        using var reader = new StreamReader(answer.Content);
        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe(Odd);
        answer.ContentType.ShouldBe("application/json; charset=utf-8");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public async Task Finds_the_shell_whether_or_not_the_address_ends_in_a_slash(string end)
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(new Uri(server.Url.ToString().TrimEnd('/') + end));

        await provider.Portal().AnswerToAsync(PortalCalls.Command("ls"));

        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Passes_the_files_through_with_their_boundary_and_their_length()
    {
        await using var server = await PortalServer.StartAsync("s3cr3t");
        await using var provider = Portals.ProvideFor(server.Url, "s3cr3t");
        var body = PortalCalls.Multipart(("web.yml", "cluster: web"u8.ToArray()), ("data.tgz", RandomNumberGenerator.GetBytes(300_000)));

        await provider.Portal().AnswerToAsync(PortalCalls.WithFiles("deploy web.yml -j", body));

        var request = server.Requests.ShouldHaveSingleItem();
        request.Body.SequenceEqual(body).ShouldBeTrue();
        request.Headers["Content-Type"].ShouldBe(PortalCalls.ContentType);
        request.Headers["Content-Length"].ShouldBe($"{body.Length}");
        request.Files.Select(file => file.Name).ShouldBe(["web.yml", "data.tgz"]);
        request.Files[0].Text.ShouldBe("cluster: web");
    }

    // The portal's web server ignores a chunked body, so the command would run without its files.
    [Fact]
    public async Task Finds_out_the_length_of_files_that_came_without_one()
    {
        using var spool = new TempDirectory();
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url, root: spool.Path);
        var body = PortalCalls.Multipart(("data.tgz", RandomNumberGenerator.GetBytes(300_000)));

        await provider.Portal().AnswerToAsync(PortalCalls.WithFiles("deploy data.tgz", body) with { FilesLength = null });

        server.Requests.ShouldHaveSingleItem().Body.SequenceEqual(body).ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(provider.GetRequiredService<RuntimeDirectory>().Spool).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(spool.Path).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Sends_a_command_without_files_with_an_empty_body()
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);

        await provider.Portal().AnswerToAsync(PortalCalls.Command("ls"));

        var request = server.Requests.ShouldHaveSingleItem();
        request.BodyLength.ShouldBe(0);
        request.Headers.Keys.ShouldNotContain("Content-Type");
    }

    [Fact]
    public async Task Asks_for_a_connection_of_its_own_and_for_nothing_that_would_change_the_answer()
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);

        await provider.Portal().AnswerToAsync(PortalCalls.Command("ls"));

        var headers = server.Requests.ShouldHaveSingleItem().Headers;
        headers["Connection"].ShouldBe("close");
        headers.Keys.ShouldNotContain("Accept-Encoding");
        headers.Keys.ShouldNotContain("Cookie");
        headers.Keys.ShouldNotContain("Expect");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("multipart/form-data; boundary=x\r\nX-Shell: kill *")]
    public async Task Refuses_files_without_a_usable_content_type(string? contentType)
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);

        var refusal = await provider.Portal().RefusalOfAsync(PortalCalls.Command("deploy x", new MemoryStream("x"u8.ToArray()), contentType, 1));

        refusal.ShouldBeOfType<Refusal.Malformed>();
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Answers_many_commands_at_a_time_each_with_its_own_answer()
    {
        await using var server = await PortalServer.StartAsync("s3cr3t");
        await using var provider = Portals.ProvideFor(server.Url, "s3cr3t");
        server.Answer = request => PortalReply.Succeeded(Encoding.UTF8.GetString([.. request.Files[0].Bytes]) + request.Line);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(n =>
            provider.Portal().AnswerToAsync(PortalCalls.WithFiles($" line {n}", PortalCalls.Multipart(("f", Encoding.UTF8.GetBytes($"file {n}")))))));

        answers.Select(answer => answer.GetProperty("out").GetString()).ShouldBe(Enumerable.Range(0, 50).Select(n => $"file {n}line {n}"));
    }
}
