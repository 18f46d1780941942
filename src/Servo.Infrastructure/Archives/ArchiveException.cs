using Servo.Domain.Runs;

namespace Servo.Infrastructure.Archives;

/// <summary>Carries a failure out of nested streams and readers; <see cref="ArchiveReader"/> turns it back into the value that it is.</summary>
internal sealed class ArchiveException(RunFailure failure) : Exception(failure.Detail)
{
    public RunFailure Failure { get; } = failure;

    public static ArchiveException Bad(string why) => new(new RunFailure.BadArchive(Printable(why)));

    public static ArchiveException TooLarge(string why) => new(new RunFailure.ArchiveTooLarge(why));

    public static ArchiveException Unsafe(string name, string why) => new(new RunFailure.UnsafeEntry(Printable(name), Printable(why)));

    /// <summary>What an archive says is cut and its control characters are masked, since a failure ends up in one line of a log.</summary>
    private static string Printable(string text) => string.Concat((text.Length > 300 ? text[..300] + "…" : text).Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>
    /// Tells whether a decoder threw <paramref name="exception"/> because of the bytes that it was fed: decoders of damaged data throw nearly anything
    /// (index out of range, overflow, null reference), whereas a disk that fails throws <see cref="IOException"/> itself.
    /// </summary>
    public static bool IsDamage(Exception exception) => exception switch
    {
        ArchiveException or OperationCanceledException => false,
        EndOfStreamException or InvalidDataException => true,
        IOException or UnauthorizedAccessException => false,
        _ => true,
    };
}
