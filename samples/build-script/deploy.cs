#!/usr/bin/env dotnet
#:package Servo.Client@0.1.0-*

// A build script in one file: packs the folder 'deploy' beside it, uploads it and shows the log as it comes.
//
//     export SERVO_URL=http://127.0.0.1:5000 SERVO_TOKEN=...
//     dotnet run deploy.cs -- 1.2.3
//
// The exit code is 0 if every script succeeded, 1 if the run failed, 2 if something is missing here, 3 if the gateway gave no outcome.

using Servo.Client;

if (args is not [var version] || Environment.GetEnvironmentVariable("SERVO_URL") is not { Length: > 0 } url)
{
    Console.Error.WriteLine("Set SERVO_URL and SERVO_TOKEN, and give the version to deploy: dotnet run deploy.cs -- 1.2.3");
    return 2;
}

using var cancelled = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancelled.Cancel();
};

try
{
    var client = new ServoClient(new Uri(url), ServoCredential.FromEnvironment());
    var bundle = Bundle.FromDirectory("deploy").Without("*.log");
    var options = new RunOptions
    {
        Variables = new Dictionary<string, string> { ["VERSION"] = version },
        Timeout = TimeSpan.FromMinutes(30),
        KeepLines = false,
    };

    var outcome = await client.RunAsync(bundle, ["deploy.py", "test.py"], options, new Log(), cancelled.Token);

    foreach (var script in outcome.Scripts)
        Console.WriteLine($"{script.Name} ended with exit code {script.ExitCode}");

    if (outcome.Failure is { } failure)
        Console.Error.WriteLine($"The run failed ({failure.Kind}): {failure.Detail}");

    return outcome.Succeeded ? 0 : 1;
}
catch (Exception e) when (e is ArgumentException or BundleException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (Exception e) when (e is ServoRequestException or OperationCanceledException)
{
    Console.Error.WriteLine(e.Message);
    return 3;
}

sealed class Log : IProgress<RunProgress>
{
    public void Report(RunProgress value)
    {
        if (value is RunProgress.Output output)
            Console.WriteLine(output.Line.Text);
    }
}
