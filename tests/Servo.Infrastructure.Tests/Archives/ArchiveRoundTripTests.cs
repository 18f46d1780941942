using System.Formats.Tar;
using System.IO.Compression;
using CsCheck;
using Servo.Testing;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.ZStandard;
using BZip2Mode = SharpCompress.Compressors.CompressionMode;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Any tree that is packed into any format comes out as it went in.</summary>
public sealed class ArchiveRoundTripTests
{
    private const string NameCharacters = "abcXYZ019._-+ ~%$'\"()[]{}=,;:@é日☃";

    // A zip may not hold a name that begins as a drive of Windows does.
    private static readonly Gen<string> s_name = Gen.Char[NameCharacters].Array[1, 60].Select(characters => new string(characters))
        .Where(name => name is not ("." or "..") && !(name.Length > 1 && char.IsAsciiLetter(name[0]) && name[1] == ':'));

    private static readonly Gen<Member> s_member =
        from folders in s_name.Array[0, 4]
        from name in s_name
        from content in Gen.Byte.Array[0, 3_000]
        from isExecutable in Gen.Bool
        from isFolder in Gen.Frequency((4, false), (1, true))
        select new Member(string.Join('/', [.. folders, name]), isFolder, content, isExecutable);

    [Fact]
    public async Task What_is_packed_comes_out_as_it_went_in()
    {
        await Gen.Select(s_member.Array[1, 12], Gen.Enum<Format>()).SampleAsync(
            async (members, format) =>
            {
                using var source = new TempDirectory();
                using var inbox = new Inbox();

                foreach (var member in members)
                    Write(source.Path, member);

                await inbox.ContentsAsync(await PackAsync(source.Path, format));

                FileTree.Describe(inbox.Bundle).ShouldBe(FileTree.Describe(source.Path));
            },
            iter: 150);
    }

    private static void Write(string root, Member member)
    {
        var path = Path.Join(root, member.Path);

        // Members were drawn at random: one may lie below another that is a file, or be what another calls a folder.
        for (var parent = Path.GetDirectoryName(path)!; parent != root; parent = Path.GetDirectoryName(parent)!)
        {
            if (File.Exists(parent))
                return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        if (member.IsFolder && !File.Exists(path))
            Directory.CreateDirectory(path);
        else if (!Directory.Exists(path))
            File.WriteAllBytes(path, member.Content);

        if (member.IsExecutable && File.Exists(path) && OperatingSystem.IsLinux())
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
    }

    private static async Task<byte[]> PackAsync(string source, Format format)
    {
        using var packed = new MemoryStream();

        if (format == Format.Zip)
        {
            await ZipFile.CreateFromDirectoryAsync(source, packed, CompressionLevel.Fastest, includeBaseDirectory: false);
            return packed.ToArray();
        }

        await using (var writer = new TarWriter(packed, format == Format.Gnu ? TarEntryFormat.Gnu : TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var path in FileTree.Paths(source))
                await writer.WriteEntryAsync(path, Path.GetRelativePath(source, path));
        }

        return Compress(packed.ToArray(), format);
    }

    private static byte[] Compress(byte[] tar, Format format)
    {
        using var compressed = new MemoryStream();

        using (Stream? compressor = format switch
        {
            Format.BZip2 => BZip2Stream.Create(compressed, BZip2Mode.Compress, decompressConcatenated: false, leaveOpen: true),
            Format.ZStandard => new CompressionStream(compressed, leaveOpen: true),
            Format.Tar => null,
            _ => new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
        })
            compressor?.Write(tar);

        return format == Format.Tar ? tar : compressed.ToArray();
    }

    public enum Format
    {
        Tar,
        Pax,
        Gnu,
        BZip2,
        ZStandard,
        Zip,
    }

    public sealed record Member(string Path, bool IsFolder, byte[] Content, bool IsExecutable);
}
