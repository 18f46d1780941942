using System.Text;
using System.Text.Json;
using Servo.Application.Portal;
using Servo.Domain;

namespace Servo.Testing;

/// <summary>Commands as tests send them to an <see cref="IPortal"/>.</summary>
public static class PortalCalls
{
    public const string ContentType = $"multipart/form-data; boundary={Boundary}";

    private const string Boundary = "----servo-test-boundary";

    /// <summary>Sends a command that the portal must answer.</summary>
    public static async Task<JsonElement> AnswerToAsync(this IPortal portal, PortalCommand command)
    {
        var result = await portal.SendAsync(command, CancellationToken.None);

        if (!result.TryGet(out var answer, out var refusal))
            throw new InvalidOperationException(refusal.Detail);

        await using (answer)
            return await JsonSerializer.DeserializeAsync<JsonElement>(answer.Content);
    }

    /// <summary>A multipart body as a script writes it.</summary>
    public static byte[] Multipart(params (string Name, byte[] Content)[] files)
    {
        var body = new MemoryStream();

        foreach (var (name, content) in files)
        {
            body.Write(Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n"));
            body.Write(content);
            body.Write("\r\n"u8);
        }

        body.Write(Encoding.UTF8.GetBytes($"--{Boundary}--\r\n"));
        return body.ToArray();
    }

    /// <summary>A command of a line that the portal can be sent.</summary>
    public static PortalCommand Command(string line, Stream? files = null, string? contentType = null, long? length = null) =>
        new(PortalCommandLine.Parse(line).Value!, files, contentType, length);

    public static PortalCommand WithFiles(string line, byte[] multipart) => Command(line, new MemoryStream(multipart), ContentType, multipart.Length);
}
