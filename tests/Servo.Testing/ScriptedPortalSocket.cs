using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Servo.Testing;

/// <summary>How a <see cref="ScriptedPortalSocket"/> answers one command.</summary>
public delegate Task ScriptedAnswer(HttpResponse response);

/// <summary>A real server on a Unix socket that stands for the host: it records the commands that scripts send and answers as it is told.</summary>
public sealed class ScriptedPortalSocket : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedCommand> _commands = new();
    private readonly WebApplication _server;

    private ScriptedPortalSocket(string path, Func<ReceivedCommand, ScriptedAnswer> answers)
    {
        Path = path;

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ListenUnixSocket(path);
        });

        _server = builder.Build();
        _server.Run(async context =>
        {
            var command = await ReceiveAsync(context.Request);
            _commands.Enqueue(command);
            await answers(command)(context.Response);
        });
    }

    /// <summary>Where it listens.</summary>
    public string Path { get; }

    /// <summary>The commands received so far, in order.</summary>
    public IReadOnlyList<ReceivedCommand> Commands => [.. _commands];

    public static async Task<ScriptedPortalSocket> StartAsync(string path, Func<ReceivedCommand, ScriptedAnswer> answers)
    {
        var socket = new ScriptedPortalSocket(path, answers);
        await socket._server.StartAsync();

        return socket;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<ReceivedCommand> ReceiveAsync(HttpRequest request)
    {
        var headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var parts = new List<ReceivedPart>();

        if (request.ContentType is not null)
        {
            var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).ToString();
            var reader = new MultipartReader(boundary, request.Body);

            while (await reader.ReadNextSectionAsync() is { } section)
                parts.Add(await ReceiveAsync(section));
        }

        return new ReceivedCommand($"{request.Method} {request.Path} {request.Protocol}", headers, parts);
    }

    private static async Task<ReceivedPart> ReceiveAsync(MultipartSection section)
    {
        var disposition = ContentDispositionHeaderValue.Parse(section.ContentDisposition);
        var buffer = new byte[ReceivedPart.Kept];
        var kept = await section.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
        long length = kept;
        var rest = new byte[1 << 16];

        for (int count; (count = await section.Body.ReadAsync(rest)) > 0;)
            length += count;

        return new ReceivedPart(
            HeaderUtilities.UnescapeAsQuotedString(disposition.Name).ToString(),
            HeaderUtilities.UnescapeAsQuotedString(disposition.FileName).ToString(),
            length,
            buffer[..kept]);
    }
}

/// <summary>A command as it arrived.</summary>
/// <param name="RequestLine">Method, path and protocol.</param>
/// <param name="Headers">Its headers, by name in either case.</param>
/// <param name="Parts">The files that came with it.</param>
public sealed record ReceivedCommand(string RequestLine, IReadOnlyDictionary<string, string> Headers, IReadOnlyList<ReceivedPart> Parts)
{
    /// <summary>The command line.</summary>
    public string Line => Headers["X-Shell"];
}

/// <summary>A file that came with a command.</summary>
/// <param name="Name">The name of its part.</param>
/// <param name="FileName">Its own name.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Content">Its bytes, or the first <see cref="Kept"/> of them.</param>
public sealed record ReceivedPart(string Name, string FileName, long Length, byte[] Content)
{
    /// <summary>How many bytes of a file are kept.</summary>
    public const int Kept = 1 << 17;
}
