using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Links are made last, and only where their way stays inside the bundle and ends at something in it.</summary>
public sealed class LinkTests : IDisposable
{
    private const string Absolute = "is an absolute path";
    private const string Outside = "leads outside the bundle";
    private const string Missing = "is not in the bundle";
    private const string ThroughFile = "leads through a file";
    private const string TooMany = "leads through more than 40 links";

    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [InlineData("link", "data/file")]
    [InlineData("link", "./data//file")]
    [InlineData("link", "data/../data/file")]
    [InlineData("data/link", "file")]
    [InlineData("data/link", "../data/file")]
    [InlineData("data/deep/link", "../file")]
    public async Task Makes_a_link_to_a_file_inside(string name, string target)
    {
        // The link comes before all that it needs.
        await _inbox.ContentsAsync(new TarBuilder().SymbolicLink(name, target).Directory("data/deep").File("data/file", "content"));

        new FileInfo(_inbox.File(name)).LinkTarget.ShouldBe(target);
        _inbox.Text(name).ShouldBe("content");
    }

    [Theory]
    [InlineData("link", "data")]
    [InlineData("link", "data/")]
    [InlineData("link", ".")]
    [InlineData("data/link", "..")]
    [InlineData("data/link", "../data")]
    public async Task Makes_a_link_to_a_folder_inside(string name, string target)
    {
        await _inbox.ContentsAsync(new TarBuilder().File("data/file", "content").SymbolicLink(name, target));

        Directory.Exists(_inbox.File(name)).ShouldBeTrue();
        new FileInfo(_inbox.File(name)).LinkTarget.ShouldBe(target);
    }

    [Fact]
    public async Task Makes_a_chain_of_links_each_of_which_stays_inside()
    {
        await _inbox.ContentsAsync(new TarBuilder()
            .SymbolicLink("lib.so", "lib.so.1").SymbolicLink("lib.so.1", "lib.so.1.2").File("lib.so.1.2", "library"));

        _inbox.Text("lib.so").ShouldBe("library");
    }

    [Theory]
    [InlineData("/etc/passwd", Absolute)]
    [InlineData("/", Absolute)]
    [InlineData("..", Outside)]
    [InlineData("../canary", Outside)]
    [InlineData("../outside", Outside)]
    [InlineData("data/../../canary", Outside)]
    [InlineData("../bundle1/data/file", Outside)]
    [InlineData("data/../..", Outside)]
    [InlineData("missing", Missing)]
    [InlineData("missing/../data/file", Missing)]
    [InlineData("data/file/", ThroughFile)]
    [InlineData("data/file/..", ThroughFile)]
    [InlineData("data/file/../file", ThroughFile)]
    [InlineData("", Missing)]
    [InlineData("link", TooMany)]
    [InlineData("data/../link/file", TooMany)]
    public async Task Rejects_a_link_that_leads_anywhere_else(string target, string why)
    {
        (await _inbox.FailureAsync(new TarBuilder().File("data/file", "content").SymbolicLink("link", target))).ShouldBe(Refused("link", target, why));
        new FileInfo(_inbox.File("link")).LinkTarget.ShouldBeNull();
    }

    [Theory]
    [InlineData("tool", "current/tool")]
    [InlineData("tool", "current/../5/tool")]
    [InlineData("tool", "current/../../data/up/releases/5/tool")]
    [InlineData("data/tool", "up/current/tool")]
    [InlineData("tool", "data/up/data/up/data/up/current/tool")]
    public async Task Makes_a_link_that_leads_through_links_inside(string name, string target)
    {
        await _inbox.ContentsAsync(new TarBuilder().SymbolicLink(name, target).SymbolicLink("current", "releases/5").SymbolicLink("data/up", "..").File("releases/5/tool", "content"));

        new FileInfo(_inbox.File(name)).LinkTarget.ShouldBe(target);
        _inbox.Text(name).ShouldBe("content");
    }

    [Fact]
    public async Task Rejects_a_link_that_leads_outside_through_links_inside()
    {
        // A step of the chains of CVE-2026-45491 and CVE-2025-4330: by its letters the second link leads to x/y, but the first one leads up three folders.
        var tar = new TarBuilder().Directory("x/y/z").SymbolicLink("x/y/z/up", "../../..").SymbolicLink("x/y/z/evil", "up/../../../y");

        (await _inbox.FailureAsync(tar)).ShouldBe(Refused("x/y/z/evil", "up/../../../y", Outside));
        (await _inbox.FailureAsync(new TarBuilder().Directory("a/b").File("data").SymbolicLink("deep", "a/b").SymbolicLink("evil", "deep/../data")))
            .ShouldBe(Refused("evil", "deep/../data", Missing));
        (await _inbox.FailureAsync(new TarBuilder().Directory("a").File("data").SymbolicLink("a/top", "..").SymbolicLink("evil", "a/top/../canary")))
            .ShouldBe(Refused("evil", "a/top/../canary", Outside));
        (await _inbox.FailureAsync(new TarBuilder().File("data/file").SymbolicLink("here", "data").SymbolicLink("link", "here/file/.")))
            .ShouldBe(Refused("link", "here/file/.", ThroughFile));
    }

