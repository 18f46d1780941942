using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>The rule for links against the kernel's: random trees with random links, which GNU tar unpacks and the kernel follows.</summary>
public sealed class RandomLinkTests : IDisposable
{
    private static readonly string[] s_folders = ["a", "a/b", "a/b/c", "d"];
    private static readonly string[] s_ends = ["", "file", "a", "a/b", "a/b/c", "d", "a/file", "a/b/c/file"];
    private static readonly string[] s_steps = ["..", "..", ".", "a", "b", "file", "l0", "l1", "l2"];

    private const int Rounds = 30;

    /// <summary>Prints of each tree whether all of its links stay inside; none of the names leads back into the folder that a way has left.</summary>
    private const string Follow = """
        import os
        root = os.getcwd()
        for tree in sorted(os.listdir('trees'), key=int):
            os.chdir(os.path.join(root, 'trees', tree))
            inside = True
            for link in open(os.path.join(root, 'links', tree)).read().split():
                try:
                    end = os.readlink('/proc/self/fd/%d' % os.open(link, os.O_PATH))
                except OSError:
                    end = 'none'
                inside = inside and (end + '/').startswith(os.getcwd() + '/')
            print(inside)
        """;

    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Links_are_made_exactly_where_all_of_them_stay_inside(int seed)
    {
        var random = new Random(seed);
        var trees = Enumerable.Range(0, Rounds).Select(_ => RandomTree(random)).ToArray();
        var stayInside = await StayInsideAsync(trees);
        var (made, refused) = (0, 0);

        for (var round = 0; round < Rounds; round++)
        {
            var (tar, links) = trees[round];
            var result = await _inbox.UnpackAsync(tar.ToTar());

            (result.Failure is null).ShouldBe(stayInside[round], $"{string.Join(", ", links)} of round {round}: {result.Failure?.Detail}");

            if (stayInside[round])
                made++;
            else
                refused++;
        }

        made.ShouldBeGreaterThan(3);
        refused.ShouldBeGreaterThan(3);
    }

    private static (TarBuilder Tar, string[] Links) RandomTree(Random random)
    {
        var tar = new TarBuilder().File("file", "top").File("a/file", "a").File("a/b/c/file", "deep").Directory("d");
        var links = new List<string>();

        for (var i = 0; i < 3; i++)
        {
            var folder = random.Next(2) == 0 ? "" : s_folders[random.Next(s_folders.Length)] + "/";
            // Most start well: up to the top, then on to something, or to another link, and on from there.
            var up = string.Concat(Enumerable.Repeat("../", folder.Count(each => each == '/')));
            var start = links.Count > 0 && random.Next(2) == 0 ? links[random.Next(links.Count)] : s_ends[random.Next(s_ends.Length)];
            var steps = string.Join('/', random.GetItems(s_steps, random.Next(1, 3)));
            tar.SymbolicLink($"{folder}l{i}", random.Next(4) switch { 0 => steps, 1 => $"{up}{start}/{steps}", _ => $"./{up}{start}" });
            links.Add($"{folder}l{i}");
        }

        return (tar, [.. links]);
    }

    /// <summary>Asks the kernel about all trees at once: each process that is started costs more than it does.</summary>
    private static async Task<bool[]> StayInsideAsync((TarBuilder Tar, string[] Links)[] trees)
    {
        using var directory = new TempDirectory();

        for (var i = 0; i < trees.Length; i++)
        {
            await File.WriteAllBytesAsync(directory.File($"archives/{i}"), trees[i].Tar.ToTar());
            directory.Write($"links/{i}", string.Join('\n', trees[i].Links));
            Directory.CreateDirectory(directory.File($"trees/{i}"));
        }

        await ChildProcess.RunAsync(directory.Path, "bash", "-c", $"set -e; for i in {{0..{trees.Length - 1}}}; do tar -xf archives/$i -C trees/$i; done");
        var answers = (await ChildProcess.RunAsync(directory.Path, "python3", "-c", Follow)).TrimEnd('\n').Split('\n');

        answers.Length.ShouldBe(trees.Length);
        return [.. answers.Select(bool.Parse)];
    }
}
