namespace Servo.Ochopod.ZooKeeper;

/// <summary>What becomes of a new node.</summary>
[Flags]
internal enum NodeKind
{
    /// <summary>It stays until it is deleted.</summary>
    Persistent = 0,

    /// <summary>It goes with the session that made it, and can have no children.</summary>
    Ephemeral = 1,

    /// <summary>Its name ends in ten digits, which count up for each parent.</summary>
    Sequential = 2,
}

/// <summary>A node's data and what is known about it.</summary>
/// <param name="Data">The data; may be empty.</param>
/// <param name="Stat">What is known about the node.</param>
internal sealed record ZooKeeperNode(ReadOnlyMemory<byte> Data, NodeStat Stat);

/// <summary>What is known about a node.</summary>
/// <param name="Created">The transaction that created it.</param>
/// <param name="Modified">The transaction that last set its data.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ModifiedAt">When its data was last set.</param>
/// <param name="Version">How often its data was set.</param>
/// <param name="ChildrenVersion">How often a child came or went.</param>
/// <param name="EphemeralOwner">The session that it goes with; 0 for a persistent node.</param>
/// <param name="DataLength">Its data's length in bytes.</param>
/// <param name="ChildrenCount">How many children it has.</param>
/// <param name="ChildrenModified">The transaction with which a child last came or went.</param>
internal sealed record NodeStat(
    long Created,
    long Modified,
    DateTimeOffset CreatedAt,
    DateTimeOffset ModifiedAt,
    int Version,
    int ChildrenVersion,
    long EphemeralOwner,
    int DataLength,
    int ChildrenCount,
    long ChildrenModified);

/// <summary>What was read, and a task that completes, once and never with an exception, when that is no longer so.</summary>
/// <param name="Value">What was read.</param>
/// <param name="Changed">What happened then; also completes when the session ends.</param>
internal sealed record Watched<T>(T Value, Task<NodeChange> Changed);

/// <summary>What happened to a node that was watched.</summary>
internal enum NodeChange
{
    /// <summary>The session ended, so nothing more will be heard.</summary>
    SessionEnded = 0,

    /// <summary>The node was created.</summary>
    Created = 1,

    /// <summary>The node was deleted.</summary>
    Deleted = 2,

    /// <summary>The node's data was set.</summary>
    DataChanged = 3,

    /// <summary>A child came or went.</summary>
    ChildrenChanged = 4,
}
