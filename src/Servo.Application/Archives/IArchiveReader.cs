using Servo.Domain.Runs;

namespace Servo.Application.Archives;

/// <summary>Unpacks an archive that nobody has looked at yet.</summary>
public interface IArchiveReader
{
    /// <summary>
    /// Writes the entries of the archive at <paramref name="archivePath"/> below the existing, empty <paramref name="directory"/> and never outside it.
    /// The format is told by content. A damaged archive, an unsafe entry and an exceeded limit are failures.
    /// </summary>
    Task<StepResult<ArchiveContents>> UnpackAsync(string archivePath, string directory, CancellationToken cancellationToken);
}

/// <summary>What an archive held.</summary>
/// <param name="Entries">Number of entries of any kind.</param>
/// <param name="Bytes">Bytes written to files.</param>
public sealed record ArchiveContents(int Entries, long Bytes);
