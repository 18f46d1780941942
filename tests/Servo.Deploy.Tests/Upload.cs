using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Servo.Testing;

namespace Servo.Deploy.Tests;

/// <summary>A release engineer's upload.</summary>
internal static class Upload
{
    /// <summary>Packs, signs and posts files, and returns the JSON answer.</summary>
    public static async Task<JsonNode> RunAsync(Gateway gateway, string script, params (string Name, string Content)[] files)
    {
        var archive = files.Aggregate(new TarBuilder(), (tar, file) => tar.File(file.Name, file.Content)).ToGzip();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{gateway.Url}/run/{script}") { Content = new ByteArrayContent(archive) };
        request.Headers.Add(
            "X-Signature",
            $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Gateway.Token), archive))}");
        request.Headers.Add("Accept", "application/json");

        using var response = await http.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }
}
