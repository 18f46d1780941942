using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>A connection that a server has granted a session on: sends requests in order, takes the answers, and pings, until it breaks.</summary>
internal sealed class Connection : IDisposable
{
    private const int BytesPerWrite = 64 * 1024;

    private static readonly byte[] _ping = new JuteWriter().Int(Reserved.Ping).Int((int)Operation.Ping).ToFrame();

    private readonly NetworkStream _stream;
    private readonly Frames _frames;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<Request> _underWay = [];
    private readonly SemaphoreSlim _writing = new(1);
    private SessionTicket _ticket;
    private long _pingSentAt;
    private int _number;

    private Connection(DnsEndPoint server, NetworkStream stream, Frames frames, SessionTicket ticket, long heardAt, TimeProvider time) =>
        (Server, _stream, _frames, _ticket, HeardAt, _time) = (server, stream, frames, ticket, heardAt, time);

    public DnsEndPoint Server { get; }

    /// <summary>What the next server is to be shown.</summary>
    public SessionTicket Ticket => _ticket;

    /// <summary>
    /// When the server heard from this client for the last time that is known, as a time stamp: when that was sent which it has answered. Counted from here,
    /// the session never seems alive for longer than it is.
    /// </summary>
    public long HeardAt { get; private set; }

    /// <summary>How long the server may go without answering.</summary>
    private TimeSpan ReadTimeout => _ticket.Timeout * 2 / 3;

    /// <summary>Connects and gets a session, or the one that the ticket names.</summary>
    /// <exception cref="ZooKeeperException">That session has expired.</exception>
    /// <exception cref="InvalidDataException">What answers is no ZooKeeper server.</exception>
    public static async Task<Connection> OpenAsync(DnsEndPoint server, SessionTicket ticket, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            var frames = new Frames(stream);
            var now = time.GetTimestamp();
            await stream.WriteAsync(ticket.ToFrame(), cancellationToken);
            var answer = await frames.ReadAsync(SessionTicket.LongestAnswer, cancellationToken);

            return new Connection(server, stream, frames, ticket.Granted(answer.Span), now, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Serves until the connection breaks, and says why it did; requests that
    /// were under way then have failed, and the others are still in the queue.
    /// </summary>
    public async Task<string> RunAsync(ChannelReader<Request> requests, WatchTable watches, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Left(HeardAt), _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        var rearming = watches.Rearm(_ticket.Seen).ToList();
        Task[] loops = [ReadAsync(watches, silence, stop.Token), WriteAsync(rearming, requests, stop.Token), PingAsync(stop.Token)];

        var first = await Task.WhenAny(loops);
        var why = silence.IsCancellationRequested
            ? $"it has not answered for {ReadTimeout.TotalSeconds:0.#} s"
            : first.Exception?.InnerException?.Message ?? "it is not needed any more";
        await stop.CancelAsync();
        await Task.WhenAll(loops).ContinueWith(static all => _ = all.Exception, TaskScheduler.Default);

        while (_underWay.TryDequeue(out var request))
            request.Fail(ZooKeeperError.ConnectionLoss, $"{Server.Host}:{Server.Port}: {why}");

        return why;
    }

    public void Dispose()
    {
        _frames.Dispose();
        _writing.Dispose();
    }

    private async Task ReadAsync(WatchTable watches, CancellationTokenSource silence, CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await _frames.ReadAsync(Frames.LongestRead, cancellationToken);

            if (Take(frame.Span, watches) is { } sentAt and > 0)
            {
                HeardAt = Math.Max(HeardAt, sentAt);
                silence.CancelAfter(Left(HeardAt));
            }
        }
    }

    /// <summary>Takes a frame, and returns when that was sent which it answers.</summary>
    private long? Take(ReadOnlySpan<byte> frame, WatchTable watches)
    {
        var reader = new JuteReader(frame);
        var (number, transaction, error) = (reader.Int(), reader.Long(), (ZooKeeperError)reader.Int());

        if (transaction > _ticket.Seen)
            _ticket = _ticket with { Seen = transaction };

        switch (number)
        {
            case Reserved.Event:
                var (change, _) = ((NodeChange)reader.Int(), reader.Int());
                watches.Fire(change, reader.String());
                return null;

            case Reserved.Ping:
                return Interlocked.Exchange(ref _pingSentAt, 0);

            case Reserved.SetWatches:
                return null;

            default:
                if (!_underWay.TryPeek(out var request) || request.Number != number)
                    throw new InvalidDataException($"it answered request {number}, whose turn it was not");

                _underWay.TryDequeue(out _);
                request.Answer(error, ref reader, watches);
                return request.SentAt;
        }
    }

    private async Task WriteAsync(List<byte[]> first, ChannelReader<Request> requests, CancellationToken cancellationToken)
    {
        foreach (var frame in first)
            await SendAsync(frame, cancellationToken);

        var batch = new ArrayBufferWriter<byte>();

        while (await requests.WaitToReadAsync(cancellationToken))
        {
            while (batch.WrittenCount < BytesPerWrite && requests.TryRead(out var request))
            {
                if (request.IsOver)
                    continue;

                // Negative numbers are reserved.
                _number = (_number + 1) & int.MaxValue;
                batch.Write(request.Send(_number, _time.GetTimestamp()).Span);
                _underWay.Enqueue(request);
            }

            await SendAsync(batch.WrittenMemory, cancellationToken);
            batch.ResetWrittenCount();
        }
    }

    private async Task PingAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_ticket.Timeout / 3, _time);

        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (Interlocked.CompareExchange(ref _pingSentAt, _time.GetTimestamp(), 0) == 0)
                await SendAsync(_ping, cancellationToken);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);

        try
        {
            await _stream.WriteAsync(bytes, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private TimeSpan Left(long heardAt) => ReadTimeout - _time.GetElapsedTime(heardAt) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
