using System.Security.Cryptography;
using Servo.Domain;

namespace Servo.Application.Uploads;

/// <summary>Writes an upload to disk while it is hashed.</summary>
public interface IUploadSpool
{
    /// <summary>
    /// Reads <paramref name="body"/> once, to its end, and writes the archive in it to a new file. <paramref name="newFile"/> names it, and is called once
    /// there is something to write: an upload that does not come takes no descriptor and no place on disk. Reading stops at the
    /// size limit (<see cref="Refusal.UploadTooLarge"/>); a form without the part <c>tgz</c> is <see cref="Refusal.Malformed"/>.
    /// </summary>
    Task<Result<SpooledUpload>> WriteAsync(UploadBody body, Func<string> newFile, HashAlgorithmName algorithm, CancellationToken cancellationToken);
}

/// <summary>A request's body as it arrives.</summary>
/// <param name="Content">Read once, forward only.</param>
/// <param name="ContentType">
/// The media type; multipart/form-data (RFC 7578) carries the archive in its part <c>tgz</c>, any other is the archive itself.
/// </param>
/// <param name="Length">The announced length in bytes, where there is one.</param>
/// <param name="Sender">Who sends it; of unknown senders all count as one.</param>
public sealed record UploadBody(Stream Content, string? ContentType = null, long? Length = null, UploadSender? Sender = null);

/// <summary>Who sends an upload.</summary>
/// <param name="Name">Tells the uploads of one sender from those of others, such as an address.</param>
/// <param name="Admitted">Called once the upload has a place of its own: from then on <see cref="UploadPlaces"/> alone decides whether it may go on.</param>
public sealed record UploadSender(string Name, Action? Admitted = null);

/// <summary>An archive on disk whose signature was not compared yet.</summary>
/// <param name="Bytes">Size of the archive.</param>
/// <param name="Digest">HMAC of its bytes, keyed with the servo token.</param>
/// <param name="Sha256">SHA-256 of its bytes.</param>
public sealed record SpooledUpload(long Bytes, byte[] Digest, byte[] Sha256);
