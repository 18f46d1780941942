using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// A connection on which what the server is about to write can be replaced, and whose end of input is not yet its end. TLS sets a transport of
/// its own, which is then the one that counts.
/// </summary>
internal sealed class AnswerableConnection : ConnectionContext
{
    private readonly ConnectionContext _connection;
    private readonly ConnectionEnd _end;
    private AnswerableTransport _transport;

    public AnswerableConnection(ConnectionContext connection)
    {
        _connection = connection;
        _end = ConnectionEnd.Of(connection);
        _transport = new AnswerableTransport(connection.Transport, _end.Come);
        ConnectionClosed = _end.Token;
        connection.Features.Set(this);
    }

    public override IDuplexPipe Transport
    {
        get => _transport;
        set => _transport = value as AnswerableTransport ?? new AnswerableTransport(value, _end.Come);
    }

    public override string ConnectionId
    {
        get => _connection.ConnectionId;
        set => _connection.ConnectionId = value;
    }

    public override IFeatureCollection Features => _connection.Features;

    public override IDictionary<object, object?> Items
    {
        get => _connection.Items;
        set => _connection.Items = value;
    }

    /// <summary>
    /// That of <see cref="ConnectionEnd"/>: cancelled at once if the connection breaks, and a moment later if its sender only ends what it sends.
    /// </summary>
    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint
    {
        get => _connection.LocalEndPoint;
        set => _connection.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _connection.RemoteEndPoint;
        set => _connection.RemoteEndPoint = value;
    }

    /// <summary>Sends this with the next thing that the server writes, and nothing of that nor of what comes after.</summary>
    public void AnswerInstead(byte[] answer) => _transport.Writer.AnswerInstead(answer);

    /// <summary>Tells whether what comes is a request's body, which must not end too early.</summary>
    public void ExpectBody(bool isExpected) => _transport.Reader.IsInBody = isExpected;

    public override void Abort() => _connection.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await base.DisposeAsync();
    }

    private sealed class AnswerableTransport(IDuplexPipe inner, Action broken) : IDuplexPipe
    {
        public ReplaceableWriter Writer { get; } = new(inner.Output);

        public WatchedReader Reader { get; } = new(inner.Input, broken);

        public PipeReader Input => Reader;

        public PipeWriter Output => Writer;
    }
}