    [Fact]
    public async Task Follows_as_many_links_as_the_kernel_does()
    {
        static TarBuilder Chain(int links) =>
            Enumerable.Range(1, links).Aggregate(new TarBuilder().File("0", "content"), (tar, i) => tar.SymbolicLink($"{i}", $"{i - 1}"));

        await _inbox.ContentsAsync(Chain(40));
        _inbox.Text("40").ShouldBe("content");

        (await _inbox.FailureAsync(Chain(41))).ShouldBe(Refused("41", "40", TooMany));

        // The kernel counts the links of a way, also those that it has followed before.
        var doubling = Enumerable.Range(1, 5).Aggregate(new TarBuilder().SymbolicLink("0", "."), (tar, i) => tar.SymbolicLink($"{i}", $"{i - 1}/{i - 1}"));
        (await _inbox.FailureAsync(doubling)).ShouldBeOfType<RunFailure.UnsafeEntry>().Why.ShouldEndWith(TooMany);
    }

    [Fact]
    public async Task Rejects_a_link_to_more_than_a_path()
    {
        var target = string.Concat(Enumerable.Repeat("./", 2_048)) + "data";

        (await _inbox.FailureAsync(new TarBuilder().File("data").Gnu('K', target).SymbolicLink("link", "short"))).ShouldBe(
            new RunFailure.UnsafeEntry("link", "is a link to more than a path"));
    }

    [Theory]
    [InlineData("/tmp")]
    [InlineData("../outside")]
    [InlineData("real")]
    [InlineData(".")]
    public async Task Rejects_a_member_below_a_link(string target)
    {
        var tar = new TarBuilder().Directory("real").SymbolicLink("link", target).File("link/canary", "dead");

        (await _inbox.FailureAsync(tar)).ShouldBe(new RunFailure.UnsafeEntry("link/canary", "lies below 'link', which is a link of the archive"));
    }

    [Fact]
    public async Task Writes_no_file_through_a_link_of_the_same_name()
    {
        await _inbox.ContentsAsync(new TarBuilder().SymbolicLink("name", "../canary").File("name", "a file of its own"));

        new FileInfo(_inbox.File("name")).LinkTarget.ShouldBeNull();
        _inbox.Text("name").ShouldBe("a file of its own");
    }

    [Fact]
    public async Task Makes_no_folder_through_a_link_of_the_same_name()
    {
        await _inbox.ContentsAsync(new TarBuilder().SymbolicLink("name", "../outside").Directory("name").File("name/file", "inside"));

        _inbox.Text("name/file").ShouldBe("inside");
    }

    [Fact]
    public async Task Replaces_a_file_and_an_empty_folder_by_a_link()
    {
        await _inbox.ContentsAsync(new TarBuilder().File("target", "content").File("file", "old").Directory("folder").SymbolicLink("file", "target").SymbolicLink("folder", "target"));

        _inbox.Text("file").ShouldBe("content");
        _inbox.Text("folder").ShouldBe("content");
    }

    [Fact]
    public async Task Rejects_a_long_link_target_that_leads_outside()
    {
        var target = string.Join('/', Enumerable.Repeat("..", 80));

        (await _inbox.FailureAsync(new TarBuilder().Gnu('K', target).SymbolicLink("link", "short"))).ShouldBe(Refused("link", target, Outside));
        (await _inbox.FailureAsync(new TarBuilder().Pax('x', ("linkpath", target)).SymbolicLink("link", "short"))).ShouldBe(Refused("link", target, Outside));
    }

    [Fact]
    public async Task Makes_a_hard_link_a_file_with_the_same_bytes_and_the_same_execute_bit()
    {
        var contents = await _inbox.ContentsAsync(
            new TarBuilder().HardLink("folder/copy", "./original").File("original", "content", mode: TarBuilder.Executable));

        _inbox.Text("folder/copy").ShouldBe("content");
        FileTree.Describe(_inbox.Bundle).ShouldContain(line => line.StartsWith("x folder/copy "));
        contents.Bytes.ShouldBe(2 * "content".Length);
    }

    [Theory]
    [InlineData("/etc/passwd", "is a hard link that leads outside the bundle")]
    [InlineData("../canary", "is a hard link that leads outside the bundle")]
    [InlineData("", "is a hard link that leads outside the bundle")]
    [InlineData("missing", "is a hard link to 'missing', which is not a file of the bundle")]
    [InlineData("folder", "is a hard link to 'folder', which is not a file of the bundle")]
    [InlineData("folder/../data", "is a hard link that leads outside the bundle")]
    [InlineData("hard", "is a hard link to 'hard', which is not a file of the bundle")]
    public async Task Rejects_a_hard_link_to_anything_else(string target, string why)
    {
        var tar = new TarBuilder().File("data").Directory("folder").SymbolicLink("link", "data").HardLink("hard", target);

        (await _inbox.FailureAsync(tar)).ShouldBe(new RunFailure.UnsafeEntry("hard", why));
    }

    [Fact]
    public async Task Rejects_a_hard_link_with_data_or_a_name_outside()
    {
        (await _inbox.FailureAsync(new TarBuilder().File("data").HardLink("../evil", "data"))).ShouldBeOfType<RunFailure.UnsafeEntry>();
        (await _inbox.FailureAsync(new TarBuilder().File("data").Entry('1', "hard", [1, 2, 3], link: "data"))).ShouldBeOfType<RunFailure.BadArchive>();
    }

    [Fact]
    public async Task Writes_nothing_through_a_hard_link()
    {
        var tar = new TarBuilder().File("data", "original").HardLink("hard", "data").File("hard", "a file of its own");

        await _inbox.ContentsAsync(tar);

        _inbox.Text("data").ShouldBe("original");
        _inbox.Text("hard").ShouldBe("a file of its own");
    }

    private static RunFailure.UnsafeEntry Refused(string name, string target, string why) => new(name, $"is a link to '{target}', which {why}");
}
