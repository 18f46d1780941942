using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Keeps the archives of detached runs from their acceptance to their start.</summary>
public interface IBundleStore
{
    /// <summary>Takes the archive at <paramref name="archivePath"/>, which is gone from there afterwards; survives a power cut once this returns.</summary>
    Task KeepAsync(RunId run, string archivePath, CancellationToken cancellationToken);

    /// <summary>Puts the archive at <paramref name="archivePath"/>, where nothing is; it is kept all the same.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    Task FetchAsync(RunId run, string archivePath, CancellationToken cancellationToken);

    /// <summary>Deletes the archive, if there is one.</summary>
    Task DeleteAsync(RunId run);

    /// <summary>The runs of which there is an archive.</summary>
    Task<IReadOnlyList<RunId>> ListAsync(CancellationToken cancellationToken);
}
