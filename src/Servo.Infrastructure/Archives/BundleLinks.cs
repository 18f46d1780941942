using System.Text;
using Servo.Bundles;
using Servo.Domain;

namespace Servo.Infrastructure.Archives;

/// <summary>The links of an archive that are made once its last member is in place, and the rules for where they lead.</summary>
internal sealed class BundleLinks
{
    // PATH_MAX - 1 of Linux, in bytes.
    private const int MaxTargetBytes = 4095;

    private readonly HashSet<BundleNode> _links = [];

    /// <summary>The path of a hard link's target inside the bundle.</summary>
    public static string HardLinkTarget(string name, string target) =>
        BundlePath.Normalize(target) is { Length: > 0 } path ? path : throw ArchiveException.Unsafe(name, "is a hard link that leads outside the bundle");

    public static ArchiveException NoFile(string name, string target) =>
        ArchiveException.Unsafe(name, $"is a hard link to '{target}', which is not a file of the bundle");

    public void Add(BundleNode link) => _links.Add(link);

    public void Remove(BundleNode link) => _links.Remove(link);

    /// <summary>
    /// The hard links that wait for their targets, each behind those that it
    /// waits for; what one names must be made before the next is asked for.
    /// </summary>
    public IEnumerable<(BundleNode Link, BundleNode Original)> HardLinks(BundleNode bundle)
    {
        foreach (var first in _links.Where(link => link.Kind == BundleNodeKind.HardLink).ToList())
        {
            var chain = new Stack<BundleNode>();
            var at = first;

            // One that an earlier chain has made is no longer in the bundle: a file or a link has taken its place.
            while (at is { Kind: BundleNodeKind.HardLink, Parent: not null })
            {
                chain.Push(at);
                at = new LinkWalk().Find(bundle, at.Target) ?? throw NoFile(at.Name, at.Target);

                if (chain.Count > _links.Count)
                    throw NoFile(first.Name, first.Target);
            }

            while (chain.TryPop(out var link))
                yield return (link, new LinkWalk().Find(bundle, link.Target)!);
        }
    }

    /// <summary>The symbolic links, all of which lead to something in the bundle.</summary>
    public IEnumerable<BundleNode> SymbolicLinks()
    {
        var walk = new LinkWalk();

        foreach (var link in _links)
        {
            if (Encoding.UTF8.GetByteCount(link.Target) > MaxTargetBytes)
                throw ArchiveException.Unsafe(link.Name, "is a link to more than a path");

            if (walk.Follow(link, out var why) is null)
                throw ArchiveException.Unsafe(link.Name, $"is a link to '{link.Target}', which {why}");
        }

        return _links;
    }
}
