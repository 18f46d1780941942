using System.Text;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Headers that writers of forty years have made, and that some readers get wrong without a word.</summary>
public sealed class TarDialectTests : IDisposable
{
    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Fact]
    public async Task Reads_a_path_that_is_split_over_two_fields()
    {
        await _inbox.ContentsAsync(new TarBuilder().File("name", "data", change: header => TarBuilder.Put(header, 345, "some/prefix")));

        _inbox.Text("some/prefix/name").ShouldBe("data");
    }

    [Fact]
    public async Task Reads_a_split_path_of_an_entry_with_an_extended_header()
    {
        // bsdtar writes such entries.
        var tar = new TarBuilder()
            .Pax('x', ("mtime", "1.5"), ("size", "4")).File("name", "data", change: header => TarBuilder.Put(header, 345, "some/prefix"))
            .Pax('x', ("linkpath", "name")).Entry('2', "link", change: header => TarBuilder.Put(header, 345, "some/prefix"));

        await _inbox.ContentsAsync(tar);

        _inbox.Text("some/prefix/name").ShouldBe("data");
        _inbox.Text("some/prefix/link").ShouldBe("data");
    }

    [Fact]
    public async Task Prefers_the_path_of_an_extended_header()
    {
        await _inbox.ContentsAsync(new TarBuilder().Pax('x', ("path", "right/name")).File("wrong", "data", change: header => TarBuilder.Put(header, 345, "wrong/prefix")));

        _inbox.Text("right/name").ShouldBe("data");
    }

    [Fact]
    public async Task Takes_no_times_of_old_GNU_headers_for_a_prefix()
    {
        await _inbox.ContentsAsync(new TarBuilder()
            .File("times", "data", change: header => { TarBuilder.UseGnuMagic(header); TarBuilder.Put(header, 345, "14000000000\014000000000\0"); })
            .File("garbage", "data", change: header => { TarBuilder.UseGnuMagic(header); TarBuilder.Put(header, 345, "no/number/at/all"); }));

        FileTree.Describe(_inbox.Bundle).Length.ShouldBe(2);
        _inbox.Text("times").ShouldBe("data");
        _inbox.Text("garbage").ShouldBe("data");
    }

    [Fact]
    public async Task Reads_long_names_and_long_link_targets_of_GNU()
    {
        var name = $"{new string('a', 120)}/{new string('b', 120)}";

        await _inbox.ContentsAsync(new TarBuilder()
            .Gnu('L', name).File("short", "data", change: TarBuilder.UseGnuMagic)
            .Gnu('K', $"../{name}").Gnu('L', $"links/{new string('c', 110)}").Entry('2', "short", link: "short", change: TarBuilder.UseGnuMagic));

        _inbox.Text(name).ShouldBe("data");
        _inbox.Text($"links/{new string('c', 110)}").ShouldBe("data");
    }

    [Fact]
    public async Task Reads_headers_from_before_ustar()
    {
        static void Old(byte[] header)
        {
            header.AsSpan(257).Clear();
            header[156] = 0;
        }

        await _inbox.ContentsAsync(new TarBuilder().File("folder/", change: Old).File("folder/file", "data", change: Old).File("empty/", change: Old));

        FileTree.Describe(_inbox.Bundle).Select(line => line.Split(' ')[..2]).ShouldBe([["d", "empty"], ["d", "folder"], ["f", "folder/file"]]);
    }

    [Theory]
    [InlineData("SCHILY.xattr.user.note", "two\nlines")]
    [InlineData("SCHILY.xattr.com.apple.quarantine", "\u0001\n\0\n=\n 12 path=evil\n")]
    [InlineData("uid", "4294967294")]
    [InlineData("mtime", "99999999999999999999.5")]
    [InlineData("comment", "anything = at all")]
    [InlineData("path2", "no path")]
    public async Task Ignores_attributes_that_are_never_restored(string key, string value)
    {
        await _inbox.ContentsAsync(new TarBuilder().Pax('x', (key, value), ("path", "right/name")).File("short", "data").Pax('x', (key, value)).File("plain", "data"));

        FileTree.Describe(_inbox.Bundle).Length.ShouldBe(3);
        _inbox.Text("right/name").ShouldBe("data");
        _inbox.Text("plain").ShouldBe("data");
    }

    [Fact]
    public async Task Ignores_owners_and_times_that_are_no_sensible_numbers()
    {
        await _inbox.ContentsAsync(new TarBuilder()
            .File("huge", "data", change: header => { header.AsSpan(108, 16).Fill(0x80); header.AsSpan(136, 12).Fill(0xff); })
            .File("garbage", "data", change: header => { TarBuilder.Put(header, 108, "x!x!x!x!y!y!y!y!"); TarBuilder.Put(header, 329, "zzzzzzzzzzzzzzzz"); }));

        _inbox.Text("huge").ShouldBe("data");
        _inbox.Text("garbage").ShouldBe("data");
    }

    [Fact]
    public async Task Reads_a_path_with_a_line_feed()
    {
        await _inbox.ContentsAsync(new TarBuilder().Pax('x', ("path", "two\nlines")).File("short", "data").File("two\nother lines", "data"));

        _inbox.Text("two\nlines").ShouldBe("data");
        _inbox.Text("two\nother lines").ShouldBe("data");
    }

    [Fact]
    public async Task Reads_over_global_headers()
    {
        await _inbox.ContentsAsync(new TarBuilder()
            .Pax('g', ("comment", "0123456789abcdef")).File("a", "1").Pax('g', ("comment", "another"), ("mtime", "1"))
            .Pax('x', ("path", "b")).Pax('g', ("comment", "3")).File("x", "2"));

        _inbox.Text("a").ShouldBe("1");
        _inbox.Text("b").ShouldBe("2");
    }

    [Theory]
    [InlineData("path", "../evil", "leads outside the bundle")]
    [InlineData("path", "/evil", "is an absolute path")]
    [InlineData("GNU.sparse.major", "1", "is a sparse file")]
    [InlineData("GNU.sparse.name", "evil", "is a sparse file")]
    public async Task Holds_what_a_global_header_says_of_every_entry_to_the_same_rules(string key, string value, string why)
    {
        (await _inbox.FailureAsync(new TarBuilder().Pax('g', (key, value)).File("a", "12")))
            .ShouldBe(new RunFailure.UnsafeEntry(key == "path" ? value : "a", why));
        (await _inbox.FailureAsync(new TarBuilder().Pax('g', ("linkpath", "/etc/passwd")).SymbolicLink("a", "b").File("b")))
            .ShouldBeOfType<RunFailure.UnsafeEntry>();
        (await _inbox.FailureAsync(new TarBuilder().Pax('g', ("size", "9999")).File("a", "12"))).ShouldBe(new RunFailure.BadArchive("it is cut short"));
    }

    [Theory]
    [InlineData("12 path=abc")]
    [InlineData("99 path=abc\n")]
    [InlineData("3 path=abc\n")]
    [InlineData("-3 path=abc\n")]
    [InlineData("path=abc\n")]
    [InlineData("0 \n")]
    [InlineData("2147483648 path=abc\n")]
    public async Task Rejects_an_extended_header_that_holds_no_records(string data)
    {
        var tar = new TarBuilder().Entry('x', "PaxHeader", Encoding.UTF8.GetBytes(data)).File("short");

        (await _inbox.FailureAsync(tar)).ShouldBe(new RunFailure.BadArchive("an extended header is damaged"));
    }

    [Fact]
    public async Task Sums_a_header_of_signed_bytes_too()
    {
        var tar = new TarBuilder().File("ünïcödé", "data").ToTar();
        var signed = tar[..512].Select((value, at) => at is >= 148 and < 156 ? ' ' : (int)(sbyte)value).Sum();
        TarBuilder.Put(tar, 148, Convert.ToString(signed, 8).PadLeft(6, '0') + "\0 ");

        await _inbox.ContentsAsync(tar);

        _inbox.Text("ünïcödé").ShouldBe("data");
    }

    [Fact]
    public async Task Reads_an_archive_without_members()
    {
        (await _inbox.ContentsAsync(new TarBuilder().ToTar())).Entries.ShouldBe(0);
        (await _inbox.ContentsAsync(new TarBuilder().ToGzip())).Entries.ShouldBe(0);
        (await _inbox.ContentsAsync(new byte[10_240])).Entries.ShouldBe(0);
        (await _inbox.ContentsAsync(new TarBuilder().Directory("./"))).Entries.ShouldBe(1);
        (await _inbox.ContentsAsync(new TarBuilder().Pax('g', ("comment", "empty")))).Entries.ShouldBe(0);
    }

    [Fact]
    public async Task Reads_a_compressed_archive_without_an_end_marker()
    {
        await _inbox.ContentsAsync(new TarBuilder().File("a", "data").ToGzip(endMarker: false));
        _inbox.Text("a").ShouldBe("data");

        await _inbox.ContentsAsync(TarBuilder.Gzip([.. new TarBuilder().File("a", "data").ToTar(endMarker: false), .. new byte[512]]));
        _inbox.Text("a").ShouldBe("data");
    }

    [Fact]
    public async Task Reads_a_plain_archive_without_an_end_marker()
    {
        await _inbox.ContentsAsync(new TarBuilder().File("a", "data").ToTar(endMarker: false));
        _inbox.Text("a").ShouldBe("data");

        (await _inbox.FailureAsync(new TarBuilder().File("a", "data").ToTar(endMarker: false)[..^1])).ShouldBe(new RunFailure.BadArchive("it is cut short"));
    }
}
