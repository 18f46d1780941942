using System.Buffers;
using System.IO.Pipes;
using System.Text;
using System.Text.Unicode;
using Servo.Application.Logs;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Scripts;

/// <summary>Passes on what a script writes into its pipe, as well-formed text.</summary>
internal sealed class ScriptOutput(string script, PipeStream pipe, IRunOutput output)
{
    private const int BufferBytes = 64 * 1024;

    private int? _left;

    /// <summary>
    /// Reads to the pipe's end, or once nothing of the script is alive (<paramref name="ended"/>) what it has left in the pipe: another process may
    /// have been passed the pipe, so that its end may never come.
    /// </summary>
    public async Task PumpAsync(CancellationToken ended)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var kept = 0;

        try
        {
            while (await ReadAsync(buffer.AsMemory(kept), ended) is > 0 and var read)
            {
                var text = buffer.AsMemory(0, kept + read);
                var whole = text[..^IncompleteBytes(text.Span)];
                await WriteAsync(whole);
                text[whole.Length..].CopyTo(buffer);
                kept = text.Length - whole.Length;
            }

            await WriteAsync(buffer.AsMemory(0, kept));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;

        var text = Utf8.IsValid(bytes.Span) ? bytes : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes.Span));
        await output.WriteAsync(new RunEvent.Output(script, OutputStream.Stdout, text));
        await output.FlushAsync();
    }

    /// <summary>The bytes at the end of a text that may become a character with those that follow: at most three.</summary>
    private static int IncompleteBytes(ReadOnlySpan<byte> text)
    {
        for (var count = 1; count <= Math.Min(3, text.Length); count++)
        {
            if (Rune.DecodeFromUtf8(text[^count..], out _, out _) == OperationStatus.NeedMoreData)
                return count;
        }

        return 0;
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ended)
    {
        try
        {
            if (!ended.IsCancellationRequested)
                return await pipe.ReadAsync(buffer, ended);
        }
        catch (OperationCanceledException)
        {
            // There may be more, but no longer an end of it.
        }

        _left ??= Libc.BytesToRead(pipe.SafePipeHandle);
        // As much is there, so this does not block.
        var read = _left > 0 ? pipe.Read(buffer.Span[..Math.Min(buffer.Length, _left.Value)]) : 0;
        _left -= read;
        return read;
    }
}
