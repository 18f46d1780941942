using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Servo.Simulation;

/// <summary>Reads the first document of a YAML file, event by event, so that neither deep nesting nor aliases of aliases can exhaust the host.</summary>
internal sealed class YamlReader
{
    private const int MaxDepth = 50;
    private const int MaxValues = 20_000;

    private readonly Dictionary<AnchorName, (YamlValue Value, int Values, int Depth)> _anchors = [];
    private readonly IParser _parser;

    private YamlReader(IParser parser) => _parser = parser;

    /// <summary>The document, or <see langword="null"/> where there is none or it is malformed, too deep or too large.</summary>
    public static YamlValue? Read(byte[] utf8)
    {
        var parser = new Parser(new StringReader(Encoding.UTF8.GetString(utf8)));

        try
        {
            parser.Consume<StreamStart>();
            return parser.TryConsume<DocumentStart>(out _) ? new YamlReader(parser).ReadValue(0).Value : null;
        }
        catch (Exception e) when (e is YamlException or ArgumentException or InvalidOperationException)
        {
            // The last two also come out of the parser, for a tag that is no URI and for a flow sequence that is less indented than its block.
            return null;
        }
    }

    // An alias counts as what it stands for, so what is returned is never larger or deeper than the limits even when it is walked as a tree.
    private (YamlValue Value, int Values, int Depth) ReadValue(int depth)
    {
        var read = _parser.Consume<ParsingEvent>() switch
        {
            AnchorAlias alias when _anchors.TryGetValue(alias.Value, out var known) => known,
            Scalar scalar => Remember(scalar, (new YamlValue { Text = IsNull(scalar) ? null : scalar.Value }, 1, 1)),
            SequenceStart start when depth < MaxDepth => Remember(start, ReadItems(depth)),
            MappingStart start when depth < MaxDepth => Remember(start, ReadMembers(depth)),
            var other => throw new YamlException(other.Start, other.End, "too deep, or an alias of nothing"),
        };

        return read.Values <= MaxValues && depth + read.Depth <= MaxDepth + 1 ? read : throw new YamlException("too large");
    }

    private (YamlValue Value, int Values, int Depth) ReadItems(int depth)
    {
        var items = new List<YamlValue>();
        var (values, deepest) = (1, 0);

        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            var item = ReadValue(depth + 1);
            items.Add(item.Value);
            (values, deepest) = (values + item.Values, Math.Max(deepest, item.Depth));
        }

        return (new YamlValue { Items = items }, values, deepest + 1);
    }

    private (YamlValue Value, int Values, int Depth) ReadMembers(int depth)
    {
        var members = new Dictionary<string, YamlValue>(StringComparer.Ordinal);
        var (values, deepest) = (1, 0);

        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var name = _parser.Consume<Scalar>().Value;
            var member = ReadValue(depth + 1);
            members[name] = member.Value;
            (values, deepest) = (values + member.Values, Math.Max(deepest, member.Depth));
        }

        return (new YamlValue { Members = members }, values, deepest + 1);
    }

    private (YamlValue Value, int Values, int Depth) Remember(NodeEvent node, (YamlValue Value, int Values, int Depth) read)
    {
        if (!node.Anchor.IsEmpty)
            _anchors[node.Anchor] = read;

        return read;
    }

    private static bool IsNull(Scalar scalar) =>
        scalar.Style == ScalarStyle.Plain && (scalar.Value is "" or "~" or "null" or "Null" or "NULL");
}
