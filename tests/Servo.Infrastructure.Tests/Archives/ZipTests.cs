using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>What is peculiar to zip archives: modes, links, backslashes, passwords, and a central directory that may contradict what it lists.</summary>
public sealed class ZipTests : IDisposable
{
    private const int Link = 0xa1ff;
    private const int Executable = 0x81ed;

    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [InlineData("/etc/evil", "/etc/evil", "is an absolute path")]
    [InlineData("../evil", "../evil", "leads outside the bundle")]
    [InlineData("a/../../evil", "a/../../evil", "leads outside the bundle")]
    [InlineData(@"..\evil", "../evil", "leads outside the bundle")]
    [InlineData(@"a\..\..\evil", "a/../../evil", "leads outside the bundle")]
    [InlineData(@"\evil", "/evil", "is an absolute path")]
    [InlineData(@"C:\evil", "C:/evil", "is an absolute path")]
    [InlineData(@"\\server\share", "//server/share", "is an absolute path")]
    [InlineData("a\0b", "a?b", "has a NUL in its name")]
    public async Task Rejects_a_name_that_leads_outside_or_that_no_file_can_have(string name, string shown, string why)
    {
        (await _inbox.FailureAsync(await ZipAsync(("first", "", 0), (name, "evil", 0)))).ShouldBe(new RunFailure.UnsafeEntry(shown, why));
    }

