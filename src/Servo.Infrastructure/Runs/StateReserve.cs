using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Runs;

/// <summary>Room on the disk that is kept from new runs, so that the ends of those that were accepted find some when it is full.</summary>
internal sealed class StateReserve(StateDirectory directory)
{
    /// <summary>Its size: many ends of runs, each a few pages of the database and some lines of a log.</summary>
    public const int Bytes = 512 * 1024;

    private readonly string _path = Path.Join(directory.Path, "reserve");
    private readonly Lock _lock = new();
    private bool _isKept;

    /// <summary>Makes sure that the folder is there, and room in it.</summary>
    /// <exception cref="IOException">It is not, or the disk is full.</exception>
    public void Keep()
    {
        directory.RequireInPlace();

        if (Volatile.Read(ref _isKept))
            return;

        lock (_lock)
        {
            File.Delete(_path);
            using var file = PrivateFile.Create(_path);

            try
            {
                RandomAccess.Write(file.SafeFileHandle, new byte[Bytes], 0);
            }
            catch
            {
                file.SetLength(0);
                throw;
            }

            Volatile.Write(ref _isKept, true);
        }
    }

    /// <summary>Makes sure that the folder takes what is written, and that there is room.</summary>
    /// <exception cref="IOException">It does not, or there is none.</exception>
    public void Probe()
    {
        Keep();

        lock (_lock)
        {
            if (!_isKept)
                return;

            using var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(file, new byte[1], 0);

            // What a new run needs besides.
            if (new DriveInfo(directory.Path).AvailableFreeSpace < Bytes)
                throw new IOException("The disk is full.") { HResult = Errno.NoSpaceLeft };
        }
    }

    /// <summary>Gives the room to whatever has something to end.</summary>
    public void Use()
    {
        lock (_lock)
        {
            Volatile.Write(ref _isKept, false);
            File.Delete(_path);
        }
    }
}
