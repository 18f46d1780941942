using Servo.Client.Bundles;
using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

/// <summary>What real tools make of a packed folder.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _source;

    public FolderTests()
    {
        _source = _directory.File("source/.");
        Sources.Write(_source);
    }

    [Theory]
    [InlineData("tar --warning=all -xzf ../made.tgz 2>&1")]
    [InlineData("bsdtar -xzf ../made.tgz 2>&1")]
    [InlineData("python3 -c \"import tarfile; tarfile.open('../made.tgz').extractall('.')\" 2>&1")]
    public async Task Tools_unpack_it_silently_into_the_same_folder(string command)
    {
        await WriteAsync();
        var into = Directory.CreateDirectory(_directory.File("into")).FullName;

        (await ChildProcess.RunAsync(into, "bash", "-c", command)).ShouldBe("");

        Sources.Describe(into).ShouldBe(Sources.Describe(_source));
    }

    [Fact]
    public async Task Every_member_has_the_same_time_and_owner_and_one_of_two_modes()
    {
        await WriteAsync();

        var lines = (await ChildProcess.RunAsync(_directory.Path, "tar", "--utc", "--full-time", "--numeric-owner", "--quoting-style=literal", "-tvzf", "made.tgz")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.ShouldAllBe(line => line.Contains(" 0/0 ", StringComparison.Ordinal) && line.Contains(" 1980-01-01 00:00:00 ", StringComparison.Ordinal));
        lines.Single(line => line.EndsWith(" tool.sh", StringComparison.Ordinal)).ShouldStartWith("-rwxr-xr-x");
        lines.Single(line => line.EndsWith(" empty folder/inner/", StringComparison.Ordinal)).ShouldStartWith("drwxr-xr-x");
        lines.Where(line => line[0] == '-').Count(line => line.StartsWith("-rw-r--r--", StringComparison.Ordinal)).ShouldBe(Sources.Files.Count);
    }

    [Fact]
    public async Task Members_come_in_the_order_of_their_bytes()
    {
        var names = await Bundle.FromDirectory(_source).TarListAsync(_directory);

        names.Select(Sources.Utf8Hex).ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Two_copies_of_a_folder_become_the_same_bytes()
    {
        var expected = await Bundle.FromDirectory(_source).PackAsync();
        var other = Directory.CreateDirectory(_directory.File("other")).FullName;
        Sources.Write(other, inReverse: true);
        await ChildProcess.RunAsync(other, "bash", "-c", "chmod -R go-rwx . && find . -exec touch -h -d 2001-02-03 {} +");

        (await Bundle.FromDirectory(other).PackAsync()).ShouldBe(expected);
        (await Bundle.FromDirectory(other + "/").PackAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task The_header_of_gzip_tells_nothing_of_the_machine() =>
        (await Bundle.FromDirectory(_source).PackAsync())[..10].ShouldBe([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]);

    [Fact]
    public async Task It_lists_what_it_packs()
    {
        var bundle = Bundle.FromDirectory(_source);

        var packed = (await bundle.TarListAsync(_directory)).Where(name => !name.EndsWith('/'));

        (await bundle.ListAsync(TestContext.Current.CancellationToken)).ShouldBe(packed);
    }

    [Fact]
    public async Task Progress_tells_every_file_in_order()
    {
        var progress = new Reports();

        await Bundle.FromDirectory(_source).PackAsync(Stream.Null, progress: progress, cancellationToken: TestContext.Current.CancellationToken);

        progress.Names.Count.ShouldBe(Sources.Files.Count + 1);
        progress.Names.ShouldContain("one/two/three/four/five/six/seven/deep.txt");
        progress.Counts.ShouldBe(Enumerable.Range(1, Sources.Files.Count + 1));
    }

    [Fact]
    public async Task A_header_holds_sizes_beyond_ustars()
    {
        const long size = 9L << 30;
        var file = _directory.File("huge.tar");

        await using (var tar = File.Create(file))
        {
            await tar.WriteAsync(TarHeader.Of(new Entry(EntryKind.File, "huge", "huge"), size));
            tar.SetLength(tar.Length + size + 1024);
        }

        (await ChildProcess.RunAsync(_directory.Path, "tar", "-tvf", "huge.tar")).ShouldContain(" 9663676416 ");
        (await ChildProcess.RunAsync(_directory.Path, "python3", "-c", "import tarfile; print(tarfile.open('huge.tar').getmembers()[0].size)")).Trim().ShouldBe("9663676416");
        await using var archive = File.OpenRead(file);
        TarNames.Read(archive, CancellationToken.None).ShouldBe(["huge"]);
    }

    public void Dispose() => _directory.Dispose();

    private async Task WriteAsync() => await File.WriteAllBytesAsync(_directory.File("made.tgz"), await Bundle.FromDirectory(_source).PackAsync());

    private sealed class Reports : IProgress<RunProgress>
    {
        public List<string> Names { get; } = [];

        public List<int> Counts { get; } = [];

        public void Report(RunProgress value)
        {
            var packed = value.ShouldBeOfType<RunProgress.Packed>();
            Names.Add(packed.Name);
            Counts.Add(packed.Files);
        }
    }
}
