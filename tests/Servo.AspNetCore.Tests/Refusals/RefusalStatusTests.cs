using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Servo.AspNetCore.Refusals;
using Servo.Domain;
using Servo.Testing;

namespace Servo.AspNetCore.Tests.Refusals;

public sealed partial class RefusalStatusTests
{
    public static TheoryData<Refusal, int, string?> Refusals => new()
    {
        { new Refusal.Malformed("why"), 400, null },
        { new Refusal.BadSignature(), 403, null },
        { new Refusal.BadRequestSignature(), 403, null },
        { new Refusal.UnknownRun(), 404, null },
        { new Refusal.RangeNotSatisfiable(7), 416, null },
        { new Refusal.IdempotencyKeyReused(), 422, null },
        { new Refusal.UnknownCallback(), 404, null },
        { new Refusal.CallbackTagTaken("x"), 409, null },
        { new Refusal.UploadTimedOut(TimeSpan.FromSeconds(5), "Servo:Uploads:Timeout"), 408, null },
        { new Refusal.UploadTooLarge(5, "Servo:Uploads:MaxBytes"), 413, null },
        { new Refusal.CallbacksTooLarge(5, "Servo:Archives:MaxBytes"), 413, null },
        { new Refusal.Busy(5, TimeSpan.FromSeconds(5)), 429, "5" },
        { new Refusal.NoSpace(), 507, null },
        { Refusal.StateFull.NoRoom("Servo:State:Root"), 503, "30" },
        { new Refusal.PortalUnavailable("why"), 502, null },
        { new Refusal.UploadDisplaced(), 503, "5" },
        { new Refusal.ShuttingDown(), 503, "30" },
        { new Refusal.Closed("off", "why", "why", MayReopen: true), 503, "30" },
        { new Refusal.Closed("killed", "why", "why", MayReopen: false), 503, null },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_a_problem_document_with_its_status(Refusal refusal, int status, string? retryAfter)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body }, RequestServices = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider() };

        await RefusalStatus.From(refusal).ExecuteAsync(context);

        context.Response.StatusCode.ShouldBe(status);
        context.Response.ContentType.ShouldBe("application/problem+json");
        context.Response.Headers.RetryAfter.ToString().ShouldBe(retryAfter ?? "");
        var problem = JsonDocument.Parse(body.ToArray()).RootElement;
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("detail").GetString().ShouldBe(refusal.Detail);
        problem.GetProperty("kind").GetString().ShouldBe(refusal.Kind);
        problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("traceId").GetString().ShouldBe(context.TraceIdentifier);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("*/*", false)]
    [InlineData("application/json", false)]
    [InlineData("application/problem+json", false)]
    [InlineData("application/*", false)]
    [InlineData("text/plain, application/json;q=0.1", false)]
    [InlineData("text/html, */*;q=0.1", false)]
    [InlineData("text/event-stream", false)]
    [InlineData("application/x-ndjson", false)]
    [InlineData("image/png", false)]
    [InlineData("nonsense", false)]
    [InlineData("text/plain", true)]
    [InlineData("TEXT/Plain; charset=utf-8", true)]
    [InlineData("text/*", true)]
    [InlineData("text/html", true)]
    [InlineData("text/plain, application/json;q=0", true)]
    public async Task Who_accepts_text_and_no_json_gets_the_sentence(string accept, bool isText)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body }, RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        context.Request.Headers.Accept = accept;

        await RefusalStatus.From(new Refusal.Malformed("why 'so'")).ExecuteAsync(context);

        context.Response.StatusCode.ShouldBe(400);
        context.Response.ContentType.ShouldBe(isText ? "text/plain; charset=utf-8" : "application/problem+json");
        var text = System.Text.Encoding.UTF8.GetString(body.ToArray());
        (isText ? text : JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString()).ShouldBe("why 'so'");
    }

    /// <summary>Those of pods are tested where pods are.</summary>
    [Fact]
    public void The_contract_lists_every_kind_with_its_status() =>
        Row().Matches(File.ReadAllText(Path.Join(Repository.Root, "docs/http.md")))
            .Select(row => (Kind: row.Groups[1].Value, Status: int.Parse(row.Groups[2].Value, CultureInfo.InvariantCulture)))
            .Where(row => !row.Kind.StartsWith("pod-", StringComparison.Ordinal))
            .ShouldBe(
                Refusals.Select(row => row.Data.Item1).Where(refusal => refusal.GetType() != typeof(Refusal.Closed))
                    .Select(refusal => (refusal.Kind, RefusalStatus.StatusOf(refusal))),
                ignoreOrder: true);

    [Fact]
    public void Every_refusal_has_a_status() =>
        typeof(Refusal).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(Refusal)))
            .ShouldBe(Refusals.Select(row => row.Data.Item1.GetType()).Distinct(), ignoreOrder: true);

    [GeneratedRegex(@"^\| `([a-z-]+)` \| (\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
