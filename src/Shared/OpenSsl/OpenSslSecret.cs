namespace Servo.OpenSsl;

/// <summary>Opens what <c>openssl enc -aes-256-cbc</c> of any version wrote, in constant memory.</summary>
internal static class OpenSslSecret
{
    /// <summary>
    /// Finds the key that opens a secret. The stream can seek, and the secret starts where it is. An <see cref="InvalidDataException"/>
    /// says why no key opens it, calls the secret "it", and reveals nothing of the password.
    /// </summary>
    public static async Task<ClearText> OpenAsync(Stream stream, byte[] password, CancellationToken cancellationToken)
    {
        var start = stream.Position;

        if (await SaltedFile.OpenAsync(stream, cancellationToken).ConfigureAwait(false) is not { } file)
        {
            stream.Position = start;
            throw new InvalidDataException(await DescribeForeignAsync(stream, password, cancellationToken).ConfigureAwait(false));
        }

        return await ClearText.FindAsync(file, password, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidDataException(await DescribeUnopenedAsync(file, password, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<string> DescribeForeignAsync(Stream stream, byte[] password, CancellationToken cancellationToken)
    {
        var bytes = new byte[UnsaltedFile.MostBytes];
        var count = await FillAsync(stream, bytes, cancellationToken).ConfigureAwait(false);
        var what = UnsaltedFile.Describe(bytes, count, password, cancellationToken);

        return $"it is not in the format of openssl enc{(what is null ? "" : $": {what}")}. {ForeignFile.Advice}";
    }

    private static async Task<string> DescribeUnopenedAsync(SaltedFile file, byte[] password, CancellationToken cancellationToken)
    {
        var head = await file.ReadHeadAsync(UnopenedSecret.HeadSize, cancellationToken).ConfigureAwait(false);
        var unopened = new UnopenedSecret(file.Salt, head, [.. file.BlockBefore, .. file.LastBlock], file.Length);
        // It takes up to a second.
        var why = await Task.Run(
            () => unopened.Explain(SecretGuess.All(password), cancellationToken), cancellationToken).ConfigureAwait(false);

        return $"the servo token does not open it: {why ?? UnopenedSecret.NoGuess}. {ForeignFile.Advice}";
    }

    private static async Task<int> FillAsync(Stream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        var filled = 0;

        while (filled < buffer.Length
            && await stream.ReadAsync(buffer, filled, buffer.Length - filled, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            filled += read;
        }

        return filled;
    }
}
