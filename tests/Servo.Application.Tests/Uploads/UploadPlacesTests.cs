using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Uploads;
using Servo.Domain;

namespace Servo.Application.Tests.Uploads;

/// <summary>Who gets a place where there are too few, and who loses his.</summary>
public sealed class UploadPlacesTests : IUploadCapacity, IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly UploadOptions _options = new() { MaxConcurrent = 3, MaxPerAddress = 3 };
    private int _capacity = int.MaxValue;
    private UploadPlaces? _places;

    private UploadPlaces Places => _places ??= new UploadPlaces(Options.Create(_options), this, _time);

    int IUploadCapacity.Uploads => _capacity;

    public void Dispose() => _places?.Dispose();

    [Fact]
    public async Task Small_uploads_need_no_place()
    {
        for (var i = 0; i < 3; i++)
            await TestUpload.BeginAsync(Places);

        var small = await new TestUpload(Places).PostAsync(1000);

        (await small.EndAsync()).Value.ShouldBe(1000);
    }

    [Fact]
    public async Task Of_small_uploads_as_many_are_dealt_with_at_once_as_there_are_places()
    {
        var dealing = new TaskCompletionSource();
        var small = new List<TestUpload>();

        for (var i = 0; i < 3; i++)
        {
            small.Add(await new TestUpload(Places) { Leaving = dealing.Task }.PostAsync(1000));
            _ = small[i].EndAsync();
            await small[i].HasBegun;
        }

        var next = await new TestUpload(Places).PostAsync(1000);
        var ended = next.EndAsync();
        next.HasBegun.IsCompleted.ShouldBeFalse();
        dealing.SetResult();

        (await ended).Value.ShouldBe(1000);
    }

    [Fact]
    public async Task A_newcomer_displaces_the_upload_that_makes_the_least_progress()
    {
        var uploads = new[] { await TestUpload.BeginAsync(Places), await TestUpload.BeginAsync(Places), await TestUpload.BeginAsync(Places) };
        _time.Advance(TimeSpan.FromSeconds(20));
        await uploads[0].SendAsync(6000);
        await uploads[2].SendAsync(5000);

        await TestUpload.BeginAsync(Places);

        (await uploads[1].Outcome).Refusal.ShouldBe(new Refusal.UploadDisplaced());
        (await uploads[0].EndAsync()).Value.ShouldBe(TestUpload.Large + 6000);
        (await uploads[2].EndAsync()).Value.ShouldBe(TestUpload.Large + 5000);
    }

    [Fact]
    public async Task What_was_sent_long_ago_keeps_no_place()
    {
        var greedy = await TestUpload.BeginAsync(Places);
        await greedy.SendAsync(50_000_000);
        _time.Advance(TimeSpan.FromMinutes(2));
        var others = new[] { await TestUpload.BeginAsync(Places), await TestUpload.BeginAsync(Places) };
        _time.Advance(TimeSpan.FromSeconds(2));

        await TestUpload.BeginAsync(Places);

        (await greedy.Outcome).Refusal.ShouldBe(new Refusal.UploadDisplaced());
        others.ShouldAllBe(upload => !upload.Outcome.IsCompleted);
    }

    [Fact]
    public async Task A_burst_waits_for_places_and_displaces_nobody()
    {
        var first = new List<TestUpload>();
        for (var i = 0; i < 3; i++)
            first.Add(await TestUpload.BeginAsync(Places));

        var waiting = new List<TestUpload>();
        for (var i = 0; i < 10; i++)
            waiting.Add(await new TestUpload(Places).PostAsync(TestUpload.Large));

        var outcomes = await Task.WhenAll(first.Concat(waiting).Select(EndOnceBegunAsync));

        outcomes.ShouldAllBe(outcome => outcome.Value == TestUpload.Large);

        static async Task<Result<long>> EndOnceBegunAsync(TestUpload upload)
        {
            await upload.HasBegun;
            return await upload.EndAsync();
        }
    }

    [Fact]
    public async Task A_newcomer_waits_for_those_that_are_as_new_and_then_displaces_one()
    {
        var first = new[] { await TestUpload.BeginAsync(Places), await TestUpload.BeginAsync(Places), await TestUpload.BeginAsync(Places) };
        var newcomer = await new TestUpload(Places).PostAsync(TestUpload.Large);
        newcomer.Outcome.IsCompleted.ShouldBeFalse();
        first.ShouldAllBe(upload => !upload.Outcome.IsCompleted);

        // Nobody comes or goes: it is the clock that lets the newcomer in.
        await AdvanceUntilAsync(newcomer.HasBegun, TimeSpan.FromSeconds(2));

        (await newcomer.EndAsync()).Value.ShouldBe(TestUpload.Large);
        await OneIsDisplacedAsync(first);
    }

    [Fact]
    public async Task Brisk_uploads_keep_their_places_until_a_newcomer_has_waited_for_half_a_minute()
    {
        var brisk = new List<TestUpload>();
        for (var i = 0; i < 3; i++)
            brisk.Add(await TestUpload.BeginAsync(Places));

        var newcomer = await new TestUpload(Places).PostAsync(TestUpload.Large);

        for (var second = 0; second < 29; second++)
        {
            foreach (var upload in brisk)
                await upload.SendAsync(3_000_000);

            _time.Advance(TimeSpan.FromSeconds(1));
            brisk.ShouldAllBe(upload => !upload.Outcome.IsCompleted);
        }

        await AdvanceUntilAsync(newcomer.HasBegun, TimeSpan.FromSeconds(2));
        (await newcomer.EndAsync()).Value.ShouldBe(TestUpload.Large);
        await OneIsDisplacedAsync(brisk);
    }

    [Fact]
    public async Task Who_has_most_uploads_loses_one_to_whoever_has_few()
    {
        var crowd = new[] { await TestUpload.BeginAsync(Places, "crowd"), await TestUpload.BeginAsync(Places, "crowd") };
        var single = await TestUpload.BeginAsync(Places, "single");
        _time.Advance(TimeSpan.FromSeconds(20));
        await crowd[0].SendAsync(9000);
        await crowd[1].SendAsync(9000);
        await single.SendAsync(5000);

        await TestUpload.BeginAsync(Places, "another");

        await OneIsDisplacedAsync(crowd);
        (await single.EndAsync()).Value.ShouldBe(TestUpload.Large + 5000);
    }

    [Fact]
    public async Task An_address_that_has_all_its_places_displaces_its_own_only()
    {
        _options.MaxPerAddress = 1;
        var other = await TestUpload.BeginAsync(Places, "10.0.0.2");
        var own = await TestUpload.BeginAsync(Places);
        _time.Advance(TimeSpan.FromSeconds(2));
        await own.SendAsync(100_000);

        await TestUpload.BeginAsync(Places);

        (await own.Outcome).Refusal.ShouldBe(new Refusal.UploadDisplaced());
        (await other.EndAsync()).Value.ShouldBe(TestUpload.Large);
    }

    [Fact]
    public async Task No_more_arrive_than_the_process_has_room_for_of_one_address_half_of_them()
    {
        (_options.MaxConcurrent, _options.MaxPerAddress, _capacity) = (100, null, 2);
        await TestUpload.BeginAsync(Places, "10.0.0.2");
        var own = await TestUpload.BeginAsync(Places);
        _time.Advance(TimeSpan.FromSeconds(2));

        await TestUpload.BeginAsync(Places);

        (await own.Outcome).Refusal.ShouldBe(new Refusal.UploadDisplaced());
    }

    [Fact]
    public async Task Bytes_of_all_are_bounded_and_the_next_ones_wait_until_room_is_made()
    {
        _options.MaxBytes = _options.MaxConcurrent * 1_000_000;
        _options.MaxPendingBytes = 1_000_000;
        var leaving = new TaskCompletionSource();
        var stalled = await TestUpload.BeginAsync(Places, "10.0.0.2");
        stalled.Leaving = leaving.Task;
        await stalled.SendAsync(500_000);
        _time.Advance(TimeSpan.FromSeconds(20));
        var honest = await TestUpload.BeginAsync(Places);
        await honest.SendAsync(300_000);

        await honest.PostAsync(300_000);
        var room = honest.SendAsync(1);
        await Task.Yield();
        room.IsCompleted.ShouldBeFalse();
        leaving.SetResult();
        await room;

        (await stalled.Outcome).Refusal.ShouldBe(new Refusal.UploadDisplaced());
        (await honest.EndAsync()).Value.ShouldBe(TestUpload.Large + 600_001);
    }

    [Fact]
    public async Task Small_uploads_go_on_where_large_ones_hold_all_bytes()
    {
        _options.MaxPendingBytes = _options.MaxBytes = 1_000_000;
        var garbage = new[] { await TestUpload.BeginAsync(Places), await TestUpload.BeginAsync(Places) };
        await garbage[0].SendAsync(400_000);
        await garbage[1].SendAsync(400_000);
        var small = await TestUpload.BeginAsync(Places);

        await small.SendAsync(100_000);

        (await small.EndAsync()).Value.ShouldBe(TestUpload.Large + 100_000);
        await OneIsDisplacedAsync(garbage);
    }

    [Fact]
    public async Task An_upload_that_takes_too_long_is_given_up()
    {
        _options.Timeout = TimeSpan.FromMinutes(5);
        var slow = await TestUpload.BeginAsync(Places);
        var tiny = await new TestUpload(Places).PostAsync(1);
        _time.Advance(TimeSpan.FromMinutes(5));

        (await slow.Outcome).Refusal.ShouldBe(new Refusal.UploadTimedOut(TimeSpan.FromMinutes(5), "Servo:Uploads:Timeout"));
        (await tiny.Outcome).Refusal.ShouldBe(new Refusal.UploadTimedOut(TimeSpan.FromMinutes(5), "Servo:Uploads:Timeout"));
    }

    private static async Task OneIsDisplacedAsync(IReadOnlyCollection<TestUpload> uploads)
    {
        (await await Task.WhenAny(uploads.Select(upload => upload.Outcome))).Refusal.ShouldBe(new Refusal.UploadDisplaced());
        uploads.Count(upload => upload.Outcome.IsCompleted).ShouldBe(1);
    }

    private async Task AdvanceUntilAsync(Task task, TimeSpan longest)
    {
        for (var step = TimeSpan.FromMilliseconds(20); longest > TimeSpan.Zero && !task.IsCompleted; longest -= step)
        {
            _time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken);
        }

        await task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
