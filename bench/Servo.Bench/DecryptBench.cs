using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Infrastructure.Secrets;

namespace Servo.Bench;

/// <summary>Decrypts 100 MB, binary and base64, by <c>openssl enc -d</c> and as the gateway does. Arguments: rounds (7), directory.</summary>
internal static class DecryptBench
{
    private const string Token = "a-token-for-measurements-only-0123";
    private const int Megabytes = 100;

    public static async Task RunAsync(string[] arguments)
    {
        var rounds = arguments is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : 7;
        var place = arguments is [_, var second, ..] ? second : Path.GetTempPath();
        var directory = Directory.CreateDirectory(Path.Join(place, $"servo-bench-{Guid.NewGuid():N}")).FullName;
        PairedTimes.WriteHead("openssl enc -d");

        try
        {
            var clear = Path.Join(directory, "clear");
            await WriteAsync(clear);
            await MeasureAsync($"{Megabytes} MB", place, clear, rounds, []);
            await MeasureAsync($"{Megabytes} MB in base64", place, clear, rounds, ["-base64"]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task MeasureAsync(string name, string place, string clear, int rounds, string[] options)
    {
        var (encrypted, secret, opened) = ($"{clear}.aes", $"{clear}.copy.aes", $"{clear}.opened");
        string[] common = ["-aes-256-cbc", "-pbkdf2", .. options, "-pass", $"pass:{Token}"];
        await OtherProgram.RunAsync("openssl", ["enc", .. common, "-in", clear, "-out", encrypted]);
        var decryptor = new OpenSslDecryptor(Options.Create(new GatewayOptions { Token = Token }));
        var (openssl, servo) = (new List<double>(), new List<double>());

        // In turns, each of them first in every other round; the first two rounds warm up.
        for (var round = -2; round < rounds; round++)
        {
            if (round % 2 == 0)
                await OpenSslAsync();

            // The gateway deletes the secret that it has opened.
            File.Copy(encrypted, secret, overwrite: true);
            var time = await TimeAsync(opened, async () =>
            {
                if (await decryptor.DecryptAsync(secret, opened, CancellationToken.None) is { } reason)
                    throw new InvalidOperationException(reason);
            });

            if (round % 2 != 0)
                await OpenSslAsync();

            servo.Add(time);
        }

        PairedTimes.Write(name, place, openssl[2..], servo[2..]);

        async Task OpenSslAsync() =>
            openssl.Add(await TimeAsync(opened, () =>
                OtherProgram.RunAsync("openssl", ["enc", "-d", .. common, "-in", encrypted, "-out", opened])));
    }

    private static async Task<double> TimeAsync(string opened, Func<Task> decrypt)
    {
        var start = Stopwatch.GetTimestamp();
        await decrypt();
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        if (new FileInfo(opened).Length != Megabytes * 1_000_000)
            throw new InvalidOperationException("What was opened is not what was closed.");

        File.Delete(opened);
        return time;
    }

    private static async Task WriteAsync(string path)
    {
        var (random, block) = (new Random(3), new byte[1_000_000]);
        await using var file = File.Create(path);

        for (var part = 0; part < Megabytes; part++)
        {
            random.NextBytes(block);
            await file.WriteAsync(block);
        }
    }
}
