using Microsoft.Extensions.DependencyInjection;
using Servo.Application.Portal;
using Servo.Application.Workspaces;
using Servo.Domain;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Portal;

/// <summary>A portal that restarted with another token: only what it refused for the signature, and so did not run, goes out again.</summary>
public sealed class PortalRenewalTests : IAsyncLifetime
{
    private const string Mismatch = "failure -> SHA1 signature mismatch (check your token)";
    private const string Missing = "failure -> signature missing (make sure you define $OCHOPOD_TOKEN)";

    private readonly TempDirectory _root = new();
    private PortalServer _server = null!;
    private Following _directory = null!;
    private ServiceProvider _provider = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PortalServer.StartAsync("new");
        _directory = new Following { Current = new PortalTarget(_server.Url, "old"), Renewed = new PortalTarget(_server.Url, "new") };
        _provider = Portals.Provide(
            _ => { },
            services => services.AddSingleton<IPortalDirectory>(_directory).Configure<WorkspaceOptions>(workspace => workspace.Root = _root.Path));
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        await _server.DisposeAsync();
        _root.Dispose();
    }

    [Theory]
    [InlineData("old", Files.None)]
    [InlineData("", Files.None)]
    [InlineData("old", Files.OfKnownLength)]
    [InlineData("old", Files.OfUnknownLength)]
    public async Task A_command_that_was_refused_for_its_signature_goes_out_once_more(string oldToken, Files files)
    {
        _directory.Current = new PortalTarget(_server.Url, oldToken);
        var body = PortalCalls.Multipart(("f", [.. Enumerable.Range(0, 200_000).Select(n => (byte)n)]));
        var command = files == Files.None ? PortalCalls.Command("deploy f -j") : PortalCalls.WithFiles("deploy f -j", body);

        var answer = await _provider.Portal().AnswerToAsync(files == Files.OfUnknownLength ? command with { FilesLength = null } : command);

        answer.GetProperty("out").GetString().ShouldBe("{}");
        _server.Requests.Select(request => request.Line).ShouldBe(["deploy f -j", "deploy f -j"]);
        _server.Requests.ShouldAllBe(request => request.Body.SequenceEqual(files == Files.None ? Array.Empty<byte>() : body));
        _directory.Asked.ShouldBe([new PortalTarget(_server.Url, oldToken)]);
        Directory.EnumerateFileSystemEntries(_provider.GetRequiredService<RuntimeDirectory>().Spool).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_goes_out_once_more_and_not_again(bool withFiles)
    {
        _server.Token = "newer still";

        var answer = await _provider.Portal()
            .AnswerToAsync(withFiles ? PortalCalls.WithFiles("deploy f", PortalCalls.Multipart(("f", [1]))) : PortalCalls.Command("ls"));

        answer.GetProperty("out").GetString().ShouldBe(Mismatch);
        _server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_refusal_stands_where_no_other_token_is_found()
    {
        _directory.Renewed = null;

        var answer = await _provider.Portal().AnswerToAsync(PortalCalls.Command("ls"));

        answer.GetProperty("ok").GetBoolean().ShouldBeFalse();
        answer.GetProperty("out").GetString().ShouldBe(Mismatch);
        _server.Requests.Count.ShouldBe(1);
    }

    public static TheoryData<string, PortalReply> OtherAnswers => new()
    {
        { "a success that prints the sentence", PortalReply.Succeeded(Mismatch) },
        { "a failure that prints it among other lines", PortalReply.Failed(Mismatch + "\nand more") },
        { "another failure of the portal", PortalReply.Failed("failure -> X-Shell header missing") },
        { "a failed command", PortalReply.Failed("shutting down <- no") },
        { "what is no JSON", PortalReply.Raw(200, "application/json", Mismatch) },
        { "JSON of another shape", PortalReply.Raw(200, "application/json", $"[false, \"{Mismatch}\"]") },
        { "a refusal that is too long to be one", PortalReply.Raw(200, "application/json", $"{{\"ok\": false, \"out\": \"{Mismatch}\"}}{new string(' ', 1000)}") },
        { "nothing", PortalReply.Raw(200, "application/json", "") },
        { "another status", PortalReply.Raw(403, "application/json", $"{{\"ok\": false, \"out\": \"{Mismatch}\"}}") },
        { "a page", PortalReply.Html(200, Missing) },
        { "a connection that breaks off", PortalReply.BreakOff() },
        { "an answer that breaks off", PortalReply.BreakOffAfter($"{{\"ok\": false, \"out\": \"{Mismatch}\"}}", Task.CompletedTask) },
    };

    [Theory]
    [MemberData(nameof(OtherAnswers))]
    public async Task Nothing_else_is_ever_sent_again(string what, PortalReply reply)
    {
        _server.Token = "old";
        _server.Answer = _ => reply;

        foreach (var command in new[] { PortalCalls.Command("ls"), PortalCalls.WithFiles("deploy f", PortalCalls.Multipart(("f", [1]))) })
        {
            if ((await _provider.Portal().SendAsync(command, TestContext.Current.CancellationToken)).Value is { } answer)
                await answer.DisposeAsync();
        }

        _server.Requests.Count.ShouldBe(2, what);
        _directory.Asked.ShouldBeEmpty(what);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(5_000_000)]
    public async Task An_answer_of_any_length_passes_through(int length)
    {
        _server.Token = "old";
        _server.Answer = _ => PortalReply.Streamed(length);

        (await _provider.Portal().AnswerToAsync(PortalCalls.Command("ls"))).GetProperty("out").GetString()!.Length.ShouldBe(length);
    }

    [Fact]
    public async Task Files_that_break_off_are_blamed_and_not_sent()
    {
        var body = PortalCalls.Multipart(("f", new byte[1000]));

        var refusal = await _provider.Portal()
            .RefusalOfAsync(PortalCalls.Command("deploy f", new MemoryStream(body[..500]), PortalCalls.ContentType, body.Length));

        refusal.ShouldBe(new Refusal.PortalUnavailable("the files of the command broke off before the portal had all of them"));
        _server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_portal_that_does_not_answer_may_have_moved_where_nobody_can_tell()
    {
        _directory.Current = new PortalTarget(new Uri("http://127.0.0.1:9"), "old");
        _directory.WhyOutdated = "ZooKeeper cannot be reached, so it may have moved";

        (await _provider.Portal().RefusalOfAsync(PortalCalls.Command("ls"))).Detail.ShouldBe(
            "is the portal @ 127.0.0.1:9 down ? (connection refused); ZooKeeper cannot be reached, so it may have moved");
    }

    public enum Files { None, OfKnownLength, OfUnknownLength }

    private sealed class Following : IPortalDirectory
    {
        public string Description => "the portal";

        public PortalTarget? Current { get; set; }

        public PortalTarget? Renewed { get; set; }

        public List<PortalTarget> Asked { get; } = [];

        public string WhyNone => "none";

        public string? WhyOutdated { get; set; }

        public bool IsRenewable => true;

        public Task<PortalTarget?> RenewAsync(PortalTarget refused, CancellationToken cancellationToken)
        {
            Asked.Add(refused);
            return Task.FromResult(Renewed);
        }
    }
}
