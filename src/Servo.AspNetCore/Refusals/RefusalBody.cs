using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Servo.AspNetCore.Refusals;

/// <summary>What a refusal says: a problem document (RFC 9457), or its sentence alone where the caller accepts text and not JSON.</summary>
internal sealed class RefusalBody
{
    // As the framework writes JSON: it is not part of a page, and people read it.
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private RefusalBody(string contentType, byte[] bytes) => (ContentType, Bytes) = (contentType, bytes);

    public string ContentType { get; }

    public byte[] Bytes { get; }

    public static RefusalBody Of(int status, string kind, string detail, string traceId, StringValues accept)
    {
        if (new AcceptedTypes(accept).OnlyText)
            return new RefusalBody("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(detail));

        var members = new Dictionary<string, object?> { ["kind"] = kind, ["traceId"] = traceId };
        var problem = TypedResults.Problem(statusCode: status, detail: detail, extensions: members).ProblemDetails;
        return new RefusalBody("application/problem+json", JsonSerializer.SerializeToUtf8Bytes(problem, _json));
    }
}
