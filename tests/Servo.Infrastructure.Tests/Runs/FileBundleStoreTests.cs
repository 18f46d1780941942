using Servo.Domain.Runs;
using Servo.Infrastructure.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Runs;

public sealed class FileBundleStoreTests : IDisposable
{
    private readonly TempDirectory _temporary = new();
    private readonly StateDirectory _directory;
    private readonly RunId _run = RunId.New(DateTimeOffset.UtcNow);

    public FileBundleStoreTests() => _directory = new StateDirectory(_temporary.File("state"));

    public void Dispose()
    {
        _directory.Dispose();
        _temporary.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keeps_an_archive_until_it_is_deleted(bool fromAnotherFileSystem)
    {
        var store = new FileBundleStore(_directory);
        using var memory = fromAnotherFileSystem ? new OtherFileSystem() : null;
        var archive = Path.Join(memory?.Path ?? _temporary.Path, "upload.tgz");
        File.WriteAllText(archive, "bytes");

        await store.KeepAsync(_run, archive, default);
        File.Exists(archive).ShouldBeFalse();
        (await new FileBundleStore(_directory).ListAsync(default)).ShouldBe([_run]);

        await store.FetchAsync(_run, archive, default);
        File.ReadAllText(archive).ShouldBe("bytes");
        (await store.ListAsync(default)).ShouldBe([_run]);

        await store.DeleteAsync(_run);
        await store.DeleteAsync(_run);
        (await store.ListAsync(default)).ShouldBeEmpty();
        File.ReadAllText(archive).ShouldBe("bytes");
    }

    [Fact]
    public async Task Says_that_there_is_no_archive() =>
        await Should.ThrowAsync<FileNotFoundException>(new FileBundleStore(_directory).FetchAsync(_run, _temporary.File("upload.tgz"), default));

    [Fact]
    public async Task Forgets_copies_that_were_not_finished()
    {
        File.WriteAllText(Path.Join(_directory.Bundles, $"{_run}.part"), "by");

        (await new FileBundleStore(_directory).ListAsync(default)).ShouldBeEmpty();
        Directory.EnumerateFiles(_directory.Bundles).ShouldBeEmpty();
    }

    private sealed class OtherFileSystem : IDisposable
    {
        public string Path { get; } = Directory.CreateDirectory($"/dev/shm/servo-test-{Guid.NewGuid():N}").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
