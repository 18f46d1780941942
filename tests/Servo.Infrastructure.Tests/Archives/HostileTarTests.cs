using System.Text;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>
/// Members that would reach outside the bundle, or that are of a kind that
/// is never made, end the run; the inbox checks that nothing got out.
/// </summary>
public sealed class HostileTarTests : IDisposable
{
    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [InlineData("/etc/evil", "is an absolute path")]
    [InlineData("//etc/evil", "is an absolute path")]
    [InlineData("../evil", "leads outside the bundle")]
    [InlineData("..", "leads outside the bundle")]
    [InlineData("a/../../evil", "leads outside the bundle")]
    [InlineData("a/..", "leads outside the bundle")]
    [InlineData("./../evil", "leads outside the bundle")]
    [InlineData("a/b/../c", "leads outside the bundle")]
    [InlineData("", "has no name")]
    [InlineData(".", "has no name")]
    public async Task Rejects_a_name_that_leads_outside(string name, string why)
    {
        (await _inbox.FailureAsync(new TarBuilder().File("first").File(name, "evil"))).ShouldBe(new RunFailure.UnsafeEntry(name, why));
    }

    [Theory]
    [InlineData("/etc/evil")]
    [InlineData("../evil")]
    [InlineData("a/../../evil")]
    public async Task Rejects_a_folder_that_leads_outside(string name)
    {
        (await _inbox.FailureAsync(new TarBuilder().Directory(name))).ShouldBeOfType<RunFailure.UnsafeEntry>().Path.ShouldBe(name);
    }

    [Fact]
    public async Task Rejects_a_long_name_that_leads_outside()
    {
        var name = string.Join('/', Enumerable.Repeat("..", 60)) + "/evil";

        (await _inbox.FailureAsync(new TarBuilder().Gnu('L', name).File("short"))).ShouldBe(new RunFailure.UnsafeEntry(name, "leads outside the bundle"));
        (await _inbox.FailureAsync(new TarBuilder().Pax('x', ("path", name)).File("short"))).ShouldBe(
            new RunFailure.UnsafeEntry(name, "leads outside the bundle"));
    }

    [Fact]
    public async Task Rejects_a_prefix_that_leads_outside()
    {
        var tar = new TarBuilder().File("evil", change: header => TarBuilder.Put(header, 345, "../.."));

        (await _inbox.FailureAsync(tar)).ShouldBe(new RunFailure.UnsafeEntry("../../evil", "leads outside the bundle"));
    }

    [Fact]
    public async Task Judges_a_name_by_what_is_left_of_it_at_a_NUL()
    {
        (await _inbox.FailureAsync(new TarBuilder().Pax('x', ("path", "../evil\0")).File("short"))).ShouldBe(
            new RunFailure.UnsafeEntry("../evil", "leads outside the bundle"));
        (await _inbox.FailureAsync(new TarBuilder().Pax('x', ("path", "\0evil")).File("short"))).ShouldBe(new RunFailure.UnsafeEntry("", "has no name"));
        (await _inbox.FailureAsync(new TarBuilder().Pax('x', ("linkpath", "/etc/passwd\0")).SymbolicLink("link", "short").File("short")))
            .ShouldBeOfType<RunFailure.UnsafeEntry>().Path.ShouldBe("link");
    }

    [Fact]
    public async Task Masks_what_could_forge_a_line_of_the_log()
    {
        var failure = await _inbox.FailureAsync(new TarBuilder().File("../a\nb\u001b[31m"));

        failure.Detail.ShouldBe("the archive entry '../a?b?[31m' leads outside the bundle");
        (await _inbox.FailureAsync(new TarBuilder().SymbolicLink("link", "\u001b[31m\n"))).Detail.ShouldBe(
            "the archive entry 'link' is a link to '?[31m?', which is not in the bundle");
    }

    [Theory]
    [InlineData('3', "is a device")]
    [InlineData('4', "is a device")]
    [InlineData('6', "is a named pipe")]
    [InlineData('S', "is a sparse file")]
    [InlineData('M', "goes on from another volume, and an archive of several volumes is not read")]
    [InlineData('N', "is of the kind 'N', which is never made")]
    [InlineData('Z', "is of the kind 'Z', which is never made")]
    [InlineData('\u001b', "is of the kind '?', which is never made")]
    public async Task Rejects_kinds_that_are_never_made(char type, string why)
    {
        (await _inbox.FailureAsync(new TarBuilder().File("first").Entry(type, "thing"))).ShouldBe(new RunFailure.UnsafeEntry("thing", why));
    }

    [Theory]
    [InlineData("GNU.sparse.map", "0,2")]
    [InlineData("GNU.sparse.major", "1")]
    [InlineData("GNU.sparse.size", "100000000000")]
    public async Task Rejects_sparse_files_of_PAX(string key, string value)
    {
        (await _inbox.FailureAsync(new TarBuilder().Pax('x', (key, value)).File("thing", "hi"))).ShouldBe(
            new RunFailure.UnsafeEntry("thing", "is a sparse file"));
    }

