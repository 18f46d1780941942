namespace Servo.Ochopod.ZooKeeper;

/// <summary>A ZooKeeper ensemble.</summary>
internal interface IZooKeeper
{
    /// <summary>Why no server can be reached, as the beginning of a sentence; <see langword="null"/> where one is, or none was tried in vain yet.</summary>
    string? WhyUnreachable { get; }

    /// <summary>
    /// Opens a new session with whichever server grants one first; tries again, ever
    /// more slowly, until one does or <paramref name="cancellationToken"/> is cancelled.
    /// </summary>
    Task<IZooKeeperSession> OpenSessionAsync(CancellationToken cancellationToken);
}

/// <summary>
/// One session: it survives lost connections as long as a server takes it back in time, and then ends for good, with its ephemeral nodes. Calls are carried
/// out in the order in which they are made. While the connection is lost they wait for the next one, but a call that was under way when it broke fails with
/// <see cref="ZooKeeperError.ConnectionLoss"/>, and may have been carried out; so may a call that was cancelled. Disposal ends the session.
/// </summary>
internal interface IZooKeeperSession : IAsyncDisposable
{
    /// <summary>The name that the ensemble gave to the session, which is also the owner of its ephemeral nodes.</summary>
    long Id { get; }

    /// <summary>How long the ensemble keeps the session alive without hearing from it, as negotiated.</summary>
    TimeSpan Timeout { get; }

    /// <summary>How the session stands now.</summary>
    ZooKeeperState State { get; }

    /// <summary>Cancelled when the session has ended, which is noticed no later than by the ensemble, or when it is closed.</summary>
    CancellationToken Ended { get; }

    /// <summary>The present state and then every further one, none left out, until the session has ended.</summary>
    IAsyncEnumerable<ZooKeeperState> StatesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Creates a node that everyone may read and change, and returns its path,
    /// with ten digits appended if it is <see cref="NodeKind.Sequential"/>.
    /// </summary>
    Task<string> CreateAsync(string path, ReadOnlyMemory<byte> data, NodeKind kind, CancellationToken cancellationToken);

    /// <summary>Reads a node.</summary>
    Task<ZooKeeperNode> GetAsync(string path, CancellationToken cancellationToken);

    /// <summary>Reads a node and tells when its data changes or it is deleted.</summary>
    Task<Watched<ZooKeeperNode>> WatchAsync(string path, CancellationToken cancellationToken);

    /// <summary>Replaces a node's data; a <paramref name="version"/> other than -1 must be the node's.</summary>
    Task<NodeStat> SetAsync(string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken);

    /// <summary>Describes a node, or returns <see langword="null"/> where there is none.</summary>
    Task<NodeStat?> ExistsAsync(string path, CancellationToken cancellationToken);

    /// <summary>Describes a node that may not be there, and tells when it is created, changed or deleted.</summary>
    Task<Watched<NodeStat?>> WatchExistenceAsync(string path, CancellationToken cancellationToken);

    /// <summary>The names of a node's children, in no order.</summary>
    Task<IReadOnlyList<string>> ChildrenAsync(string path, CancellationToken cancellationToken);

    /// <summary>The names of a node's children, in no order; tells when one comes or goes, or the node itself is deleted.</summary>
    Task<Watched<IReadOnlyList<string>>> WatchChildrenAsync(string path, CancellationToken cancellationToken);

    /// <summary>Deletes a node that has no children; a <paramref name="version"/> other than -1 must be the node's.</summary>
    Task DeleteAsync(string path, int version, CancellationToken cancellationToken);
}
