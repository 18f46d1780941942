using System.Runtime.ExceptionServices;

namespace Servo.WebHost.Lifetime;

/// <summary>The host from its first line to its exit code: what keeps it from starting, or ends it, is a sentence on standard error and exit code 1.</summary>
internal static class HostProcess
{
    /// <summary>Runs the host, and tells in a sentence why it ended if that was an exception: never an abort (134) and a stack trace.</summary>
    public static async Task<int> GuardAsync(Func<HostStart, Task<int>> run, TextWriter error)
    {
        var start = new HostStart();

        try
        {
            return await run(start);
        }
        catch (Exception e)
        {
            await error.WriteLineAsync($"Servo {(start.IsComplete ? "ended" : "cannot start")}: {FailureSentence.Of(e)}");
            return 1;
        }
    }

    /// <summary>Serves until the host is told to stop.</summary>
    /// <exception cref="Exception">That of a background service that failed: it stops the host, which would then seem to have ended well.</exception>
    public static async Task WaitForEndAsync(this WebApplication app)
    {
        await app.WaitForShutdownAsync();

        foreach (var service in app.Services.GetServices<IHostedService>().OfType<BackgroundService>())
        {
            if (service.ExecuteTask?.Exception?.InnerException is { } fault)
                ExceptionDispatchInfo.Throw(fault);
        }
    }
}
