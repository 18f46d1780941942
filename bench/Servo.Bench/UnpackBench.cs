using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application.Archives;
using Servo.Infrastructure.Archives;

namespace Servo.Bench;

/// <summary>Unpacks what a release may weigh, into the same place by <c>tar zxf</c> and by the gateway's reader. Arguments: rounds (7), directories.</summary>
internal static class UnpackBench
{
    private static readonly ArchiveReader s_reader = new(Options.Create(new ArchiveOptions()));

    public static async Task RunAsync(string[] arguments)
    {
        var rounds = arguments is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : 7;
        var places = arguments is [_, _, ..] ? arguments[1..] : [Path.GetTempPath(), "/dev/shm"];
        PairedTimes.WriteHead("tar zxf");

        foreach (var place in places)
        {
            var directory = Path.Join(place, $"servo-bench-{Guid.NewGuid():N}");
            Directory.CreateDirectory(directory);

            try
            {
                await MeasureAsync("260 MB in four files", await FourFilesAsync(directory), place, directory, rounds, keep: false);
                await MeasureAsync("5,000 small files", await SmallFilesAsync(directory), place, directory, rounds, keep: true);
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static async Task MeasureAsync(string name, string archive, string place, string directory, int rounds, bool keep)
    {
        var (tar, servo) = (new List<double>(), new List<double>());

        // In turns and each of them first in every other round, so that a busy machine slows both; the first two rounds warm up. Many files are not deleted
        // in between: ext4 takes no inode that was freed in the last seconds, and looking for others makes a creation up to ten times slower.
        for (var round = -2; round < rounds; round++)
        {
            if (round % 2 == 0)
                await TarAsync();

            var servoTime = await TimeAsync(directory, keep, into => UnpackAsync(archive, into));

            if (round % 2 != 0)
                await TarAsync();

            if (round >= 0)
                servo.Add(servoTime);
        }

        async Task TarAsync() => tar.Add(await TimeAsync(directory, keep, into => OtherProgram.RunAsync("tar", "zxf", archive, "-C", into)));

        PairedTimes.Write(name, place, tar[2..], servo);
    }

    private static async Task<double> TimeAsync(string directory, bool keep, Func<string, Task> unpack)
    {
        var into = Path.Join(directory, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(into);
        var start = Stopwatch.GetTimestamp();
        await unpack(into);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        if (!keep)
            Directory.Delete(into, recursive: true);

        return time;
    }

    private static async Task UnpackAsync(string archive, string into)
    {
        var result = await s_reader.UnpackAsync(archive, into, CancellationToken.None);

        if (!result.TryGet(out _, out var refusal))
            throw new InvalidOperationException(refusal.Detail);
    }

    /// <summary>Half of it text, half of it bytes that no compressor can shorten, in runs of 512 KiB.</summary>
    private static async Task<string> FourFilesAsync(string directory)
    {
        var random = new Random(1);
        var source = Directory.CreateDirectory(Path.Join(directory, "four")).FullName;
        var noise = new byte[512 * 1024];

        for (var file = 0; file < 4; file++)
        {
            await using var stream = File.Create(Path.Join(source, $"{file}.bin"));

            for (var part = 0; part < 65; part++)
            {
                random.NextBytes(noise);
                await stream.WriteAsync(noise);
                await stream.WriteAsync(Text(random, noise.Length));
            }
        }

        return await PackAsync(directory, source);
    }

    private static async Task<string> SmallFilesAsync(string directory)
    {
        var random = new Random(2);
        var source = Path.Join(directory, "small");

        for (var file = 0; file < 5_000; file++)
        {
            var folder = Directory.CreateDirectory(Path.Join(source, $"folder{file / 100}")).FullName;
            await File.WriteAllBytesAsync(Path.Join(folder, $"file{file}.txt"), Text(random, random.Next(100, 9_000)));
        }

        return await PackAsync(directory, source);
    }

    private static async Task<string> PackAsync(string directory, string source)
    {
        var archive = Path.Join(directory, $"{Path.GetFileName(source)}.tgz");
        await OtherProgram.RunAsync("tar", "zcf", archive, "-C", source, ".");

        return archive;
    }

    private static byte[] Text(Random random, int bytes)
    {
        var text = new StringBuilder();

        while (text.Length < bytes)
            text.Append(CultureInfo.InvariantCulture, $"{random.Next(3_000) * 7_919:x} ");

        return Encoding.ASCII.GetBytes(text.ToString(0, bytes));
    }
}
