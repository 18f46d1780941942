using CsCheck;
using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

/// <summary>Git is the judge of what is excluded: it is asked to take its patterns from the same files.</summary>
public sealed class IgnoreRulesTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private int _count;

    [Theory]
    [InlineData("# a comment\n\n*.log\n", "a.log", "b/c.log", "b/c.txt", "# a comment")]
    [InlineData("\\#a\n\\!b\n", "#a", "!b", "c")]
    [InlineData("*.log\n!keep.log\n", "a.log", "keep.log", "b/keep.log")]
    [InlineData("b/\n!b/keep\n", "b/keep", "b/c/d", "c/b", "x/b/y")]
    [InlineData("b/*\n!b/keep\n", "b/keep", "b/c/d", "c/b/x")]
    [InlineData("/a\n", "a", "b/a")]
    [InlineData("b/a\n", "b/a", "c/b/a")]
    [InlineData("**/a\n", "a", "b/a", "b/c/a", "ba")]
    [InlineData("b/**\n", "b/a", "b/c/d", "a/b/c", "c")]
    [InlineData("b/**/a\n", "b/a", "b/c/a", "b/c/d/a", "ba")]
    [InlineData("a**b\nc**/d\n", "ab", "axxb", "a/b", "cx/d", "c/x/d", "cc/x/d")]
    [InlineData("a?c\n[a-c]x\n[!a-c]y\n[^a]z\n", "abc", "a/c", "ax", "dx", "ay", "dy", "az", "bz")]
    [InlineData("[]a]x\n[a-]y\n[[:digit:]]z\n[\\]]w\n", "]x", "ax", "-y", "ay", "1z", "az", "]w")]
    [InlineData("[[:bogus:]]x\n[a\n[z-a]q\n[[:alpha:][:digit:]_]r\n", "ax", "[a", "mq", "_r", "5r", "-r")]
    [InlineData("trailing   \nkept\\ \n  leading\n", "trailing", "trailing   ", "kept ", "kept", "  leading", "leading")]
    [InlineData("windows\r\nlast", "windows", "last", "windows\r")]
    [InlineData("\\*\na\\*b\n", "*", "x", "a*b", "axb")]
    [InlineData("/*\n!/b\n/b/*\n!/b/c\n", "a", "b/a", "b/c/d")]
    [InlineData("*/x\n", "a/x", "a/b/x", "x")]
    [InlineData("/\n!\n//\n", "a", "b/c")]
    [InlineData("b/c/\n", "b/c/d", "b/e", "a/b/c/d")]
    [InlineData("***/a\n*a*b*\n", "x/y/a", "xaxbx", "ba")]
    [InlineData("ab\\\n", "ab", "ab\\")]
    public async Task Decides_as_git_does(string patterns, params string[] files) => await ShouldAgreeAsync([("", patterns)], files);

    [Fact]
    public async Task A_nearer_file_decides() => await ShouldAgreeAsync(
        [("", "*.log\n/c/*\n"), ("b/", "!*.log\n/x.log\nd/y\n"), ("b/d/", "x.log\n!y\n"), ("c/", "!a\n"), ("e/", "*\n!.servoignore\n!f\n!f/*\n")],
        ["a.log", "b/a.log", "b/x.log", "b/d/x.log", "b/d/y", "b/d/z.log", "c/a", "c/b", "e/f/g", "e/h"]);

    [Fact]
    public async Task A_link_to_a_folder_is_no_folder()
    {
        var root = NewRepository();
        Write(root, "folder/a", "");
        Write(root, ".servoignore", "link/\n");
        Directory.CreateSymbolicLink(Path.Join(root, "link"), "folder");

        (await OurListAsync(root)).ShouldBe(["folder/a", "link"]);
        (await GitListAsync(root)).ShouldBe(["folder/a", "link"]);
    }

    [Fact]
    public void Agrees_with_git_on_any_patterns()
    {
        var part = OneOf(
            "a", "b", "ab", "abc", "*", "**", "?", "a*", "*b", "a?", "[ab]", "[!a]", "[a-b]c", "\\a", "a**b", "*.c", "a.c", "***", "**a",
            "[]a]", "[a", "[[:alpha:]]", "*a*b");
        var line = Gen.Select(
            OneOf("", "", "", "!"), OneOf("", "", "/"), part.Array[1, 3], OneOf("", "", "/", " ", "/**"),
            (not, slash, parts, end) => not + slash + string.Join('/', parts) + end);
        var name = OneOf("a", "b", "c", "ab", "abc", "ba", "a.c", "x", "aab", "bab");
        var file = name.Array[1, 4].Select(parts => string.Join('/', parts));
        var rules = Gen.Select(OneOf("", "", "a/", "a/b/", "b/"), line.Array[1, 5], (folder, lines) => (folder, string.Join('\n', lines)));

        Gen.Select(rules.Array[1, 3], file.Array[5, 25]).Sample(
            (sets, files) => ShouldAgreeAsync([.. sets.DistinctBy(set => set.folder)], files).GetAwaiter().GetResult(), iter: 150, threads: 1);
    }

    [Fact]
    public async Task Patterns_of_the_caller_come_after_the_topmost_files()
    {
        var root = NewRepository();
        Write(root, ".servoignore", "*.log\n");
        Write(root, "b/.servoignore", "!y.txt\n");
        foreach (var name in new[] { "a.log", "keep.log", "x.txt", "b/y.txt", "b/z.txt" })
            Write(root, name, "");

        var bundle = Bundle.FromDirectory(root).Without("!keep.log").Without("*.txt", "# a comment");

        (await bundle.ListAsync(TestContext.Current.CancellationToken)).ShouldBe(["b/y.txt", "keep.log"]);
    }

    [Fact]
    public async Task Neither_git_nor_rules_are_packed()
    {
        var root = Directory.CreateDirectory(_directory.File("mixed")).FullName;
        foreach (var name in new[] { ".git/config", "sub/.git", "sub/.servoignore", ".servoignore", ".gitignore", "sub/a", ".github/x" })
            Write(root, name, "");

        (await Bundle.FromDirectory(root).ListAsync(TestContext.Current.CancellationToken)).ShouldBe([".github/x", ".gitignore", "sub/a"]);
    }

    public void Dispose() => _directory.Dispose();

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private async Task ShouldAgreeAsync(IReadOnlyList<(string Folder, string Patterns)> rules, IReadOnlyList<string> files)
    {
        var root = NewRepository();

        foreach (var (folder, patterns) in rules)
            Write(root, folder + ".servoignore", patterns);

        foreach (var file in files)
        {
            // A file where a folder is, or the other way round, is left out.
            if (!Directory.Exists(Path.Join(root, file)) && !Parents(file).Any(parent => File.Exists(Path.Join(root, parent))))
                Write(root, file, "");
        }

        (await OurListAsync(root)).ShouldBe(await GitListAsync(root), string.Join(" | ", rules));
        Directory.Delete(root, recursive: true);
    }

    private static IEnumerable<string> Parents(string file) => Enumerable.Range(1, file.Length - 1).Where(i => file[i] == '/').Select(i => file[..i]);

    private string NewRepository()
    {
        var root = Directory.CreateDirectory(_directory.File($"repository{++_count}")).FullName;
        // All that git looks for.
        Write(root, ".git/HEAD", "ref: refs/heads/main\n");
        Write(root, ".git/config", "[core]\nrepositoryformatversion = 0\n");
        Directory.CreateDirectory(Path.Join(root, ".git/objects"));
        Directory.CreateDirectory(Path.Join(root, ".git/refs"));
        return root;
    }

    private static void Write(string root, string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(root, name))!);
        File.WriteAllText(Path.Join(root, name), text);
    }

    private static async Task<string[]> OurListAsync(string root)
    {
        try
        {
            return [.. await Bundle.FromDirectory(root).ListAsync()];
        }
        catch (BundleException)
        {
            return [];
        }
    }

    private static async Task<string[]> GitListAsync(string root) =>
    [
        .. (await ChildProcess.RunAsync(root, "git", "ls-files", "-z", "--others", "--exclude-per-directory=.servoignore"))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(name => Path.GetFileName(name) != ".servoignore").Order(StringComparer.Ordinal),
    ];
}
