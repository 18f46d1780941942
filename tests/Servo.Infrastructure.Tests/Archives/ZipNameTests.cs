using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Names in zip archives, in the encodings in which programs write them.</summary>
public sealed class ZipNameTests : IDisposable
{
    private const int Utf8Flag = 0x800;

    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Theory]
    [InlineData("caf\u0082.txt", "café.txt")]
    [InlineData("\u008e\u0099\u009a\u00e1/\u0084\u0094\u0081", "ÄÖÜß/äöü")]
    [InlineData("\u00b3\u00c4\u00c5\u00db\u00ff", "│─┼█\u00a0")]
    [InlineData("plain.txt", "plain.txt")]
    public async Task Are_code_page_437_where_no_flag_says_UTF_8(string bytes, string name)
    {
        await _inbox.ContentsAsync(Zip(Encoding.Latin1.GetBytes(bytes), flags: 0));

        _inbox.Text(name).ShouldBe("content");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Utf8Flag)]
    public async Task Are_UTF_8_where_they_can_be(int flags)
    {
        // Programs on Unix and macOS leave the flag out.
        await _inbox.ContentsAsync(Zip("ünïcödé/日本語 ☃.txt"u8.ToArray(), flags));

        _inbox.Text("ünïcödé/日本語 ☃.txt").ShouldBe("content");
    }

    [Fact]
    public async Task Are_refused_where_the_flag_says_UTF_8_and_they_are_not()
    {
        (await _inbox.FailureAsync(Zip(Encoding.Latin1.GetBytes("caf\u0082.txt"), Utf8Flag))).ShouldBe(
            new RunFailure.UnsafeEntry("caf\ufffd.txt", "has a name that is not UTF-8"));
    }

    [Fact]
    public async Task Are_those_of_the_extra_field_of_Info_ZIP()
    {
        await _inbox.ContentsAsync(Zip("???.txt"u8.ToArray(), flags: 0, unicodePath: "日本語.txt"));

        _inbox.Text("日本語.txt").ShouldBe("content");
    }

    [Fact]
    public async Task Are_not_those_of_an_extra_field_of_an_earlier_name()
    {
        // Its checksum is that of a name which a program that does not know the field has changed.
        await _inbox.ContentsAsync(Zip("renamed.txt"u8.ToArray(), flags: 0, unicodePath: "日本語.txt", checksumOf: "???.txt"u8.ToArray()));

        _inbox.Text("renamed.txt").ShouldBe("content");
    }

    [Fact]
    public async Task Lead_nowhere_outside_in_any_encoding()
    {
        (await _inbox.FailureAsync(Zip("../\u0082"u8.ToArray(), flags: 0))).ShouldBeOfType<RunFailure.UnsafeEntry>().Why.ShouldBe("leads outside the bundle");
        (await _inbox.FailureAsync(Zip("harmless"u8.ToArray(), flags: 0, unicodePath: "../evil"))).ShouldBe(
            new RunFailure.UnsafeEntry("../evil", "leads outside the bundle"));
    }

    [Fact]
    public async Task Are_what_Java_writes_in_code_page_437()
    {
        var source = Directory.CreateDirectory(Path.Join(_inbox.Root, "source")).FullName;
        await File.WriteAllTextAsync(Path.Join(source, "Zip.java"), """
            import java.io.*;
            import java.nio.charset.Charset;
            import java.util.zip.*;

            class Zip {
                public static void main(String[] arguments) throws IOException {
                    try (var zip = new ZipOutputStream(new FileOutputStream(arguments[0]), Charset.forName("IBM437"))) {
                        zip.putNextEntry(new ZipEntry("r\u00e9sum\u00e9.txt"));
                        zip.write("content".getBytes());
                    }
                }
            }
            """);

        await ChildProcess.RunAsync(source, "java", "Zip.java", "../archive");

        (await _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "archive"))).Failure.ShouldBeNull();
        _inbox.Text("résumé.txt").ShouldBe("content");
    }

    /// <summary>A zip archive of one file, whose name is these bytes in both of its headers.</summary>
    private static byte[] Zip(byte[] name, int flags, string? unicodePath = null, byte[]? checksumOf = null)
    {
        using var stream = new MemoryStream();

        // Of ASCII, so that no flag is set.
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        using (var content = zip.CreateEntry(new string('n', name.Length), CompressionLevel.NoCompression).Open())
            content.Write("content"u8);

        var archive = stream.ToArray();
        var central = archive.AsSpan().IndexOf("PK\x01\x02"u8);
        name.CopyTo(archive.AsSpan(30));
        name.CopyTo(archive.AsSpan(central + 46));
        BinaryPrimitives.WriteUInt16LittleEndian(archive.AsSpan(6), (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(archive.AsSpan(6)) | flags));
        BinaryPrimitives.WriteUInt16LittleEndian(
            archive.AsSpan(central + 8), (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(archive.AsSpan(central + 8)) | flags));

        return unicodePath is null ? archive : WithExtra(archive, central, UnicodePath(unicodePath, checksumOf ?? name), name.Length);
    }

    private static byte[] WithExtra(byte[] archive, int central, byte[] extra, int nameLength)
    {
        var at = central + 46 + nameLength;
        byte[] changed = [.. archive[..at], .. extra, .. archive[at..]];
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(central + 30), (ushort)extra.Length);
        var sizeOfDirectory = changed.AsSpan(changed.Length - 22 + 12);
        BinaryPrimitives.WriteUInt32LittleEndian(sizeOfDirectory, BinaryPrimitives.ReadUInt32LittleEndian(sizeOfDirectory) + (uint)extra.Length);

        return changed;
    }

    // The field 0x7075: a version, the checksum of the name in the header, the name in UTF-8.
    private static byte[] UnicodePath(string path, byte[] name)
    {
        var utf8 = Encoding.UTF8.GetBytes(path);
        var extra = new byte[9];
        BinaryPrimitives.WriteUInt16LittleEndian(extra, 0x7075);
        BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), (ushort)(5 + utf8.Length));
        extra[4] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(extra.AsSpan(5), Checksum(name));

        return [.. extra, .. utf8];
    }

    private static uint Checksum(byte[] bytes)
    {
        var checksum = new SharpCompress.Crypto.Crc32Stream(Stream.Null);
        checksum.Write(bytes);

        return checksum.Crc;
    }
}
