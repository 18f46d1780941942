using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Servo.AspNetCore.Connections;

/// <summary>
/// A connection on which what the server is about to write can be replaced. TLS sets a transport of its own, which is then the one that counts.
/// </summary>
internal sealed class AnswerableConnection : ConnectionContext
{
    private readonly ConnectionContext _connection;
    private AnswerableTransport _transport;

    public AnswerableConnection(ConnectionContext connection)
    {
        _connection = connection;
        _transport = new AnswerableTransport(connection.Transport);
        connection.Features.Set(this);
    }

    public override IDuplexPipe Transport
    {
        get => _transport;
        set => _transport = value as AnswerableTransport ?? new AnswerableTransport(value);
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

    public override CancellationToken ConnectionClosed
    {
        get => _connection.ConnectionClosed;
        set => _connection.ConnectionClosed = value;
    }

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

    public override void Abort() => _connection.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await base.DisposeAsync();
    }

    private sealed class AnswerableTransport(IDuplexPipe inner) : IDuplexPipe
    {
        public ReplaceableWriter Writer { get; } = new(inner.Output);

        public PipeReader Input => inner.Input;

        public PipeWriter Output => Writer;
    }
}
