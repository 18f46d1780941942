using System.IO.Pipelines;
using System.Security.Cryptography;
using Servo.Application.Uploads;

namespace Servo.Infrastructure.Uploads;

/// <summary>
/// Reads the next bytes of an archive into the buffer, 0 at its end, as
/// <see cref="Stream.ReadAsync(Memory{byte}, CancellationToken)"/> does.
/// </summary>
internal delegate ValueTask<int> ArchiveRead(Memory<byte> buffer, CancellationToken cancellationToken);

/// <summary>Writes an archive to a new file while its HMAC is computed.</summary>
internal static class HmacFile
{
    private const int BlockSize = 128 * 1024;

    // One worker reads and computes the HMAC while another writes and computes the digest; neither waits for the other unless it is far ahead.
    private static readonly PipeOptions _betweenWorkers = new(
        minimumSegmentSize: BlockSize, pauseWriterThreshold: 4 * BlockSize, resumeWriterThreshold: 3 * BlockSize, useSynchronizationContext: false);

    /// <summary>Reads the archive to its end, or up to one byte more than <paramref name="maxBytes"/>: then there is no result.</summary>
    public static async Task<SpooledUpload?> WriteAsync(
        ArchiveRead archive, Func<string> newFile, IncrementalHash hmac, long maxBytes, CancellationToken cancellationToken)
    {
        var pipe = new Pipe(_betweenWorkers);
        Task<byte[]>? file = null;
        long bytes;

        try
        {
            bytes = await ReadAsync(archive, pipe.Writer, hmac, maxBytes, Write, cancellationToken);
        }
        finally
        {
            await pipe.Writer.CompleteAsync();

            // Whoever disposes of the file's workspace must not race with it.
            if (file is not null)
                await ((Task)file).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Write();
        var sha256 = await file!;
        return bytes > maxBytes ? null : new SpooledUpload(bytes, hmac.GetHashAndReset(), sha256);

        void Write() => file ??= WriteAsync(pipe.Reader, newFile, cancellationToken);
    }

    /// <summary>Passes the archive on; returns how many bytes of it were read. What one block holds is written when all of it is there, by the same worker.</summary>
    private static async Task<long> ReadAsync(
        ArchiveRead archive, PipeWriter writer, IncrementalHash hmac, long maxBytes, Action write, CancellationToken cancellationToken)
    {
        long bytes = 0;

        while (bytes <= maxBytes)
        {
            // The byte past the limit tells an archive of just that size from a larger one.
            var wanted = (int)(Math.Min(BlockSize - 1, maxBytes - bytes) + 1);
            var block = writer.GetMemory(BlockSize)[..wanted];
            var read = await FillAsync(archive, block, cancellationToken);
            bytes += read;
            hmac.AppendData(block.Span[..read]);
            writer.Advance(read);

            if (read < wanted)
                break;

            write();

            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
                break;
        }

        return bytes;
    }

    /// <summary>Writes the file; returns the SHA-256 of its bytes.</summary>
    private static async Task<byte[]> WriteAsync(PipeReader reader, Func<string> newFile, CancellationToken cancellationToken)
    {
        FileStream? file = null;
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        try
        {
            bool isLast;

            do
            {
                var result = await reader.ReadAsync(cancellationToken);
                isLast = result.IsCompleted;

                // Not sooner: an upload that has sent nothing yet has no descriptor either.
                file ??= PrivateFile.Create(newFile());

                foreach (var block in result.Buffer)
                {
                    sha256.AppendData(block.Span);
                    // A synchronous write: the asynchronous one is the same system call on yet another thread.
                    file.Write(block.Span);
                }

                reader.AdvanceTo(result.Buffer.End);
            }
            while (!isLast);

            return sha256.GetHashAndReset();
        }
        finally
        {
            // What is still read stops with it.
            await reader.CompleteAsync();

            if (file is not null)
                await file.DisposeAsync();
        }
    }

    private static async ValueTask<int> FillAsync(ArchiveRead archive, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var filled = 0;

        while (filled < buffer.Length && await archive(buffer[filled..], cancellationToken) is > 0 and var read)
            filled += read;

        return filled;
    }
}
