using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>What scripts leave behind is deleted, and where it cannot be, neither an answer nor a stop suffers.</summary>
public sealed class CleanUpTests
{
    private const string Nests = """
        import os, socket, tempfile
        print('workspace', os.path.dirname(os.getcwd()))
        open(b'\xff\xfe', 'w').close()
        os.mkdir(b'd\xe9')
        open(b'd\xe9/secret', 'w').close()
        os.makedirs('shut/inner')
        open('shut/inner/file', 'w').close()
        os.chmod('shut/inner', 0)
        os.chmod('shut', 0)
        temporary = tempfile.mkdtemp()
        print('temporary', temporary)
        socket.socket(socket.AF_UNIX).bind(os.path.join(temporary, 'listener-0123456789'))
        for _ in range(60):
            os.mkdir('d' * 100)
            os.chdir('d' * 100)
        open('file', 'w').close()

        """;

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    [InlineData("text/plain")]
    public async Task Nothing_is_left_whatever_its_name_depth_and_mode(string accept)
    {
        await using var gateway = await Gateway.StartUnprivilegedAsync();
        using var caller = new Caller(gateway).With("a.py", Nests);

        var answer = await caller.RunAsync("a.py", "-H", $"Accept: {accept}");

        answer.Status.ShouldBe(200, answer.Body);
        var last = answer.Body.TrimEnd().Split('\n')[^1];
        var succeeded = accept == "text/plain"
            ? last.StartsWith("a.py ran in", StringComparison.Ordinal)
            : JsonDocument.Parse(last).RootElement.GetProperty("ok").GetBoolean();
        succeeded.ShouldBeTrue(answer.Body);
        Said(answer.Body, "temporary ").ShouldStartWith(Said(answer.Body, "workspace ") + "/");
        await gateway.HasNoWorkspaceAsync();
        (await gateway.StopAsync()).ShouldBe(0);
        gateway.Log.ShouldNotContain("could not be deleted");
    }

    [Fact]
    public async Task A_file_that_cannot_be_deleted_changes_no_answer_and_no_stop()
    {
        Superuser.Require();
        await using var gateway = await Gateway.StartAsync();
        using var caller = new Caller(gateway).With("a.py", """
            import os, subprocess
            open('fixed', 'w').close()
            subprocess.check_call(['chattr', '+i', 'fixed'])
            print('file', os.path.realpath('fixed'))
            """);

        var answer = await caller.RunAsync("a.py");
        var file = Said(answer.Body, "file ");

        try
        {
            answer.Ok.ShouldBeTrue(answer.Body);
            (await caller.RunAsync("a.py", "-H", "Accept: application/x-ndjson")).Body.ShouldContain("\"ok\":true");
            (await gateway.StopAsync()).ShouldBe(0);
            gateway.Log.ShouldContain($"The workspace {Path.GetDirectoryName(Path.GetDirectoryName(file))} could not be deleted");
            gateway.Log.ShouldContain($"{file}: Operation not permitted");
        }
        finally
        {
            await ChildProcess.RunAsync("/", "chattr", "-R", "-i", Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(file)))!);
        }
    }

    [Fact]
    public async Task What_is_mounted_in_a_workspace_is_not_entered()
    {
        await using var gateway = await Gateway.StartOnSmallDiskAsync("size=6m", ("Servo__Scripts__Sandbox", "None"));
        using var caller = new Caller(gateway).With("a.py", """
            import os, subprocess
            os.makedirs('d/mounted')
            subprocess.check_call(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', 'd/mounted'])
            open('d/mounted/kept', 'w').close()
            """).With("look.py", """
            import glob, os
            print(glob.glob(os.path.join(os.path.dirname(os.environ['HOME']), '..', '*', 'bundle', '*', '*', '*')))
            """);

        (await caller.RunAsync("a.py")).Ok.ShouldBeTrue();
        var answer = await caller.RunAsync("look.py");

        answer.Body.ShouldContain("/bundle/d/mounted/kept");
        (await gateway.StopAsync()).ShouldBe(0);
        gateway.Log.ShouldContain("d/mounted: another file system is mounted there");
    }

    [Theory]
    [InlineData("os.rmdir(spool)")]
    [InlineData("os.rmdir(spool); open(spool, 'w').close()")]
    public async Task A_script_that_takes_the_spool_away_loses_no_output(string takes)
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Sandbox", "None"));
        using var caller = new Caller(gateway).With("a.py", $"""
            import os
            spool = os.path.join(os.path.dirname(os.environ['PYTHONPATH']), 'spool')
            {takes}
            for i in range(5000): print('line %d of what is too much to be kept in memory' % i)
            """);

        var answer = await caller.RunAsync("a.py");

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.Log[^2].ShouldStartWith("line 4999");
        answer.Log[^1].ShouldStartWith("a.py ran in ");
    }

    private static string Said(string body, string word) => body.Split(word)[1].Split('"', '\n')[0];
}
