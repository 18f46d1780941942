namespace Servo.Client.Bundles;

/// <summary>Where files that are to be packed lie.</summary>
internal interface IFileSet
{
    /// <summary>Looks for them, in any order and without opening them; throws <see cref="BundleException"/> where one cannot be packed.</summary>
    IReadOnlyList<Entry> Find(IReadOnlyList<string> without, CancellationToken cancellationToken);

    /// <summary>How to say that there is nothing to pack.</summary>
    string Nothing { get; }
}
