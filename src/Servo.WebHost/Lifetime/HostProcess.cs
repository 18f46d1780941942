namespace Servo.WebHost.Lifetime;

/// <summary>The host from its first line to its exit code: what keeps it from starting, or ends it, is one sentence on standard error and exit code 1.</summary>
internal static class HostProcess
{
    /// <summary>Runs the host, and tells in a sentence why it ended if that was an exception: never an abort (134) and a stack trace.</summary>
    public static async Task<int> GuardAsync(Func<HostStart, Task<int>> run)
    {
        var start = new HostStart();

        try
        {
            return await run(start);
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"Servo {(start.IsComplete ? "ended" : "cannot start")}: {FailureSentence.Of(e)}");
            return 1;
        }
    }

    /// <summary>1 where a background service ended with a fault, which stops the host in good order; else 0.</summary>
    public static int ExitCode(IServiceProvider services) =>
        services.GetServices<IHostedService>().OfType<BackgroundService>().Any(service => service.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
}
