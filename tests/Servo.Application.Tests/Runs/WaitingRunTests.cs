using Servo.Application.Runs;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Tests.Runs;

public sealed class WaitingRunTests : IBundleStore, IAsyncDisposable
{
    private readonly TaskCompletionSource _kept = new();
    private readonly VerifiedUpload _upload = new(new NoWorkspace(), 1, "");
    private readonly WaitingRun _waiting;
    private int _keeps;

    public WaitingRunTests()
    {
        var order = new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None);
        _waiting = new WaitingRun(Run.Accept(RunId.New(DateTimeOffset.UnixEpoch), order, DateTimeOffset.UnixEpoch), _upload);
    }

    public ValueTask DisposeAsync() => _waiting.DisposeAsync();

    [Fact]
    public async Task Several_that_detach_it_at_once_and_who_executes_it_wait_until_its_archive_is_kept()
    {
        Task[] waits = [_waiting.DetachAsync(this), _waiting.DetachAsync(this), _waiting.TakeUploadAsync()];

        waits.ShouldAllBe(wait => !wait.IsCompleted);
        _kept.SetResult();
        await Task.WhenAll(waits);

        _keeps.ShouldBe(1);
        _waiting.IsDetached.ShouldBeTrue();
        (await _waiting.TakeUploadAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Its_archive_is_still_there_where_it_could_not_be_kept()
    {
        var detached = _waiting.DetachAsync(this);
        var taken = _waiting.TakeUploadAsync();
        _kept.SetException(new IOException("The disk is full."));

        await Should.ThrowAsync<IOException>(detached);

        (await taken).ShouldBe(_upload);
        _waiting.IsDetached.ShouldBeFalse();
    }

    Task IBundleStore.KeepAsync(RunId run, string archivePath, CancellationToken cancellationToken)
    {
        _keeps++;
        return _kept.Task;
    }

    Task IBundleStore.FetchAsync(RunId run, string archivePath, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IBundleStore.DeleteAsync(RunId run) => throw new NotSupportedException();

    Task<IReadOnlyList<RunId>> IBundleStore.ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private sealed class NoWorkspace : IWorkspace
    {
        public string ArchivePath => "archive";

        public string BundleDirectory => "";

        public string HomeDirectory => "";

        public string TemporaryDirectory => "";

        public string ScratchDirectory => "";

        public void Open()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
