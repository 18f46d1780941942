using System.Buffers.Binary;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>Reads what an answer without an error holds, or with the error that its reader can make sense of.</summary>
internal delegate T AnswerReader<out T>(ZooKeeperError error, ref JuteReader body, WatchTable watches);

/// <summary>A call on its way.</summary>
internal abstract class Request(byte[] frame)
{
    /// <summary>When it was sent, as a time stamp.</summary>
    public long SentAt { get; private set; }

    /// <summary>The number under which its answer comes.</summary>
    public int Number { get; private set; }

    /// <summary>How many bytes it takes, without the length in front.</summary>
    public int Length => frame.Length - sizeof(int);

    /// <summary>Whether nobody waits for it any more.</summary>
    public abstract bool IsOver { get; }

    /// <summary>The header is filled in at last, as the number belongs to the connection.</summary>
    public static JuteWriter Begin(Operation operation) => new JuteWriter().Int(0).Int((int)operation);

    public ReadOnlyMemory<byte> Send(int number, long now)
    {
        (Number, SentAt) = (number, now);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(sizeof(int)), number);
        return frame;
    }

    /// <summary>Takes the answer; called by the reader of the connection, so that a watch is in the table before its event can come.</summary>
    /// <exception cref="InvalidDataException">The answer makes no sense.</exception>
    public abstract void Answer(ZooKeeperError error, ref JuteReader body, WatchTable watches);

    public abstract void Fail(ZooKeeperError error, string? detail = null);
}

/// <summary>A call that has an answer of a certain type.</summary>
internal sealed class Request<T>(
    string operation, string? path, byte[] frame, AnswerReader<T> read, ZooKeeperError expected = ZooKeeperError.None) : Request(frame)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool IsOver => _answer.Task.IsCompleted;

    public async Task<T> WaitAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister((_, token) => _answer.TrySetCanceled(token), null))
            return await _answer.Task;
    }

    public override void Answer(ZooKeeperError error, ref JuteReader body, WatchTable watches)
    {
        if (IsOver)
            return;

        if (error != ZooKeeperError.None && error != expected)
        {
            Fail(error);
            return;
        }

        try
        {
            _answer.TrySetResult(read(error, ref body, watches));
        }
        catch (InvalidDataException e)
        {
            Fail(ZooKeeperError.Marshalling, e.Message);
            throw;
        }
    }

    public override void Fail(ZooKeeperError error, string? detail = null) =>
        _answer.TrySetException(new ZooKeeperException(error, operation, path, detail));
}
