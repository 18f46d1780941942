using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Servo.Infrastructure.Processes;

/// <summary>
/// The host's end of a connection with a process that it started: verbs of
/// one byte go out, with a descriptor where one belongs to it; lines of JSON come in.
/// </summary>
internal sealed class ControlSocket : IDisposable
{
    private const int UsualLine = 4096;
    private const int LongestLine = 1 << 20;

    private readonly Socket _socket;
    private byte[] _buffer = new byte[UsualLine];
    private int _filled;

    private ControlSocket(Socket socket) => _socket = socket;

    /// <summary>Makes a connection and hands its other end on, which is closed here afterwards.</summary>
    public static ControlSocket Connect(Action<int> handOn)
    {
        var (here, there) = Libc.SocketPair();

        try
        {
            var socket = new ControlSocket(new Socket(new SafeSocketHandle(here, ownsHandle: true)));

            try
            {
                handOn(there);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        finally
        {
            Libc.close(there);
        }
    }

    /// <summary>Whether the other end is gone, or has said what nobody asked for. To be asked between messages.</summary>
    public bool HasEnded => _socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Sends a verb.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public void Send(byte verb)
    {
        try
        {
            _socket.Send([verb]);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Sends a verb with a descriptor, and the few bytes that belong to it.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public void Send(byte verb, int descriptor, params ReadOnlySpan<byte> rest)
    {
        try
        {
            Libc.SendDescriptor(_socket.SafeHandle, [verb, .. rest], descriptor);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Reads the next line; <see langword="null"/> where the other end is gone.</summary>
    /// <exception cref="JsonException">It is not such a message.</exception>
    public async ValueTask<T?> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n');

            if (end >= 0)
            {
                var message = JsonSerializer.Deserialize(_buffer.AsSpan(0, end), type);
                _buffer.AsSpan(end + 1, _filled - end - 1).CopyTo(_buffer);
                _filled -= end + 1;
                return message;
            }

            if (_filled == _buffer.Length && _filled < LongestLine)
                Array.Resize(ref _buffer, 2 * _filled);

            if (_filled == _buffer.Length || await ReceiveAsync(cancellationToken) is 0)
                return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async ValueTask<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), cancellationToken);
            _filled += read;
            return read;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