    [Fact]
    public async Task Takes_backslashes_for_separators()
    {
        await _inbox.ContentsAsync(await ZipAsync((@"folder\", "", 0), (@"folder\inner\file.txt", "data", 0)));

        _inbox.Text("folder/inner/file.txt").ShouldBe("data");
    }

    [Fact]
    public async Task Keeps_the_execute_bit_and_nothing_else_of_the_mode()
    {
        await _inbox.ContentsAsync(await ZipAsync(("run.sh", "x", Executable), ("setuid", "x", 0x8fff), ("data", "x", 0x8000), ("plain", "x", 0)));

        FileTree.Describe(_inbox.Bundle).Select(line => line.Split(' ')[..2]).ShouldBe([["f", "data"], ["f", "plain"], ["x", "run.sh"], ["x", "setuid"]]);
        (new FileInfo(_inbox.File("setuid")).UnixFileMode & (UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)).ShouldBe(UnixFileMode.None);
    }

    [Fact]
    public async Task Makes_links_inside_and_rejects_all_others()
    {
        await _inbox.ContentsAsync(await ZipAsync(("folder/link", "../data", Link), ("data", "content", 0)));
        _inbox.Text("folder/link").ShouldBe("content");

        foreach (var target in new[] { "/etc/passwd", "../canary", "missing", "", "data\0" })
            (await _inbox.FailureAsync(await ZipAsync(("data", "content", 0), ("link", target, Link))))
                .ShouldBeOfType<RunFailure.UnsafeEntry>().Path.ShouldBe("link");

        (await _inbox.FailureAsync(await ZipAsync(("link", "../outside", Link), ("link/evil", "x", 0))))
            .ShouldBeOfType<RunFailure.UnsafeEntry>().Path.ShouldBe("link/evil");
        (await _inbox.FailureAsync(await ZipAsync(("link", new string('x', 5_000), Link)))).ShouldBe(
            new RunFailure.UnsafeEntry("link", "is a link to more than a path"));
    }

    [Theory]
    [InlineData(0x11a4, "is a named pipe")]
    [InlineData(0x21a4, "is a device")]
    [InlineData(0x61a4, "is a device")]
    [InlineData(0xc1a4, "is a device")]
    public async Task Rejects_kinds_that_are_never_made(int mode, string why)
    {
        (await _inbox.FailureAsync(await ZipAsync(("thing", "", mode)))).ShouldBe(new RunFailure.UnsafeEntry("thing", why));
    }

    [Fact]
    public async Task The_last_of_several_entries_with_one_name_wins()
    {
        await _inbox.ContentsAsync(await ZipAsync(("a", "first", 0), ("a", "second", 0)));

        _inbox.Text("a").ShouldBe("second");
    }

    [Theory]
    [InlineData("zip -q -P secret ../archive.zip a && mv ../archive.zip ../archive")]
    [InlineData("bsdtar --format=zip --options zip:encryption=aes256 --passphrase secret -cf ../archive a")]
    public async Task Says_so_where_an_entry_needs_a_password(string command)
    {
        var source = Directory.CreateDirectory(Path.Join(_inbox.Root, "source")).FullName;
        await File.WriteAllTextAsync(Path.Join(source, "a"), "data");
        await ChildProcess.RunAsync(source, "bash", "-c", command);

        (await _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "archive"))).Failure.ShouldBe(
            new RunFailure.BadArchive("the entry 'a' is encrypted with a password"));
    }

    [Fact]
    public async Task Says_so_where_it_does_not_read_a_method()
    {
        var archive = await ZipAsync(("a", "data", 0));
        Patch(archive, Central(archive), 10, 98);
        Patch(archive, 0, 8, 98);

        (await _inbox.FailureAsync(archive)).ShouldBe(
            new RunFailure.BadArchive("the entry 'a' is compressed by a method other than deflate, bzip2 and Zstandard"));
    }

    [Fact]
    public async Task Believes_the_central_directory_alone()
    {
        var archive = await ZipAsync(("name", "data", 0));
        "evil"u8.CopyTo(archive.AsSpan(30));

        await _inbox.ContentsAsync(archive);

        _inbox.Text("name").ShouldBe("data");
    }

    [Fact]
    public async Task Rejects_an_entry_whose_bytes_do_not_match_its_checksum_or_its_size()
    {
        var archive = await ZipAsync(("name", "data data data data", 0));

        foreach (var field in new[] { 16, 24 })
        {
            var damaged = archive.ToArray();
            damaged[Central(damaged) + field] ^= 1;
            (await _inbox.FailureAsync(damaged)).ShouldBe(new RunFailure.BadArchive("the entry 'name' is damaged: its size or its checksum is wrong"));
        }
    }

    [Fact]
    public async Task Rejects_a_central_directory_that_lists_fewer_entries_than_there_are()
    {
        var archive = await ZipAsync(("a", "1", 0), ("b", "2", 0), ("c", "3", 0));
        archive[archive.AsSpan().LastIndexOf("PK\x01\x02"u8)] = (byte)'X';

        (await _inbox.FailureAsync(archive)).ShouldBeOfType<RunFailure.BadArchive>().Why.ShouldStartWith("its central directory");
    }

    [Fact]
    public async Task Rejects_offsets_outside_the_archive()
    {
        foreach (var offset in new uint[] { 1, 5_000, int.MaxValue, uint.MaxValue - 1, uint.MaxValue })
        {
            var archive = await ZipAsync(("a", "data", 0));
            BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(Central(archive) + 42), offset);
            (await _inbox.FailureAsync(archive)).ShouldBeOfType<RunFailure.BadArchive>($"entry at {offset}");

            archive = await ZipAsync(("a", "data", 0));
            BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(archive.Length - 6), offset);
            (await _inbox.FailureAsync(archive)).ShouldBeOfType<RunFailure.BadArchive>($"directory at {offset}");
        }
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 40)]
    public async Task Rejects_64_bit_offsets_outside_the_archive(long offset)
    {
        var archive = await ZipAsync(("a", "data", 0));
        var end = archive.Length - 22;
        var extra = new byte[12];
        Patch(extra, 0, 0, 1);
        Patch(extra, 0, 2, 8);
        BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(4), offset);
        Patch(archive, Central(archive), 30, (ushort)extra.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(Central(archive) + 42), uint.MaxValue);
        Patch(archive, end, 12, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(archive.AsSpan(end + 12)) + extra.Length));

        (await _inbox.FailureAsync([.. archive[..end], .. extra, .. archive[end..]])).ShouldBeOfType<RunFailure.BadArchive>();
    }

    [Fact]
    public async Task Counts_entries_that_share_their_bytes()
    {
        // A thousand entries of the central directory, all with the same compressed megabyte (D. Fifield, "A better zip bomb").
        var one = await ZipAsync(("a", new string('x', 1_000_000), 0));
        var central = Central(one);
        var end = one.AsSpan().LastIndexOf("PK\x05\x06"u8);
        byte[] archive = [.. one[..central], .. Enumerable.Repeat(one[central..end], 1_000).SelectMany(entry => entry), .. one[end..]];
        Patch(archive, archive.Length - 22, 8, 1_000);
        Patch(archive, archive.Length - 22, 10, 1_000);

        (await _inbox.FailureAsync(archive)).ShouldBe(new RunFailure.ArchiveTooLarge("it unpacks to more than 200 times its size (Servo:Archives:MaxRatio)"));
    }

    [Fact]
    public async Task Stops_at_the_limit_of_entries_before_it_has_listed_them_all()
    {
        _inbox.Limits.MaxEntries = 10;

        (await _inbox.FailureAsync(await ZipAsync([.. Enumerable.Range(0, 1_000).Select(i => ($"{i}", "", 0))])))
            .ShouldBe(new RunFailure.ArchiveTooLarge("it holds more than 10 entries (Servo:Archives:MaxEntries)"));
    }

    [Fact]
    public async Task Reads_an_archive_with_a_comment()
    {
        using var stream = new MemoryStream();
        await using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry("a");
            zip.Comment = "made by a build";
        }

        (await _inbox.ContentsAsync(stream.ToArray())).Entries.ShouldBe(1);
        (await _inbox.FailureAsync(stream.ToArray()[..^1])).ShouldBeOfType<RunFailure.BadArchive>();
        (await _inbox.ContentsAsync([.. stream.ToArray(), 0])).Entries.ShouldBe(1);
        (await _inbox.ContentsAsync([.. stream.ToArray(), .. new byte[200_000]])).Entries.ShouldBe(1);
        (await _inbox.FailureAsync([.. stream.ToArray(), .. new byte[200_000], 1])).ShouldBeOfType<RunFailure.BadArchive>();
        (await _inbox.FailureAsync([.. stream.ToArray(), 0, 1])).ShouldBe(
            new RunFailure.BadArchive("something else follows its end, or its comment is cut short"));
    }

    private static int Central(byte[] archive) => archive.AsSpan().IndexOf("PK\x01\x02"u8);

    private static void Patch(byte[] archive, int record, int field, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(archive.AsSpan(record + field), value);

    private static async Task<byte[]> ZipAsync(params (string Name, string Content, int Mode)[] entries)
    {
        using var stream = new MemoryStream();

        await using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content, mode) in entries)
            {
                var entry = zip.CreateEntry(name);
                entry.ExternalAttributes = mode << 16;
                await using var data = await entry.OpenAsync();
                await data.WriteAsync(Encoding.UTF8.GetBytes(content));
            }
        }

        return stream.ToArray();
    }
}
