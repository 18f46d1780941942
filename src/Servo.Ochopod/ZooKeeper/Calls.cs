namespace Servo.Ochopod.ZooKeeper;

/// <summary>The calls: how each is written, and how its answer is read.</summary>
internal static class Calls
{
    private const int AllPermissions = 31;

    public static Request<string> Create(string path, ReadOnlySpan<byte> data, NodeKind kind) => new(
        "create",
        path,
        Request.Begin(Operation.Create).String(path).Buffer(data).Int(1).Int(AllPermissions).String("world").String("anyone").Int((int)kind).ToFrame(),
        static (_, ref body, _) => body.String());

    public static Request<ZooKeeperNode> Get(string path) => new("get", path, Read(Operation.GetData, path, watch: false), Node);

    public static Request<Watched<ZooKeeperNode>> Watch(string path) => new(
        "get",
        path,
        Read(Operation.GetData, path, watch: true),
        (error, ref body, watches) => new(Node(error, ref body, watches), watches.Add(WatchKind.Data, path)));

    public static Request<NodeStat> Set(string path, ReadOnlySpan<byte> data, int version) => new(
        "set",
        path,
        Request.Begin(Operation.SetData).String(path).Buffer(data).Int(version).ToFrame(),
        static (_, ref body, _) => Stat(ref body));

    public static Request<NodeStat?> Exists(string path) => new("exists", path, Read(Operation.Exists, path, watch: false), StatIfAny, ZooKeeperError.NoNode);

    public static Request<Watched<NodeStat?>> WatchExistence(string path) => new(
        "exists",
        path,
        Read(Operation.Exists, path, watch: true),
        (error, ref body, watches) => new(
            StatIfAny(error, ref body, watches),
            watches.Add(error == ZooKeeperError.NoNode ? WatchKind.Existence : WatchKind.Data, path)),
        ZooKeeperError.NoNode);

    public static Request<IReadOnlyList<string>> Children(string path) => new("children", path, Read(Operation.GetChildren, path, watch: false), Names);

    public static Request<Watched<IReadOnlyList<string>>> WatchChildren(string path) => new(
        "children",
        path,
        Read(Operation.GetChildren, path, watch: true),
        (error, ref body, watches) => new(Names(error, ref body, watches), watches.Add(WatchKind.Children, path)));

    public static Request<Nothing> Delete(string path, int version) => new(
        "delete",
        path,
        Request.Begin(Operation.Delete).String(path).Int(version).ToFrame(),
        static (_, ref _, _) => default);

    public static Request<Nothing> Close() => new("close", null, Request.Begin(Operation.CloseSession).ToFrame(), static (_, ref _, _) => default);

    private static byte[] Read(Operation operation, string path, bool watch) => Request.Begin(operation).String(path).Bool(watch).ToFrame();

    private static ZooKeeperNode Node(ZooKeeperError error, ref JuteReader body, WatchTable watches) => new(body.Buffer(), Stat(ref body));

    private static IReadOnlyList<string> Names(ZooKeeperError error, ref JuteReader body, WatchTable watches) => body.Strings();

    private static NodeStat? StatIfAny(ZooKeeperError error, ref JuteReader body, WatchTable watches) => error == ZooKeeperError.NoNode ? null : Stat(ref body);

    private static NodeStat Stat(ref JuteReader body)
    {
        var (created, modified, createdAt, modifiedAt) = (body.Long(), body.Long(), body.Time(), body.Time());
        var (version, childrenVersion, _) = (body.Int(), body.Int(), body.Int());
        var (owner, length, children) = (body.Long(), body.Int(), body.Int());

        return new(created, modified, createdAt, modifiedAt, version, childrenVersion, owner, length, children, body.Long());
    }

    /// <summary>What an answer holds that only says that it was done.</summary>
    internal readonly record struct Nothing;
}
