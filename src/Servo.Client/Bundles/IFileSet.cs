namespace Servo.Client.Bundles;

/// <summary>A source of files to pack.</summary>
internal interface IFileSet
{
    /// <summary>
    /// Finds the files, in any order and without opening them; throws <see cref="BundleException"/> if one cannot be packed.
    /// </summary>
    IReadOnlyList<Entry> Find(IReadOnlyList<string> without, CancellationToken cancellationToken);

    /// <summary>The message if there is nothing to pack.</summary>
    string Nothing { get; }
}
