using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using CsCheck;

namespace Servo.Fuzzing;

/// <summary>Tries what is nearly right on whatever takes bytes from outside: seeds after a few mutations each, for some seconds.</summary>
internal static class Mutations
{
    // What takes longer hangs: a try takes a few milliseconds.
    private static readonly TimeSpan _hang = TimeSpan.FromSeconds(30);

    private static readonly uint[] _numbers = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

    /// <summary>
    /// Tries mutants for so many seconds, or for <c>SERVO_FUZZ_SECONDS</c>. A failure names the mutant in base 64: it becomes a test of its own. A mutant that
    /// takes more than half a minute is a failure, too.
    /// </summary>
    public static async Task TryAsync(byte[][] seeds, Func<byte[], Task> attempt, int seconds = 6)
    {
        var time = Environment.GetEnvironmentVariable("SERVO_FUZZ_SECONDS") is { } set ? int.Parse(set, CultureInfo.InvariantCulture) : seconds;
        var tried = 0;

        // What is not mutated has to work at all.
        foreach (var seed in seeds)
            await attempt(seed);

        await Of(seeds).SampleAsync(
            async mutant =>
            {
                tried++;
                await Task.Run(() => attempt(mutant)).WaitAsync(_hang);
            },
            time: time, threads: 1, print: Convert.ToBase64String);

        TestContext.Current.TestOutputHelper?.WriteLine($"{tried} mutants");
    }

    private static Gen<byte[]> Of(byte[][] seeds)
    {
        var step = Gen.Select(Gen.Int[0, 8], Gen.Double.Unit, Gen.Double.Unit, Gen.Int[0, 255]);
        return Gen.Select(Gen.Int[0, seeds.Length - 1].Select(which => seeds[which]), step.Array[1, 6], (seed, steps) => steps.Aggregate(seed, Mutate));
    }

    private static byte[] Mutate(byte[] bytes, (int Kind, double Where, double Far, int Value) step)
    {
        if (bytes.Length == 0)
            return [(byte)step.Value];

        var at = (int)(step.Where * bytes.Length);
        var length = Math.Min(1 + (int)(step.Far * step.Far * 64), bytes.Length - at);
        var other = (int)(step.Far * bytes.Length);
        var copy = bytes.ToArray();

        switch (step.Kind)
        {
            case 0:
                copy[at] ^= (byte)(1 << (step.Value & 7));
                return copy;
            case 1:
                copy[at] = (byte)step.Value;
                return copy;
            case 2:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 3:
                return [.. bytes[..at], .. Enumerable.Repeat((byte)step.Value, length), .. bytes[at..]];
            case 4:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 5:
                return bytes[..at];
            case 6:
                return Number(copy, at, _numbers[step.Value % _numbers.Length], step.Value % 2 == 0);
            case 7:
                Array.Copy(bytes, other, copy, at, Math.Min(length, bytes.Length - other));
                return copy;
            case 8:
                // A number in text, such as a length.
                copy.AsSpan(at, length).Fill((byte)"0179"[step.Value % 4]);
                return copy;
            default:
                throw new UnreachableException();
        }
    }

    private static byte[] Number(byte[] bytes, int at, uint number, bool bigEndian)
    {
        if (at + sizeof(uint) > bytes.Length)
            return bytes;

        if (bigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), number);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), number);

        return bytes;
    }
}
