using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Servo.AspNetCore.Connections;

namespace Servo.AspNetCore.Tests.Connections;

/// <summary>Two connections have a place; a third takes that of one of them.</summary>
public sealed class ConnectionPlacesTests
{
    private static readonly IPAddress _everybody = IPAddress.Parse("10.0.0.1");

    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionPlaces _places;

    public ConnectionPlacesTests() => _places = new ConnectionPlaces(2, "the test", ConnectionPlaces.AddressOf, _time, NullLogger.Instance);

    [Fact]
    public void The_oldest_makes_room()
    {
        var first = Enter();
        var second = Enter();

        Enter();

        first.IsClosed.ShouldBeTrue();
        second.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_request_that_begins_late_makes_its_connection_no_younger()
    {
        var crowd = Enter();
        var honest = Enter();
        await using var verifying = await ServeAsync(honest);
        await using var slow = await ServeAsync(crowd);

        Enter();

        crowd.IsClosed.ShouldBeTrue();
        honest.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task The_next_request_on_a_connection_that_served_the_tokens_owner_makes_it_young_again()
    {
        var honest = Enter();
        await using (var run = await ServeAsync(honest))
            run.Keep(ConnectionHold.Run);
        var crowd = Enter();
        await using var verifying = await ServeAsync(honest);

        Enter();

        crowd.IsClosed.ShouldBeTrue();
        honest.IsClosed.ShouldBeFalse();
    }

    [Theory]
    [InlineData(ConnectionHold.Upload)]
    [InlineData(ConnectionHold.Run)]
    internal async Task What_is_kept_makes_no_room(ConnectionHold hold)
    {
        var kept = Enter();
        await using var request = await ServeAsync(kept);
        request.Keep(hold);

        for (var i = 0; i < 5; i++)
            Enter();

        kept.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_newcomer_is_closed_where_everything_is_kept()
    {
        foreach (var hold in new[] { ConnectionHold.Upload, ConnectionHold.Run })
            (await ServeAsync(Enter())).Keep(hold);

        _places.TryEnter(Connection(_everybody)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_stop_closes_all_but_those_that_serve_a_run()
    {
        var upload = Enter();
        var run = Enter();
        (await ServeAsync(upload)).Keep(ConnectionHold.Upload);
        (await ServeAsync(run)).Keep(ConnectionHold.Run);

        var closing = _places.CloseOthersAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await closing;

        upload.IsClosed.ShouldBeTrue();
        run.IsClosed.ShouldBeFalse();
    }

    private TestConnection Enter()
    {
        var connection = Connection(_everybody);
        _places.TryEnter(connection).ShouldBeTrue();
        return connection;
    }

    private TestConnection Connection(IPAddress address)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return new TestConnection { RemoteEndPoint = new IPEndPoint(address, 1) };
    }

    /// <summary>Begins a request on a connection.</summary>
    private async Task<Request> ServeAsync(ConnectionContext connection)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var context = new DefaultHttpContext(new FeatureCollection(connection.Features));
        context.Features.Set<IHttpRequestFeature>(new HttpRequestFeature());
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var served = ConnectionPlaces.ServeAsync(context, _ =>
        {
            begun.SetResult();
            return end.Task;
        });
        await begun.Task;
        return new Request(context, end, served);
    }

    private sealed class Request(HttpContext context, TaskCompletionSource end, Task served) : IAsyncDisposable
    {
        public void Keep(ConnectionHold hold) => ConnectionPlaces.Keep(context, hold);

        public async ValueTask DisposeAsync()
        {
            end.SetResult();
            await served;
        }
    }

    private sealed class TestConnection : DefaultConnectionContext
    {
        public bool IsClosed { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsClosed = true;
    }
}
