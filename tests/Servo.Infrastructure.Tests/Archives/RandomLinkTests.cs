using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>The rule for links against the kernel's: random trees with random links, which GNU tar unpacks and the kernel follows.</summary>
public sealed class RandomLinkTests : IDisposable
{
    private static readonly string[] s_folders = ["a", "a/b", "a/b/c", "d"];
    private static readonly string[] s_ends = ["", "file", "a", "a/b", "a/b/c", "d", "a/file", "a/b/c/file"];
    private static readonly string[] s_steps = ["..", "..", ".", "a", "b", "file", "l0", "l1", "l2"];

    private const string Follow = """
        import os, sys
        print(os.getcwd())
        for link in sys.argv[1:]:
            try:
                print(os.readlink('/proc/self/fd/%d' % os.open(link, os.O_PATH)))
            except OSError:
                print('none')
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
        var (made, refused) = (0, 0);

        for (var round = 0; round < 30; round++)
        {
            var (tar, links) = RandomTree(random);
            var isInside = await StaysInsideAsync(tar, links);
            var result = await _inbox.UnpackAsync(tar.ToTar());

            (result.Failure is null).ShouldBe(isInside, $"{string.Join(", ", links)} of round {round}: {result.Failure?.Detail}");

            if (isInside)
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

    // None of the names leads back into the folder that a way has left.
    private static async Task<bool> StaysInsideAsync(TarBuilder tar, string[] links)
    {
        using var directory = new TempDirectory();
        await File.WriteAllBytesAsync(directory.File("archive"), tar.ToTar());
        var into = Directory.CreateDirectory(directory.File("unpacked")).FullName;
        await ChildProcess.RunAsync(into, "tar", "-xf", "../archive");
        var ends = (await ChildProcess.RunAsync(into, "python3", ["-c", Follow, .. links])).TrimEnd('\n').Split('\n');

        return ends.All(end => end == ends[0] || end.StartsWith(ends[0] + "/", StringComparison.Ordinal));
    }
}