    [Fact]
    public async Task Rejects_sparse_files_of_GNU_tar()
    {
        var source = Directory.CreateDirectory(Path.Join(_inbox.Root, "source")).FullName;
        await using (var file = File.Create(Path.Join(source, "holes")))
        {
            file.SetLength(10_000_000);
            file.Position = 5_000_000;
            await file.WriteAsync("data"u8.ToArray());
        }

        foreach (var format in new[] { "gnu", "posix" })
        {
            await ChildProcess.RunAsync(source, "tar", "--sparse", $"--format={format}", "-czf", "../archive", "holes");
            (await _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "archive"))).Failure.ShouldBeOfType<RunFailure.UnsafeEntry>().Why.ShouldBe("is a sparse file");
        }
    }

    [Fact]
    public async Task Rejects_names_that_are_too_long_for_a_file()
    {
        var name = new string('n', 256);
        (await _inbox.FailureAsync(new TarBuilder().Gnu('L', name).File("short"))).ShouldBe(
            new RunFailure.UnsafeEntry(name, "has a name of more than 255 bytes"));

        var wide = new string('é', 128);
        (await _inbox.FailureAsync(new TarBuilder().Gnu('L', wide).File("short"))).ShouldBe(
            new RunFailure.UnsafeEntry(wide, "has a name of more than 255 bytes"));

        var deep = string.Join('/', Enumerable.Repeat("d", 3_000));
        (await _inbox.FailureAsync(new TarBuilder().Gnu('L', deep).File("short"))).ShouldBeOfType<RunFailure.UnsafeEntry>().Why.ShouldBe(
            "has a path of more than 4095 bytes");
    }

    [Fact]
    public async Task Unpacks_names_that_are_as_long_as_they_may_be()
    {
        var name = new string('n', 255);
        var deep = string.Join('/', Enumerable.Repeat("d", 1_500));

        await _inbox.ContentsAsync(new TarBuilder().Gnu('L', name).File("short", "long").Gnu('L', deep).File("short", "deep"));

        _inbox.Text(name).ShouldBe("long");
        _inbox.Text(deep).ShouldBe("deep");
    }

    [Fact]
    public async Task Rejects_a_name_that_is_not_UTF_8()
    {
        var tar = new TarBuilder().File("caf?", change: header => header[3] = 0xe9);

        (await _inbox.FailureAsync(tar)).ShouldBeOfType<RunFailure.UnsafeEntry>().Why.ShouldBe("has a name that is not UTF-8");
    }

    [Fact]
    public async Task Takes_backslashes_for_what_they_are_on_Linux()
    {
        await _inbox.ContentsAsync(new TarBuilder().File(@"..\..\evil", "harmless").File(@"C:\evil", "harmless"));

        Directory.GetFiles(_inbox.Bundle).Select(Path.GetFileName).ShouldBe([@"..\..\evil", @"C:\evil"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("\u0080\0\0\0\0\0\0\u0080\0\0\0\0")]
    [InlineData("-0000000512")]
    [InlineData("9999999999")]
    [InlineData("ÿÿÿÿÿÿ")]
    public async Task Rejects_a_size_that_is_no_size(string size)
    {
        var bytes = Encoding.Latin1.GetBytes(size);

        (await _inbox.FailureAsync(new TarBuilder().File("thing", "hi", change: header => bytes.CopyTo(header, 124)))).ShouldBeOfType<RunFailure.BadArchive>();
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("-9223372036854775808")]
    [InlineData("99999999999999999999999999")]
    [InlineData("9223372036854775807")]
    [InlineData("abc")]
    [InlineData("")]
    public async Task Never_believes_an_absurd_size_of_PAX(string size)
    {
        var result = await _inbox.UnpackAsync(new TarBuilder().Pax('x', ("size", size)).File("thing", "hi"));

        if (result.Failure is null)
            _inbox.Text("thing").ShouldBe("hi");
        else
            result.Failure.ShouldBeOfType<RunFailure.BadArchive>();
    }

    [Theory]
    [InlineData('x')]
    [InlineData('g')]
    [InlineData('L')]
    [InlineData('K')]
    public async Task Rejects_an_extended_header_that_asks_for_much_memory(char type)
    {
        var tar = new TarBuilder().Entry(type, "header", new byte[(1 << 20) + 1]).File("thing");

        (await _inbox.FailureAsync(tar)).ShouldBe(new RunFailure.BadArchive("an extended header is not within 1048576 bytes"));

        // Two gigabytes that are not even there.
        var empty = new TarBuilder().Entry(type, "header", change: header => TarBuilder.Put(header, 124, "17777777777"));

        (await _inbox.FailureAsync(empty)).ShouldBe(new RunFailure.BadArchive("an extended header is not within 1048576 bytes"));
    }
}
