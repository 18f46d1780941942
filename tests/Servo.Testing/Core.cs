using Microsoft.Extensions.DependencyInjection;
using Servo.Application;
using Servo.Application.Archives;
using Servo.Application.Auditing;
using Servo.Application.Callbacks;
using Servo.Application.Logs;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Secrets;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Testing;

/// <summary>The real core, its handlers and its pipeline, over hand-written ports that a test sets up.</summary>
public sealed class Core : IUploadSpool, IArchiveReader, ISecretDecryptor, IScriptRunner, IPortal, ICallbackAddress, ICallbackFiles, IPortalSocket, IWorkspaceFactory, IDisposable
{
    private readonly TempDirectory _root = new();
    private readonly ServiceProvider _provider;

    public Core(Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection().AddApplication();
        services.Configure<GatewayOptions>(gateway => gateway.Token = "t");
        services.AddSingleton<IUploadSpool>(this).AddSingleton<IArchiveReader>(this).AddSingleton<ISecretDecryptor>(this).AddSingleton<IScriptRunner>(this);
        services.AddSingleton<IPortal>(this).AddSingleton<ICallbackAddress>(this).AddSingleton<ICallbackFiles>(this).AddSingleton<IPortalSocket>(this).AddSingleton<IWorkspaceFactory>(this);
        services.AddSingleton<IAuditLog>(Audit).AddSingleton<IRunStore>(new AuditedRunStore(Store, Audit)).AddSingleton<IHostLease>(new AuditedHostLease(Store, Audit));
        services.AddSingleton<IBundleStore>(Bundles).AddSingleton<IRunLog>(Log).AddSingleton<IRunSignals>(Log);
        configure?.Invoke(services);
        _provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        Log.OnAppend = Output.Take;
        Get<RunWorker>().StartAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    public MemoryRunStore Store { get; } = new();

    public RecordingAudit Audit { get; } = new();

    public MemoryRunLog Log { get; } = new();

    public MemoryBundleStore Bundles { get; } = new();

    /// <summary>What happened at the ports, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The digest that the spool reports; a request of <see cref="Request"/> claims twenty zero bytes.</summary>
    public byte[] Digest { get; set; } = new byte[20];

    public Refusal? SpoolRefuses { get; set; }

    public RunFailure? ReaderFails { get; set; }

    /// <summary>Files that the reader unpacks.</summary>
    public Dictionary<string, string> Files { get; } = new() { ["a.py"] = "", ["b.py"] = "" };

    public Func<ScriptProcess, IRunOutput, CancellationToken, Task<ScriptExit>> OnScript { get; set; } = (_, _, _) => Task.FromResult(new ScriptExit(0, false));

    /// <summary>Called before a file is decrypted.</summary>
    public Action OnDecrypt { get; set; } = static () => { };

    public Func<PortalCommand, Result<PortalAnswer>> OnCommand { get; set; } = _ => new PortalAnswer(Stream.Null, "application/json");

    public RecordingOutput Output { get; } = new();

    public int LiveWorkspaces { get; private set; }

    public T Get<T>()
        where T : notnull => _provider.GetRequiredService<T>();

    /// <summary>Runs scripts of an upload that comes at once.</summary>
    public Task<Result<Run>> RunAsync(string scripts = "a.py", RunVariables? variables = null, CancellationToken uploadAborted = default) =>
        RunAsync(Request(scripts, variables), uploadAborted);

    /// <summary>Runs <c>a.py</c> of an upload that comes as <paramref name="body"/> does.</summary>
    public Task<Result<Run>> RunAsync(Stream body) => RunAsync(Request("a.py") with { Body = new UploadBody(body) });

    public static SignedRunRequest Request(string scripts, RunVariables? variables = null) => new(
        new UploadBody(new MemoryStream([1])),
        UploadSignature.Parse("sha1=" + new string('0', 40)).Value!,
        ScriptList.Parse(scripts).Value!,
        variables ?? RunVariables.None);

    /// <summary>Runs what is asked for to its end.</summary>
    public async Task<Result<Run>> RunAsync(RunRequest request, CancellationToken uploadAborted = default)
    {
        if (!(await Get<SubmitRun>().ExecuteAsync(request, uploadAborted)).TryGet(out var submitted, out var refusal))
            return refusal;

        var ended = await Get<FollowRun>().EndAsync(submitted.Id, CancellationToken.None);
        await Get<RunWorker>().GoneAsync(submitted.Id);
        return submitted.Dropped is { } dropped ? dropped : ended!.Run;
    }

    public void Dispose()
    {
        _provider.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _root.Dispose();
    }

    async Task<Result<SpooledUpload>> IUploadSpool.WriteAsync(
        UploadBody body, Func<string> newFile, System.Security.Cryptography.HashAlgorithmName algorithm,
        CancellationToken cancellationToken)
    {
        Calls.Add("spool");
        await body.Content.CopyToAsync(Stream.Null, cancellationToken);
        await File.WriteAllTextAsync(newFile(), "archive", cancellationToken);
        return SpoolRefuses is null ? new SpooledUpload(7, Digest, new byte[32]) : SpoolRefuses;
    }

    async Task<StepResult<ArchiveContents>> IArchiveReader.UnpackAsync(string archivePath, string directory, CancellationToken cancellationToken)
    {
        Calls.Add("unpack");

        foreach (var (name, text) in Files)
        {
            var path = Path.Join(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text, cancellationToken);
        }

        return ReaderFails is null ? new ArchiveContents(Files.Count, 0) : ReaderFails;
    }

    string ISecretDecryptor.Extension => ".aes";

    string? ISecretDecryptor.WhyNone => null;

    Task<string?> ISecretDecryptor.DecryptAsync(string path, string clearPath, CancellationToken cancellationToken)
    {
        Calls.Add($"decrypt {Path.GetFileName(path)}");
        OnDecrypt();
        File.Move(path, clearPath, overwrite: true);
        return Task.FromResult<string?>(null);
    }

    Task<ScriptExit> IScriptRunner.RunAsync(ScriptProcess script, IRunOutput output, CancellationToken cancellationToken)
    {
        Calls.Add($"run {script.Path}");
        return OnScript(script, output, cancellationToken);
    }

    string IPortal.Description => "a test";

    Task<Result<PortalAnswer>> IPortal.SendAsync(PortalCommand command, CancellationToken cancellationToken)
    {
        Calls.Add($"send {command.Line}");
        return Task.FromResult(OnCommand(command));
    }

    string? ICallbackAddress.For(string callbackToken) => $"http://servo/callback/{callbackToken}";

    // Here a file is known by what it holds.
    FileIdentity? ICallbackFiles.Identify(string path) =>
        File.Exists(path) ? new FileIdentity(0, (ulong)File.ReadAllText(path).GetHashCode(StringComparison.Ordinal), 0, 0) : null;

    bool ICallbackFiles.TryPlace(string arrived, string path)
    {
        if (Path.Exists(path))
            return false;

        File.Move(arrived, path);
        return true;
    }

    bool ICallbackFiles.TryReplace(string arrived, string path, FileIdentity expected)
    {
        if (((ICallbackFiles)this).Identify(path) != expected)
            return false;

        File.Move(arrived, path, overwrite: true);
        return true;
    }

    string? IPortalSocket.Path => "/run/portal.sock";

    string IWorkspaceFactory.Location => _root.Path;

    IWorkspace IWorkspaceFactory.Create() => new Workspace(this, Path.Join(_root.Path, Guid.NewGuid().ToString("N")));

    private sealed class Workspace : IWorkspace
    {
        private readonly Core _core;
        private readonly string _root;

        public Workspace(Core core, string root)
        {
            (_core, _root) = (core, root);
            _core.LiveWorkspaces++;
            foreach (var directory in new[] { BundleDirectory, HomeDirectory, TemporaryDirectory, ScratchDirectory })
                Directory.CreateDirectory(directory);
        }

        public string ArchivePath => Path.Join(_root, "upload");

        public string BundleDirectory => Path.Join(_root, "bundle");

        public string HomeDirectory => Path.Join(_root, "home");

        public string TemporaryDirectory => Path.Join(_root, "tmp");

        public string ScratchDirectory => Path.Join(_root, "scratch");

        public void Open()
        {
        }

        public ValueTask DisposeAsync()
        {
            if (Directory.Exists(_root))
            {
                _core.LiveWorkspaces--;
                Directory.Delete(_root, recursive: true);
            }

            return ValueTask.CompletedTask;
        }
    }
}
