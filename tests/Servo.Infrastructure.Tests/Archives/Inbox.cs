using Microsoft.Extensions.Options;
using Servo.Application.Archives;
using Servo.Domain.Runs;
using Servo.Infrastructure.Archives;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Unpacks archives into a directory with a canary next to it, and looks after every one whether anything appeared or changed outside.</summary>
internal sealed class Inbox : IDisposable
{
    private readonly TempDirectory _root = new();
    private int _count;

    public Inbox()
    {
        _root.Write("canary", "alive");
        _root.Write("outside/canary", "alive");
    }

    public ArchiveOptions Limits { get; } = new();

    public string Root => _root.Path;

    /// <summary>Where the last archive was unpacked.</summary>
    public string Bundle { get; private set; } = "";

    public string File(string name) => Path.Join(Bundle, name);

    public string Text(string name) => System.IO.File.ReadAllText(File(name));

    public Task<StepResult<ArchiveContents>> UnpackAsync(TarBuilder tar) => UnpackAsync(tar.ToGzip());

    public async Task<StepResult<ArchiveContents>> UnpackAsync(byte[] archive)
    {
        var path = Path.Join(_root.Path, "archive");
        await System.IO.File.WriteAllBytesAsync(path, archive);

        return await UnpackFileAsync(path);
    }

    public async Task<StepResult<ArchiveContents>> UnpackFileAsync(string path, CancellationToken cancellationToken = default)
    {
        if (Bundle.Length > 0)
            Directory.Delete(Bundle, recursive: true);

        Bundle = Directory.CreateDirectory(Path.Join(_root.Path, $"bundle{++_count}")).FullName;
        var reader = new ArchiveReader(Options.Create(Limits));

        try
        {
            return await reader.UnpackAsync(path, Bundle, cancellationToken);
        }
        finally
        {
            EnsureNothingHappenedOutside();
        }
    }

    /// <summary>Unpacks what must be refused, and returns why.</summary>
    public async Task<RunFailure> FailureAsync(TarBuilder tar) => (await UnpackAsync(tar)).Failure.ShouldNotBeNull();

    public async Task<RunFailure> FailureAsync(byte[] archive) => (await UnpackAsync(archive)).Failure.ShouldNotBeNull();

    /// <summary>Unpacks what must not be refused.</summary>
    public async Task<ArchiveContents> ContentsAsync(TarBuilder tar) => await ContentsAsync(tar.ToGzip());

    public async Task<ArchiveContents> ContentsAsync(byte[] archive)
    {
        var result = await UnpackAsync(archive);
        result.Failure.ShouldBeNull();

        return result.Value!;
    }

    public void Dispose() => _root.Dispose();

    private void EnsureNothingHappenedOutside()
    {
        Directory.GetFileSystemEntries(_root.Path).Select(Path.GetFileName).Except(["archive", "source", "tools"])
            .ShouldBe(["canary", "outside", Path.GetFileName(Bundle)], ignoreOrder: true);
        Directory.GetFileSystemEntries(Path.Join(_root.Path, "outside")).Select(Path.GetFileName).ShouldBe(["canary"]);
        System.IO.File.ReadAllText(Path.Join(_root.Path, "canary")).ShouldBe("alive");
        System.IO.File.ReadAllText(Path.Join(_root.Path, "outside", "canary")).ShouldBe("alive");
    }
}
