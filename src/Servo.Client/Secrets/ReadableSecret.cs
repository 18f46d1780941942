using Servo.Secrets;

namespace Servo.Client.Secrets;

/// <summary>Says of a secret that cannot be read what it seems to be.</summary>
internal static class ReadableSecret
{
    /// <summary>Opens a secret; throws <see cref="InvalidDataException"/> for a stream that holds anything else.</summary>
    public static async Task<SaltedFile> OpenAsync(Stream stream, ServoCredential credential, CancellationToken cancellationToken)
    {
        var start = stream.Position;

        try
        {
            return await SaltedFile.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            stream.Position = start;
            var bytes = new byte[UnsaltedFile.MostBytes];
            var count = await SaltedFile.FillAsync(stream, bytes, cancellationToken).ConfigureAwait(false);
            var what = UnsaltedFile.Describe(bytes, count, credential.ToBytes(), cancellationToken);

            throw what is null ? e : new InvalidDataException($"{e.Message.TrimEnd('.')}: {what}. {ForeignFile.Advice}.", e);
        }
    }

    /// <summary>Why the token does not open a secret.</summary>
    public static async Task<InvalidDataException> UnopenedAsync(SaltedFile file, ServoCredential credential, CancellationToken cancellationToken)
    {
        var unopened = new UnopenedSecret(file.Salt, await file.ReadHeadAsync(UnopenedSecret.HeadSize, cancellationToken).ConfigureAwait(false), file.End, file.Length);
        var why = await Task.Run(() => unopened.Explain(SecretGuess.All(credential.ToBytes()), cancellationToken), cancellationToken).ConfigureAwait(false);

        return new InvalidDataException($"The servo token does not open the secret: {why ?? UnopenedSecret.NoGuess}. {ForeignFile.Advice}.");
    }
}
