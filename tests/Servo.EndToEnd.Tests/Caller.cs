using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A release engineer: a folder of scripts, and the shell lines of the user's document.</summary>
public sealed class Caller(Gateway gateway) : IDisposable
{
    private readonly TempDirectory _folder = new();

    public string Folder => _folder.Path;

    public Caller With(string file, string text)
    {
        _folder.Write(file, text);
        return this;
    }

    /// <summary>Packs, signs and posts the folder as the seed shows; returns what curl printed.</summary>
    public async Task<Answer> RunAsync(string scripts, params string[] curl)
    {
        const string Lines = """
            set -eu
            cd "$1"; shift
            SCRIPTS=$1; shift
            tar zcf "$OUT/upload.tgz" *
            HASH=$(openssl dgst -sha1 -hmac $SERVO_TOKEN "$OUT/upload.tgz")
            HASH="sha1=${HASH##* }"
            curl -s -S -X POST -F tgz=@"$OUT/upload.tgz" -H "X-Signature:$HASH" -w '\n%{http_code} %{content_type}' "$@" "$URL/run/$SCRIPTS"
            """;

        using var outbox = new TempDirectory();
        var script = outbox.Write("run.sh", $"export SERVO_TOKEN='{Gateway.Token}' URL='{gateway.Url}' OUT='{outbox.Path}'\n{Lines}");

        return Answer.Of(await ChildProcess.RunAsync(_folder.Path, "sh", [script, _folder.Path, scripts, .. curl]));
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>What curl printed: the body, the status and the content type.</summary>
public sealed record Answer(string Body, int Status, string ContentType)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public bool Ok => Json.GetProperty("ok").GetBoolean();

    public string[] Log => [.. Json.GetProperty("log").EnumerateArray().Select(line => line.GetString()!)];

    /// <summary>The log without the lines of variables, which differ from run to run.</summary>
    public string[] LogAfterVariables => [.. Log.Where(line => !line.StartsWith('$'))];

    public string FailureKind => Json.GetProperty("failure").GetProperty("kind").GetString()!;

    internal static Answer Of(string printed)
    {
        var end = printed.LastIndexOf('\n');
        var status = printed[(end + 1)..].Split(' ', 2);
        return new Answer(printed[..end], int.Parse(status[0], System.Globalization.CultureInfo.InvariantCulture), status[1]);
    }
}
