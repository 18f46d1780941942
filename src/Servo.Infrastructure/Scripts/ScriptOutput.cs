using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Servo.Application.Logs;

namespace Servo.Infrastructure.Scripts;

/// <summary>Passes on what a script writes into its pipe, as well-formed text.</summary>
internal sealed class ScriptOutput(string script, Stream pipe, IRunOutput output)
{
    /// <summary>How long output is waited for once the script has ended.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private const int BufferBytes = 64 * 1024;

    /// <summary>Reads to the pipe's end; once the script has <paramref name="ended"/>, as far as there is more to read.</summary>
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

        try
        {
            using var limit = new CancellationTokenSource(DrainTimeout);
            return await pipe.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }
}
