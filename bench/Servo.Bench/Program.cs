using Servo.Bench;

// Each measurement prints a table: Servo and the program that it is held against, side by side in one run, and their ratio.
IReadOnlyDictionary<string, Func<string[], Task>> measurements = new Dictionary<string, Func<string[], Task>>
{
    ["decrypt"] = DecryptBench.RunAsync,
    ["followers"] = FollowersBench.RunAsync,
    ["followers-http"] = HttpFollowersBench.RunAsync,
    ["pack"] = PackBench.RunAsync,
    ["pack-memory"] = PackBench.RunWithMemoryAsync,
    ["queue"] = QueueBench.RunAsync,
    ["state"] = StateBench.RunAsync,
    ["state-fill"] = StateBench.FillAsync,
    ["unpack"] = UnpackBench.RunAsync,
};

if (args is not [var name, .. var rest] || !measurements.TryGetValue(name, out var run))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project bench/Servo.Bench -- MEASUREMENT [ARGUMENT...], where MEASUREMENT is one of: {string.Join(", ", measurements.Keys)}");
    return 2;
}

PairedTimes.ShowsPairs = rest.Contains("--pairs");
await run([.. rest.Where(argument => argument != "--pairs")]);
return 0;
