using Servo.Domain;

namespace Servo.Infrastructure.Archives;

/// <summary>Carries a rejection out of nested streams and readers; <see cref="ArchiveReader"/> turns it back into the value that it is.</summary>
internal sealed class RejectedArchiveException(Rejection rejection) : Exception(rejection.Detail)
{
    public Rejection Rejection { get; } = rejection;

    public static RejectedArchiveException Bad(string why) => new(new Rejection.BadArchive(why));

    public static RejectedArchiveException TooLarge(string why) => new(new Rejection.ArchiveTooLarge(why));

    /// <summary>The name is cut and its control characters are masked, since a rejection ends up in one line of a log.</summary>
    public static RejectedArchiveException Unsafe(string name, string why)
    {
        var shown = name.Length > 300 ? name[..300] + "…" : name;

        return new(new Rejection.UnsafeEntry(string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c)), why));
    }

    /// <summary>
    /// Tells whether a decoder threw <paramref name="exception"/> because of the bytes that it was fed: decoders of damaged data throw nearly anything
    /// (index out of range, overflow, null reference), whereas a disk that fails throws <see cref="IOException"/> itself.
    /// </summary>
    public static bool IsDamage(Exception exception) => exception switch
    {
        RejectedArchiveException or OperationCanceledException => false,
        EndOfStreamException or InvalidDataException => true,
        IOException or UnauthorizedAccessException => false,
        _ => true,
    };
}
