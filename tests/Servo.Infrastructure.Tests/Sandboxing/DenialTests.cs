using Servo.Application.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>A script that fails on what its sandbox denies is told which setting allows it, in whatever words its tool complains.</summary>
public sealed class DenialTests : IDisposable
{
    private readonly TempDirectory _elsewhere = new();

    public void Dispose() => _elsewhere.Dispose();

    [Theory]
    [InlineData("open('FOLDER/new', 'w')")]
    [InlineData("import os; os.mkdir('FOLDER/new')")]
    [InlineData("import os; os.rename('attacks', 'FOLDER/new')")]
    [InlineData("import pathlib; pathlib.Path('FOLDER/new').write_text('x')")]
    public async Task Python(string source)
    {
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict);
        File.WriteAllText(Path.Join(there.Own.BundleDirectory, "attacks"), "");

        (await there.FailAsync(source.Replace("FOLDER", _elsewhere.Path))).ShouldBe(
            $"{_elsewhere.Path}/new is out of the scripts' reach: Servo:Scripts:Readable or Servo:Scripts:Writable allows it");
    }

    [Theory]
    [InlineData("echo x > FOLDER/new")]
    [InlineData("mkdir FOLDER/new")]
    [InlineData("touch FOLDER/new")]
    [InlineData("cp script.py FOLDER/new")]
    [InlineData("tee FOLDER/new < /dev/null")]
    [InlineData("mkdir FOLDER/new; echo 'giving up'; exit 3")]
    [InlineData("openssl rand -out FOLDER/new 9")]
    public async Task Tools(string command)
    {
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict);

        (await there.FailAsync(command.Replace("FOLDER", _elsewhere.Path), "/bin/sh")).ShouldBe(
            $"{_elsewhere.Path}/new is out of the scripts' reach: Servo:Scripts:Readable or Servo:Scripts:Writable allows it");
    }

    [Theory]
    [InlineData(ScriptSandbox.Strict)]
    [InlineData(ScriptSandbox.Neighbours)]
    public async Task No_setting_is_named_for_what_no_setting_allows(ScriptSandbox level)
    {
        await using var there = await Neighbourhood.StartAsync(level: level);

        foreach (var path in (string[])[there.TokenFile, there.Other.BundleDirectory, there.State.Path, "/"])
            (await there.FailAsync($"open('{path}')" + (path == "/" ? " if False else __import__('os').listdir('/')" : ""))).ShouldBe(
                $"{path} is out of the scripts' reach, as it is the gateway's or above what is the gateway's (Servo:Scripts:Sandbox)");
    }

    [Fact]
    public async Task What_may_only_be_read_is_told_apart()
    {
        var file = _elsewhere.Write("file", "");
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict, readable: [_elsewhere.Path]);

        (await there.FailAsync($"open('{file}', 'a')")).ShouldBe($"writing {file} is denied to scripts: Servo:Scripts:Writable allows it");
    }

    [Fact]
    public async Task Connections_are_too()
    {
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict, connect: [443]);

        (await there.FailAsync("import socket; socket.create_connection(('127.0.0.1', 444))")).ShouldBe(
            "if this was a connection by TCP: scripts connect to the ports of Servo:Scripts:Connect only");
        (await there.FailAsync("ssh -o BatchMode=yes -p 2222 127.0.0.1", "/bin/sh")).ShouldBe(
            "connections to port 2222 are denied to scripts: Servo:Scripts:Connect allows them");
    }

    [Theory]
    [InlineData("import os; os.chdir('/etc'); open('new', 'w')")]
    [InlineData("import os; os.chdir('/etc'); os.mkdir('new')")]
    public async Task A_name_without_its_folder_is_no_connection(string source)
    {
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.Strict);

        (await there.FailAsync(source)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_the_gateway_s_own_is_named_as_that()
    {
        await using var there = await Neighbourhood.StartAsync();

        (await there.FailAsync($"open('{there.TokenFile}')")).ShouldBe(
            $"{there.TokenFile} is out of the scripts' reach, as it is the gateway's or above what is the gateway's (Servo:Scripts:Sandbox)");
        (await there.FailAsync("import os; os.listdir('/')")).ShouldStartWith("/ is out of the scripts' reach");
    }

    [Theory]
    [InlineData("raise SystemExit(3)")]
    [InlineData("import sys; sys.exit('Permission denied')")]
    [InlineData("import sys; sys.exit(\"Permission denied: '/a\\0b' /a\\0b \")")]
    [InlineData("import sys; sys.exit(\"Permission denied: 'relative/path'\")")]
    [InlineData("import os; open('mine', 'w').close(); sys.exit('Permission denied: ' + os.path.abspath('mine'))")]
    public async Task Nothing_is_made_up(string source)
    {
        await using var there = await Neighbourhood.StartAsync();

        (await there.FailAsync("import sys\n" + source)).ShouldBeNull();
    }

    [Fact]
    public async Task Nor_where_there_is_no_sandbox()
    {
        await using var there = await Neighbourhood.StartAsync(level: ScriptSandbox.None);

        (await there.FailAsync($"import sys; sys.exit(\"Permission denied: '{there.TokenFile}'\")")).ShouldBeNull();
    }
}
