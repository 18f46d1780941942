using System.Buffers.Binary;

namespace Servo.Infrastructure.Files;

/// <summary>Lists a folder by the raw bytes of its names, <c>.</c> and <c>..</c> left out.</summary>
internal sealed class FolderEntries(OpenFolder folder)
{
    // struct linux_dirent64 (getdents64(2)): inode (8 bytes), offset (8), record length (2), type (1), name with its zero.
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;
    private const byte FolderType = 4;
    private const byte LinkType = 10;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(8 * 1024);
    private int _at;
    private int _end;

    /// <summary>Why the listing broke off: an error number, 0 while it did not.</summary>
    public int Error { get; private set; }

    /// <summary>Whether the last name that was read seems to be a folder's: a file system need not tell.</summary>
    public bool IsFolder { get; private set; }

    /// <summary>Whether it seems to be a symbolic link's.</summary>
    public bool IsLink { get; private set; }

    /// <summary>Goes to the next entry; its name ends with its zero and is valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> name)
    {
        while (Fill())
        {
            var entry = _buffer.AsSpan(_at, BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(_at + LengthOffset)));
            _at += entry.Length;
            name = entry[NameOffset..];
            name = name[..(name.IndexOf((byte)0) + 1)];
            IsFolder = entry[TypeOffset] == FolderType;
            IsLink = entry[TypeOffset] == LinkType;

            if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                return true;
        }

        name = default;
        return false;
    }

    /// <summary>Starts again.</summary>
    public void Rewind()
    {
        folder.Rewind();
        (_at, _end, Error) = (0, 0, 0);
    }

    private bool Fill()
    {
        if (_at < _end)
            return true;

        var read = folder.Read(_buffer);
        (_at, _end) = (0, Math.Max(read, 0));
        Error = Math.Max(-read, 0);
        return read > 0;
    }
}
