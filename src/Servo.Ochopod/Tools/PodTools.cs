using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Servo.Application;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.AspNetCore.Connections;
using Servo.Domain;

namespace Servo.Ochopod.Tools;

/// <summary>A tool that the portal's <c>exec</c> runs in the pod.</summary>
internal interface IPodTool
{
    /// <summary>The first word of the line that calls it.</summary>
    string Name { get; }

    /// <summary>Whether the operator allows it.</summary>
    bool IsAllowed => true;

    /// <summary>Runs the rest of a line and answers with its exit code and output.</summary>
    Task RunAsync(ToolCall call);
}

/// <summary>A call of a tool.</summary>
/// <param name="Context">The request, whose body was read.</param>
/// <param name="Arguments">The line without the tool's name, as it came.</param>
/// <param name="Workspace">Holds the uploaded files in its bundle's directory; gone after the call.</param>
internal sealed record ToolCall(HttpContext Context, string Arguments, IWorkspace Workspace)
{
    /// <summary>Answers without having run anything.</summary>
    public Task FailAsync(string line) => ToolReply.WriteAsync(Context, new JsonObject { ["code"] = 1, ["stdout"] = new JsonArray(line) });
}

/// <summary><c>POST /exec</c>: saves the files that come along in a fresh private directory and calls the tool that the header <c>X-Shell</c> names.</summary>
internal sealed partial class PodTools(
    IEnumerable<IPodTool> tools,
    IWorkspaceFactory workspaces,
    UploadPlaces uploads,
    IHostApplicationLifetime lifetime,
    IOptions<UploadOptions> options,
    ILogger<PodTools> logger)
{
    private const int BufferSize = 128 * 1024;

    private readonly Dictionary<string, IPodTool> _tools = tools.Where(tool => tool.IsAllowed).ToDictionary(tool => tool.Name, StringComparer.Ordinal);

    public async Task ExecuteAsync(HttpContext context)
    {
        if (context.Request.Headers["X-Shell"] is not [{ } header])
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        var words = header.Trim().Split(' ', 2);

        if (!_tools.TryGetValue(words[0], out var tool))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await using var workspace = workspaces.Create();
        var call = new ToolCall(context, words.Length > 1 ? words[1] : "", workspace);

        try
        {
            if (!(await ReceiveFilesAsync(context, workspace.BundleDirectory)).TryGet(out _, out var refusal))
            {
                await call.FailAsync($"unexpected failure -> {refusal.Detail}");
                return;
            }

            Log.Called(logger, tool.Name);
            await tool.RunAsync(call);
        }
        catch (Exception e) when ((e is InvalidDataException or IOException) && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await call.FailAsync($"unexpected failure -> {(DiskSpace.IsLacking(e) ? new Refusal.NoSpace().Detail : e.Message)}");
        }
    }

    private async Task<Result<long>> ReceiveFilesAsync(HttpContext context, string directory)
    {
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);

        try
        {
            return await uploads.ReceiveAsync(
                Sender.Of(context),
                new RequestBody(context.Request.BodyReader),
                (body, lost) => SaveFilesAsync(context, body, directory, lost),
                aborted.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return new Refusal.ShuttingDown();
        }
    }

    private async Task<Result<long>> SaveFilesAsync(HttpContext context, Stream body, string directory, CancellationToken cancellationToken)
    {
        var max = options.Value.MaxBytes;

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return 0;

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value ?? throw new InvalidDataException("the files come without a boundary");
        var reader = new MultipartReader(boundary, body, BufferSize);
        var left = max;

        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (NameOf(section) is { } name)
                left = await SaveAsync(section.Body, Path.Join(directory, name), left, cancellationToken);
        }

        return max - left;
    }

    /// <summary>The name of a file's part, which becomes its own: never a path.</summary>
    private static string? NameOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || disposition.FileName.Length == 0)
            return null;

        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";

        return name.Length > 0 && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '\0') < 0
            ? name
            : throw new InvalidDataException($"'{name}' is not a file name");
    }

    private async Task<long> SaveAsync(Stream body, string path, long left, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        var buffer = new byte[BufferSize];

        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            left -= read;

            if (left < 0)
                throw new InvalidDataException($"the files are larger than {options.Value.MaxBytes} bytes ({UploadOptions.MaxBytesKey})");

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return left;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The portal calls the tool {Tool}")]
        public static partial void Called(ILogger logger, string tool);
    }
}
