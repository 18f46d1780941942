using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Tests.ZooKeeper;

/// <summary>Something that listens where a ZooKeeper server should: does as it is told with each connection, which it then holds open until disposal.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;
    private int _connections;

    /// <param name="serve">Gets the connection and how many came before.</param>
    public FakeServer(Func<NetworkStream, int, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Takes the client's request for a session and grants one.</summary>
    public static async Task GrantAsync(NetworkStream stream, TimeSpan timeout)
    {
        await ReadFrameAsync(stream);
        await stream.WriteAsync(new JuteWriter().Int(0).Int((int)timeout.TotalMilliseconds).Long(4711).Buffer(new byte[16]).Bool(false).ToFrame());
    }

    /// <summary>Reads the next frame and returns its first number, which in a request is that of the request.</summary>
    public static async Task<int> ReadFrameAsync(NetworkStream stream)
    {
        var prefix = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(prefix);
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
        await stream.ReadExactlyAsync(frame);
        return BinaryPrimitives.ReadInt32BigEndian(frame);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync(Func<NetworkStream, int, Task> serve)
    {
        var serving = new List<Task>();
        var streams = new List<NetworkStream>();

        try
        {
            while (true)
            {
                streams.Add(new NetworkStream(await _listener.AcceptSocketAsync(), ownsSocket: true));
                serving.Add(serve(streams[^1], Interlocked.Increment(ref _connections) - 1));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            streams.ForEach(stream => stream.Dispose());
            await Task.WhenAll(serving).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
