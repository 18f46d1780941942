using System.Buffers;
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
    private const int BufferSize = 128 * 1024;

    /// <summary>Reads the archive to its end, or up to one byte more than <paramref name="maxBytes"/>: then there is no result.</summary>
    public static async Task<SpooledUpload?> WriteAsync(
        ArchiveRead archive, Func<string> newFile, IncrementalHash hmac, long maxBytes, CancellationToken cancellationToken)
    {
        FileStream? file = null;

        // One buffer is read and hashed while the other is written.
        var reading = ArrayPool<byte>.Shared.Rent(BufferSize);
        var writing = ArrayPool<byte>.Shared.Rent(BufferSize);
        var write = Task.CompletedTask;
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        try
        {
            long bytes = 0;
            bool isLast;

            do
            {
                // The byte past the limit tells an archive of just that size from a larger one.
                var wanted = (int)(Math.Min(BufferSize - 1, maxBytes - bytes) + 1);
                var read = await FillAsync(archive, reading.AsMemory(0, wanted), cancellationToken);
                bytes += read;
                isLast = read < wanted;

                if (bytes > maxBytes)
                    return null;

                hmac.AppendData(reading, 0, read);
                sha256.AppendData(reading, 0, read);
                await write;

                // Not sooner: an upload that has sent nothing yet has no descriptor either.
                file ??= PrivateFile.Create(newFile());
                write = file.WriteAsync(reading.AsMemory(0, read), cancellationToken).AsTask();
                (reading, writing) = (writing, reading);
            }
            while (!isLast);

            await write;
            return new SpooledUpload(bytes, hmac.GetHashAndReset(), sha256.GetHashAndReset());
        }
        finally
        {
            // A buffer must not go back to the pool while it is being written.
            await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            if (file is not null)
                await file.DisposeAsync();

            ArrayPool<byte>.Shared.Return(reading);
            ArrayPool<byte>.Shared.Return(writing);
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
