using System.Security.Cryptography;
using System.Text;

namespace Servo.Cli;

/// <summary>
/// Draws the idempotency key of <c>servo run</c> from the job of a build server: one attempt of a job, one command, and how often that
/// command has told its end there before. A command whose process died is so taken for the same when it is repeated, and nothing else is.
/// </summary>
internal sealed class CiJob : IDisposable
{
    // What is missing is not the attempt of a job, and then there is no key.
    private static readonly (string Name, string[] Needed, string[] Further)[] _servers =
    [
        ("github", ["GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB", "RUNNER_NAME"],
            ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_ACTION", "RUNNER_TRACKING_ID"]),
        ("gitlab", ["CI_JOB_ID"], ["CI_SERVER_URL"]),
        ("azure", ["BUILD_BUILDID", "SYSTEM_JOBATTEMPT", "SYSTEM_JOBID"], ["SYSTEM_COLLECTIONURI", "SYSTEM_STAGEATTEMPT", "AGENT_NAME"]),
        ("jenkins", ["BUILD_TAG", "NODE_NAME"], ["JENKINS_URL", "STAGE_NAME", "EXECUTOR_NUMBER"]),
    ];

    private readonly FileStream _count;
    private readonly int _ended;

    private CiJob(FileStream count, string key)
    {
        (_count, _ended) = (count, (int)Math.Min(count.Length, int.MaxValue));
        Key = $"{key}/{_ended + 1}";
    }

    public string Key { get; }

    /// <summary>
    /// The key for a command; <see langword="null"/> on no known build server, and where the same command is in progress or nothing can be
    /// noted, as two runs could be taken for one then.
    /// </summary>
    public static CiJob? Find(IReadOnlyList<string> command)
    {
        foreach (var (name, needed, further) in _servers)
        {
            if (needed.All(variable => Value(variable).Length > 0))
                return Open(name, [.. needed.Concat(further).Select(Value)], command);
        }

        return null;
    }

    /// <summary>Notes that the end of the command is known, so that the same command is another one from now on.</summary>
    public void End()
    {
        try
        {
            _count.Seek(0, SeekOrigin.End);
            _count.WriteByte((byte)'.');
            _count.Flush();
        }
        catch (IOException)
        {
            // The worst that follows is that the next one attaches to this run.
        }
    }

    public void Dispose() => _count.Dispose();

    private static CiJob? Open(string server, string[] job, IReadOnlyList<string> command)
    {
        // A length before each, so that no two lists look alike.
        var text = string.Concat(job.Append(Directory.GetCurrentDirectory()).Concat(command).Select(part => $"{part.Length}:{part}"));
        var key = $"{server}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32]}";

        try
        {
            // Nobody else may have it open: the runtime locks the file.
            var folder = Value("RUNNER_TEMP") is { Length: > 0 } temporary ? temporary : Path.GetTempPath();
            return new CiJob(new FileStream(Path.Join(folder, $"servo-{key}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Value(string variable) => Environment.GetEnvironmentVariable(variable) ?? "";
}
