using System.Text;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Odd archives, which some program or other writes, become what the GNU tar of this machine makes of them.</summary>
public sealed class GnuTarTests : IDisposable
{
    private const string Folder = "folder-folder-folder-folder-folder-folder-folder-folder-folder-folder-folder-folder-folder-folder-folder";

    private static readonly string s_long = $"{Folder}/é/file";

    private static readonly Dictionary<string, Func<TarBuilder>> s_archives = new()
    {
        ["a folder with a size"] = () => Tar().Entry('5', "folder/", change: Sized(4096)).File("folder/file", "in it"),
        ["a folder of GNU with a size"] = () => Tar().Entry('5', "folder/", change: Gnu + Sized(4096)).File("folder/file", "in it"),
        ["a folder with a size in 64 bits"] = () =>
            Tar().Entry('5', "folder/", change: header => new byte[] { 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0 }.CopyTo(header, 124))
                .File("folder/file", "in it"),
        ["a folder with a size from before ustar"] = () => Tar().Entry('\0', "folder/", change: Old + Sized(512)).File("folder/file", "in it"),
        ["a folder that is a file with a slash and a size"] = () => Tar().Entry('0', "folder/", change: Sized(512)).File("folder/file", "in it"),
        ["a folder that is a contiguous file with a slash"] = () => Tar().Entry('7', "folder/").File("folder/file", "in it"),
        ["a folder by its long name"] = () => Tar().Gnu('L', Folder + "/").Entry('0', "folder", change: Sized(512)).File("file", "beside it"),
        ["a folder with a size of PAX"] = () => Tar().Pax('x', ("size", "512")).Entry('5', "folder/").File("folder/file", "in it"),
        ["a hard link with the size of its target"] = () => Tar().Entry('1', "hard", link: "data", change: Sized(7)).File("behind", "it"),
        ["a hard link with a size of PAX"] = () => Tar().Pax('x', ("size", "7")).HardLink("hard", "data").File("behind", "it"),
        ["a symbolic link with a size"] = () => Tar().Entry('2', "link", link: "data", change: Sized(4)).File("behind", "it"),
        ["a symbolic link with a size of PAX"] = () => Tar().Pax('x', ("size", "4")).SymbolicLink("link", "data").File("behind", "it"),
        ["a size of PAX where the header has none"] = () =>
            Tar().Pax('x', ("size", "5")).Entry('0', "file", Text("hello"), change: Sized(0)).File("behind", "it"),
        ["a size of PAX where the header has more"] = () =>
            Tar().Pax('x', ("size", "5")).Entry('0', "file", Text("hello"), change: Sized(9999)).File("behind", "it"),
        ["a repeated size of PAX"] = () =>
            Tar().Pax('x', ("size", "9"), ("size", "5")).Entry('0', "file", Text("hello"), change: Sized(0)).File("behind", "it"),
        ["a long name of GNU and a path of PAX"] = () => Tar().Gnu('L', s_long).Pax('x', ("path", s_long)).File("short", "content"),
        ["a path of PAX and another long name of GNU"] = () => Tar().Pax('x', ("path", s_long)).Gnu('L', "gnu").File("short", "content"),
        ["a long name of GNU and another path of PAX"] = () => Tar().Gnu('L', "gnu").Pax('x', ("path", s_long)).File("short", "content"),
        ["a long name of GNU and a time of PAX"] = () => Tar().Gnu('L', s_long).Pax('x', ("mtime", "1.5")).File("short", "content"),
        ["a time of PAX and a long name of GNU"] = () => Tar().Pax('x', ("mtime", "1.5")).Gnu('L', s_long).File("short", "content"),
        ["a long target of GNU and a linkpath of PAX"] = () => Tar().Gnu('K', "missing").Pax('x', ("linkpath", "data")).SymbolicLink("link", "other"),
        ["a linkpath of PAX and a long target of GNU"] = () => Tar().Pax('x', ("linkpath", "data")).Gnu('K', "missing").SymbolicLink("link", "other"),
        ["a hard link by a long target and a linkpath"] = () =>
            Tar().Gnu('K', "missing").Gnu('L', Folder).Pax('x', ("linkpath", "data")).HardLink("hard", "other"),
        ["several long names"] = () => Tar().Gnu('L', "first").Gnu('K', "missing").Gnu('L', "second").Gnu('K', "data").SymbolicLink("link", "other"),
        ["a long name without a NUL"] = () => Tar().Entry('L', "././@LongLink", Text("name"), change: TarBuilder.UseGnuMagic).File("short", "content"),
        ["a long name with something behind its NUL"] = () =>
            Tar().Entry('L', "././@LongLink", Text("name\0other"), change: TarBuilder.UseGnuMagic).File("short", "content"),
        ["a repeated path of PAX"] = () => Tar().Pax('x', ("path", "first"), ("path", "second")).File("short", "content"),
        ["a repeated linkpath of PAX"] = () => Tar().Pax('x', ("linkpath", "missing"), ("linkpath", "data")).SymbolicLink("link", "other"),
        ["two headers of PAX"] = () => Tar().Pax('x', ("path", "first")).Pax('x', ("path", "second")).File("short", "content"),
        ["two headers of PAX, the second without the path"] = () => Tar().Pax('x', ("path", "first")).Pax('x', ("mtime", "1")).File("short", "content"),
        ["a global header behind an extended one"] = () => Tar().Pax('x', ("path", "name")).Pax('g', ("comment", "global")).File("short", "content"),
        ["a global header behind a long name"] = () => Tar().Gnu('L', s_long).Pax('g', ("comment", "global")).File("short", "content"),
        ["a path of PAX with a NUL at its end"] = () => Tar().Pax('x', ("path", "name\0")).File("short", "content"),
        ["a path of PAX with something behind a NUL"] = () => Tar().Pax('x', ("path", "name\0/other")).File("short", "content"),
        ["a linkpath of PAX with a NUL at its end"] = () =>
            Tar().Pax('x', ("linkpath", "data\0")).SymbolicLink("link", "other").Pax('x', ("linkpath", "data\0x"))
                .HardLink("hard", "other"),
        ["a global path"] = () => Tar().Pax('g', ("path", "name")).File("first", "1").File("second", "2"),
        ["a global path and one of its own"] = () => Tar().Pax('g', ("path", "name")).Pax('x', ("path", "own")).File("short", "content").File("behind", "it"),
        ["a global path and a time of its own"] = () => Tar().Pax('g', ("path", "name")).Pax('x', ("mtime", "5")).File("short", "content"),
        ["a global path behind one of its own"] = () =>
            Tar().Pax('x', ("path", "own")).Pax('g', ("path", "name")).File("short", "content").File("behind", "it"),
        ["a global path and a long name"] = () => Tar().Pax('g', ("path", "name")).Gnu('L', s_long).File("short", "content"),
        ["a global path in place of another"] = () => Tar().Pax('g', ("path", "first")).File("a", "1").Pax('g', ("path", "second")).File("b", "2"),
        ["a global path until there is another header"] = () => Tar().Pax('g', ("path", "first")).File("a", "1").Pax('g', ("comment", "none")).File("b", "2"),
        ["a global linkpath"] = () => Tar().File("other", "o").Pax('g', ("linkpath", "data")).SymbolicLink("link", "other").HardLink("hard", "other"),
        ["a global size"] = () => Tar().Pax('g', ("size", "1")).Directory("folder/").File("a", "12").Pax('x', ("size", "2")).File("b", "12"),
        ["a header of Solaris"] = () => Tar().Pax('X', ("path", "name")).File("short", "content"),
        ["a label"] = () => new TarBuilder().Entry('V', "my backup", change: TarBuilder.UseGnuMagic).File("data", "content"),
        ["a label in the middle"] = () => Tar().Entry('V', "my backup", change: TarBuilder.UseGnuMagic).File("behind", "it"),
        ["a label with data"] = () => Tar().Entry('V', "my backup", new byte[700]).File("behind", "it"),
        ["a label behind a long name"] = () => Tar().Gnu('L', s_long).Entry('V', "my backup").File("behind", "it"),
        ["a label of PAX"] = () => Tar().Pax('g', ("GNU.volume.label", "my backup")).File("behind", "it"),
        ["a folder of a backup"] = () => Tar().Entry('D', "folder/", Text("Yfile\0\0"), change: TarBuilder.UseGnuMagic).File("folder/file", "in it"),
        ["a folder of a backup without a slash"] = () => Tar().Entry('D', "folder", Text("Yfile\0\0")).File("folder/file", "in it"),
        ["a folder of a backup without names"] = () => Tar().Entry('D', "folder/").File("folder/file", "in it"),
        ["a folder of a backup twice"] = () =>
            Tar().Entry('D', "folder/", Text("Yfile\0\0")).File("folder/file", "in it")
                .Entry('D', "folder/", Text("N\0\0")).File("behind", "it"),
        ["a folder of a backup of many names"] = () => Tar()
            .Entry('D', "folder/", Text(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"Nfile{i}\0")) + "\0")).File("behind", "it"),
        ["a folder of a backup in PAX"] = () => Tar().Pax('x', ("GNU.dumpdir", "Yfile\0\0")).Directory("folder/").File("folder/file", "in it"),
        ["a hard link to a symbolic link"] = () => Tar().SymbolicLink("link", "data").HardLink("hard", "link"),
        ["a hard link to a symbolic link to a folder"] = () => Tar().File("folder/file", "in it").SymbolicLink("link", "folder").HardLink("hard", "link"),
        ["a hard link to a symbolic link of another folder"] = () =>
            Tar().File("a/data", "a").SymbolicLink("b/link", "data").File("b/data", "b").HardLink("a/hard", "b/link"),
        ["a hard link to a hard link"] = () => Tar().HardLink("second", "data").HardLink("third", "second").HardLink("fourth", "./third"),
        ["a hard link to a hard link to a symbolic link"] = () => Tar().SymbolicLink("link", "data").HardLink("second", "link").HardLink("third", "second"),
        ["a hard link to itself"] = () => Tar().HardLink("data", "data"),
        ["a hard link to itself by another name"] = () => Tar().HardLink("./data", ".//data"),
        ["a symbolic link that is a hard link to itself"] = () => Tar().SymbolicLink("link", "data").HardLink("link", "link"),
        ["a hard link back"] = () => Tar().HardLink("second", "data").HardLink("data", "second"),
        ["a hard link through a linked folder"] = () => Tar().File("folder/file", "in it").SymbolicLink("link", "folder").HardLink("hard", "link/file"),
        ["a hard link through a linked folder to itself"] = () =>
            Tar().File("folder/file", "in it").SymbolicLink("link", "folder").HardLink("folder/file", "link/file"),
        ["a hard link with a slash"] = () => Tar().HardLink("hard/", "data"),
        ["a hard link in the place of a symbolic link"] = () => Tar().SymbolicLink("link", "missing").HardLink("link", "data"),
        ["a hard link in the place of a file"] = () => Tar().File("file", "other").HardLink("file", "data"),
        ["a file in the place of a hard link's target"] = () => Tar().HardLink("hard", "data").File("data", "other"),
        ["a file in the place of a hard link"] = () => Tar().HardLink("hard", "data").File("hard", "other"),
        ["a symbolic link in the place of a hard link's target"] = () => Tar().File("other", "other").HardLink("hard", "data").SymbolicLink("data", "other"),
        ["a link through a link"] = () => Tar().File("releases/5/tool", "tool").SymbolicLink("current", "releases/5").SymbolicLink("tool", "current/tool"),
        ["links through links that come later"] = () =>
            Tar().SymbolicLink("tool", "current/tool").SymbolicLink("current", "releases/latest").SymbolicLink("releases/latest", "5")
                .File("releases/5/tool", "tool"),
        ["a link up through a link"] = () => Tar().File("a/b/file", "file").SymbolicLink("link", "a/b").SymbolicLink("up", "link/../b/file"),
        ["a symbolic link with a slash"] = () => Tar().SymbolicLink("link/", "data"),
        ["a folder in the place of a link"] = () => Tar().Directory("folder").SymbolicLink("link", "folder").Directory("link/").File("link/file", "in it"),
        ["a path over two fields with a time of PAX"] = () =>
            Tar().Pax('x', ("mtime", "1")).File("name", "content", change: header => TarBuilder.Put(header, 345, "prefix")),
        ["a path with a line feed"] = () => Tar().Pax('x', ("path", "two\nlines")).File("short", "content"),
        ["a contiguous file"] = () => Tar().Entry('7', "file", Text("content")),
    };

    private static readonly Dictionary<string, byte[]> s_ends = new()
    {
        ["nothing"] = [],
        ["one block"] = new byte[512],
        ["one block and an entry"] = [.. new byte[512], .. new TarBuilder().File("more", "of it").ToTar()],
        ["one block and garbage"] = [.. new byte[512], .. Enumerable.Repeat((byte)'q', 700)],
        ["two blocks and an archive"] = new TarBuilder().Raw(new byte[1024]).File("more", "of it").ToTar(),
        ["two blocks and garbage"] = [.. new byte[1024], .. "garbage"u8],
        ["many blocks and garbage"] = [.. new byte[100_000], 1],
        ["a global header"] = new TarBuilder().Pax('g', ("path", "name")).ToTar(endMarker: false),
    };

    private readonly Inbox _inbox = new();

    public static TheoryData<string> Archives => [.. s_archives.Keys];

    public static TheoryData<string> Ends => [.. s_ends.Keys];

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task Unpacks_what_GNU_tar_unpacks(string archive)
    {
        var bytes = s_archives[archive]().ToTar();

        await _inbox.ContentsAsync(bytes);

        FileTree.Describe(_inbox.Bundle).ShouldBe(await ByTarAsync(bytes));
        await _inbox.ContentsAsync(TarBuilder.Gzip(bytes));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Ends_where_GNU_tar_ends(string end)
    {
        byte[] bytes = [.. Tar().File("last", "one").ToTar(endMarker: false), .. s_ends[end]];

        await _inbox.ContentsAsync(bytes);

        FileTree.Describe(_inbox.Bundle).ShouldBe(await ByTarAsync(bytes));
        FileTree.Describe(_inbox.Bundle).Length.ShouldBe(2);
        (await _inbox.ContentsAsync(TarBuilder.Gzip(bytes))).Entries.ShouldBe(2);
    }

    [Theory]
    [InlineData("data of a folder")]
    [InlineData("data of a hard link")]
    [InlineData("data of a symbolic link")]
    [InlineData("data of a folder that is a file with a slash")]
    public async Task Takes_what_follows_an_entry_without_data_for_a_header(string what)
    {
        // GNU tar skips to the next header, and ends with an error.
        var data = Text(new string('x', 512));
        var tar = what switch
        {
            "data of a folder" => Tar().Entry('5', "folder/", data),
            "data of a hard link" => Tar().Entry('1', "hard", data, link: "data"),
            "data of a symbolic link" => Tar().Entry('2', "link", data, link: "data"),
            _ => Tar().Entry('0', "folder/", data),
        };

        (await _inbox.FailureAsync(tar)).ShouldBe(new RunFailure.BadArchive("a header is damaged: its checksum is wrong"));
    }

    [Fact]
    public async Task Counts_labels_and_the_bytes_of_second_names()
    {
        _inbox.Limits.MaxEntries = 10;
        var labels = Enumerable.Range(0, 11).Aggregate(new TarBuilder(), (tar, _) => tar.Entry('V', "label"));
        (await _inbox.FailureAsync(labels)).ShouldBe(new RunFailure.ArchiveTooLarge("it holds more than 10 entries (Servo:Archives:MaxEntries)"));

        _inbox.Limits.MaxBytes = 20;
        var links = Tar().HardLink("second", "data").HardLink("third", "second").HardLink("fourth", "third");
        (await _inbox.FailureAsync(links)).ShouldBe(new RunFailure.ArchiveTooLarge("it unpacks to more than 20 bytes (Servo:Archives:MaxBytes)"));
    }

    private static Action<byte[]> Gnu => TarBuilder.UseGnuMagic;

    private static TarBuilder Tar() => new TarBuilder().File("data", "content");

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static Action<byte[]> Sized(int size) => header => TarBuilder.Put(header, 124, Convert.ToString(size, 8).PadLeft(11, '0'));

    private static void Old(byte[] header) => header.AsSpan(257).Clear();

    private static async Task<string[]> ByTarAsync(byte[] archive)
    {
        using var directory = new TempDirectory();
        var path = directory.File("archive");
        await File.WriteAllBytesAsync(path, archive);
        var into = Directory.CreateDirectory(directory.File("unpacked")).FullName;
        await ChildProcess.RunAsync(into, "tar", "-xf", path);

        return FileTree.Describe(into);
    }
}
