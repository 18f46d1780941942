namespace Servo.Client.Runs;

/// <summary>Copies the text of a run's log.</summary>
internal static class RunLog
{
    private const int BufferSize = 64 * 1024;

    public static async Task CopyAsync(
        Gateway gateway, RunResources resources, string runId, Stream destination, CancellationToken cancellationToken)
    {
        using var response = await resources.LogAsync(runId, cancellationToken).ConfigureAwait(false);
        var buffer = new byte[BufferSize];

        using var body = await OpenAsync(response).ConfigureAwait(false);

        while (await ReadAsync(body, buffer).ConfigureAwait(false) is > 0 and var read)
            await destination.WriteAsync(buffer, 0, read, cancellationToken).ConfigureAwait(false);

        async Task<int> ReadAsync(Stream source, byte[] target)
        {
            try
            {
                return await source.ReadAsync(target, 0, target.Length, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw new ServoRequestException(
                    ServoRequestError.ConnectionLost,
                    $"The connection to {gateway.Name} broke before the whole log of the run {runId} had come: {e.Message}",
                    e)
                { RunId = runId };
            }
        }
    }

    private static Task<Stream> OpenAsync(HttpResponseMessage response) => response.Content.ReadAsStreamAsync();
}
