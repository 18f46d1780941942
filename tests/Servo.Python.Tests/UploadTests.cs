using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Servo.Testing;

namespace Servo.Python.Tests;

public sealed class UploadTests
{
    [Theory, EveryPython]
    public async Task Every_word_that_names_a_file_is_uploaded_under_its_base_name(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));
        var bytes = Enumerable.Range(0, 70_000).Select(n => (byte)(n * 7)).ToArray();
        await File.WriteAllBytesAsync(runner.Bundle.File("sub/data.bin"), bytes);
        runner.Bundle.Write("web.yml", "cluster: web\r\n--boundary\r\n");
        runner.Bundle.Write("empty", "");
        runner.Bundle.Write("wörld 1.yml", "");
        runner.Bundle.Write("wörld.yml", "é");
        runner.Bundle.Write("a\"b\\c", "quoted");
        runner.Bundle.Write("home/.settings", "secret");
        runner.Environment["HOME"] = runner.Bundle.File("home");

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                proxy('deploy web.yml ./sub/../sub/data.bin empty missing.yml -o  ~/.settings wörld.yml')
                proxy('web.yml script.pyc ~nobody-here/x')
                proxy(u'deploy w\u00f6rld.yml ./w\u00f6rld.yml')
                proxy('deploy a"b\\c')
                proxy.text('deploy sub/data.bin')
            """);

        result.ShouldPrint("");
        runner.Lines.ShouldBe(
        [
            "deploy web.yml data.bin empty missing.yml -o  .settings wörld.yml -j",
            "web.yml script.pyc ~nobody-here/x -j",
            "deploy wörld.yml wörld.yml -j",
            "deploy a\"b\\c -j",
            "deploy data.bin",
        ]);
        Names(runner, 0).ShouldBe(["web.yml", "data.bin", "empty", ".settings", "wörld.yml"]);
        runner.Commands[0].Parts.ShouldAllBe(part => part.FileName == part.Name);
        runner.Commands[0].Parts.Select(part => part.Content).ShouldBe([Bytes("cluster: web\r\n--boundary\r\n"), bytes, [], Bytes("secret"), Bytes("é")]);
        Names(runner, 1).ShouldBe(["web.yml"]);
        Names(runner, 2).ShouldBe(["wörld.yml"]);
        Names(runner, 3).ShouldBe(["a\"b\\c"]);
        runner.Commands[4].Parts.ShouldHaveSingleItem().Content.ShouldBe(bytes);
        runner.Commands.ShouldAllBe(command => command.Headers["Authorization"] == "Bearer run-token" && !command.Headers.ContainsKey("Transfer-Encoding"));
    }

    [Theory, EveryPython]
    public async Task A_word_that_happens_to_name_a_folder_is_only_a_word(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));
        runner.Bundle.Write("foo.yml", "cluster: foo");
        runner.Bundle.Write("staging/secret.yml", "not sent");
        runner.Bundle.Write("exec/x", "not sent");
        File.CreateSymbolicLink(Path.Join(runner.Bundle.Path, "web"), "staging");

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                proxy('deploy foo.yml -n staging')
                proxy('deploy foo.yml -n ./staging/ -s web')
                proxy('exec *servo --force run staging .. . /')
                proxy.text('log staging')
            """);

        result.ShouldPrint("");
        runner.Lines.ShouldBe(["deploy foo.yml -n staging -j", "deploy foo.yml -n ./staging/ -s web -j", "exec *servo --force run staging .. . / -j", "log staging"]);
        Names(runner, 0).ShouldBe(["foo.yml"]);
        Names(runner, 1).ShouldBe(["foo.yml"]);
        runner.Commands.Skip(2).ShouldAllBe(command => command.Parts.Count == 0 && !command.Headers.ContainsKey("Content-Type"));
    }

    [Theory, EveryPython]
    public async Task A_file_is_uploaded_whatever_its_word_is_for_as_in_the_original(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));
        runner.Bundle.Write("foo.yml", "cluster: foo");
        runner.Bundle.Write("web", "a file");
        runner.Bundle.Write("sub/staging", "a file in a folder");

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                proxy('deploy foo.yml -n web -s sub/staging')
            """);

        result.ShouldPrint("");
        runner.Lines.ShouldBe(["deploy foo.yml -n web -s staging -j"]);
        Names(runner, 0).ShouldBe(["foo.yml", "web", "staging"]);
    }

    [Theory, EveryPython]
    public async Task A_folder_is_uploaded_as_a_tgz_where_the_script_asks_for_it(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));
        runner.Bundle.Write("my-scripts/deploy.py", "print(1)");
        runner.Bundle.Write("my-scripts/sub/.nested", "nested");
        runner.Bundle.Write("my-scripts/wörld", "é");
        runner.Bundle.Write("my-scripts/.hidden", "left out");
        runner.Bundle.Write($"my-scripts/{new string('n', 150)}/{new string('f', 150)}", "long");
        File.CreateSymbolicLink(Path.Join(runner.Bundle.Path, "my-scripts/link"), "deploy.py");
        await ChildProcess.RunAsync(runner.Bundle.Path, "chmod", "500", "my-scripts/deploy.py");
        Directory.CreateDirectory(Path.Join(runner.Bundle.Path, "deploy"));
        Directory.CreateDirectory(Path.Join(runner.Bundle.Path, "nothing"));

        var result = await runner.RunAsync(version, """
            import os
            from servo import servo
            with servo() as proxy:
                proxy('exec *servo --force run my-scripts.tgz deploy.py', upload=['my-scripts/'])
                proxy.text('deploy nothing.tgz', upload='./nothing/')
                os.chdir('my-scripts')
                proxy('exec my-scripts', upload=(u'.',))
            """);

        result.ShouldPrint("");
        runner.Lines.ShouldBe(["exec *servo --force run my-scripts.tgz deploy.py -j", "deploy nothing.tgz", "exec my-scripts -j"]);
        Names(runner, 0).ShouldBe(["my-scripts.tgz"]);
        Names(runner, 1).ShouldBe(["nothing.tgz"]);

        var members = await MembersAsync(runner.Commands[0].Parts[0]);
        members.Keys.ShouldBe(
            ["deploy.py", "link", new string('n', 150), $"{new string('n', 150)}/{new string('f', 150)}", "sub", "sub/.nested", "wörld"], ignoreOrder: true);
        members["deploy.py"].ShouldBe("RegularFile print(1) UserExecute, UserRead");
        members["sub/.nested"].ShouldStartWith("RegularFile nested");
        members["wörld"].ShouldStartWith("RegularFile é");
        members["link"].ShouldStartWith("SymbolicLink deploy.py");
        members["sub"].ShouldStartWith("Directory");
        (await MembersAsync(runner.Commands[1].Parts[0])).ShouldBeEmpty();
        (await MembersAsync(runner.Commands[2].Parts[0])).Keys.ShouldBe(members.Keys, ignoreOrder: true);
    }

    [Theory, EveryPython]
    public async Task A_file_may_be_asked_for_too_and_goes_once(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));
        runner.Bundle.Write("foo.yml", "cluster: foo");
        runner.Bundle.Write("sub/over rides.yml", "a: 1");

        var result = await runner.RunAsync(version, """
            from servo import servo
            try:
                from pathlib import Path
            except ImportError:
                Path = str
            with servo() as proxy:
                proxy('deploy foo.yml -n sub', upload=['./foo.yml', Path('sub/over rides.yml'), 'sub/over rides.yml'])
                proxy('deploy foo.yml', upload=None)
            """);

        result.ShouldPrint("");
        runner.Lines.ShouldBe(["deploy foo.yml -n sub -j", "deploy foo.yml -j"]);
        Names(runner, 0).ShouldBe(["foo.yml", "over rides.yml"]);
        Names(runner, 1).ShouldBe(["foo.yml"]);
    }

    [Theory, EveryPython]
    public async Task A_locale_without_UTF_8_changes_nothing_but_what_is_shown(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));
        runner.Bundle.Write("wörld.yml", "é");
        runner.Bundle.Write("földer/é", "é");
        runner.Environment["LANG"] = "C";
        runner.Environment["PYTHONCOERCECLOCALE"] = "0";
        runner.Environment["PYTHONUTF8"] = "0";

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo(verbose=True) as proxy:
                proxy(u'deploy w\u00f6rld.yml', upload=[u'f\u00f6lder'])
            """);

        result.ShouldPrint(version.StartsWith('2') ? "[passed] \"deploy wörld.yml\"" : "[passed] \"deploy w\\xf6rld.yml\"");
        runner.Lines.ShouldBe(["deploy wörld.yml -j"]);
        Names(runner, 0).ShouldBe(["wörld.yml", "földer.tgz"]);
        (await MembersAsync(runner.Commands[0].Parts[1])).Keys.ShouldBe(["é"]);
    }

    [Theory, EveryPython]
    public async Task What_cannot_be_uploaded_is_told_in_a_sentence_and_not_sent(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));
        runner.Bundle.Write("a/web.yml", "a");
        runner.Bundle.Write("b/web.yml", "b");
        runner.Bundle.Write("c/x", "c");
        runner.Bundle.Write("c.tgz", "c");
        runner.Bundle.Write("locked/file", "");
        runner.Bundle.Write("locked.yml", "");

        var result = await runner.RunAsync(version, """
            import os
            from servo import servo, ServoError, _json_text, _portal, _uploads
            import gzip, tarfile, tempfile
            os.chmod('locked/file', 0)
            os.chmod('locked.yml', 0)
            if os.getuid() == 0:
                os.chmod('.', 0o755)
                os.setuid(65534)
            with servo(strict=False) as proxy:
                for line, upload in [('deploy a/web.yml b/web.yml', ()), ('deploy c.tgz', ['c']), ('deploy a/web.yml locked.yml', ()), ('deploy a/web.yml', ['locked']),
                                     ('deploy a/web.yml', ['b/web.yml']), ('deploy', ['a', 'none.yml']), ('deploy', '/'), ('deploy', ['']), ('deploy', 'a\r\nb'), ('deploy', 'a\0b')]:
                    try:
                        proxy(line, upload=upload)
                    except ServoError as error:
                        print(error)
                try:
                    proxy('deploy', upload=[7])
                except TypeError as error:
                    print(error)
            """);

        result.ShouldPrint(
            "\"deploy a/web.yml b/web.yml\" cannot be sent: a/web.yml and b/web.yml are different files that would both go as web.yml",
            "\"deploy c.tgz\" cannot be sent: c.tgz and c are different files that would both go as c.tgz",
            "\"deploy a/web.yml locked.yml\" cannot be sent: locked.yml cannot be read (Permission denied)",
            "\"deploy a/web.yml\" cannot be sent: locked cannot be read (Permission denied)",
            "\"deploy a/web.yml\" cannot be sent: a/web.yml and b/web.yml are different files that would both go as web.yml",
            "\"deploy\" cannot be sent: there is no file or folder 'none.yml' to upload",
            "\"deploy\" cannot be sent: the root folder has no name to go by",
            "\"deploy\" cannot be sent: there is no file or folder '' to upload",
            "\"deploy\" cannot be sent: the path 'a\\r\\nb' holds a line break or is not valid",
            "\"deploy\" cannot be sent: the path 'a\\x00b' holds a line break or is not valid",
            "upload lists paths, not 7");
        runner.Commands.ShouldBeEmpty();
    }

    [Theory, EveryPython]
    public async Task A_file_that_becomes_shorter_while_it_is_sent_is_told_in_a_sentence(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));

        // The kernel's own files declare a page and hold a line.
        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                proxy('deploy /sys/devices/system/cpu/online')
            """);

        result.ShouldEnd(
            1,
            "failure -> \"deploy /sys/devices/system/cpu/online\" was not sent in full: /sys/devices/system/cpu/online cannot be read (it became shorter)");
        runner.Commands.ShouldBeEmpty();
    }

    [Theory, EveryPython]
    public async Task An_upload_of_50_MB_takes_no_memory(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));
        await using (var big = File.Create(runner.Bundle.File("big.bin")))
            big.SetLength(50_000_000);

        var result = await runner.RunAsync(version, """
            from servo import servo

            def peak():
                # Not getrusage: its figure starts with that of the process that forked this one.
                return [int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM')][0]

            with servo() as proxy:
                proxy('ls')
                before = peak()
                proxy('deploy big.bin')
                assert peak() - before < 8 * 1024, 'grew by %d KiB' % (peak() - before)
            """);

        result.ShouldPrint("");
        runner.Commands[1].Parts.ShouldHaveSingleItem().Length.ShouldBe(50_000_000);
    }

    [Theory, EveryPython]
    public async Task A_host_that_refuses_an_upload_before_it_is_read_is_heard(string version)
    {
        const string refusal = "{\"detail\": \"The upload is too large.\"}";
        await using var runner = new ScriptRunner();
        await using var socket = new RawAnswerSocket(
            runner.SocketPath,
            [$"HTTP/1.1 413 Payload Too Large\r\nContent-Length: {refusal.Length}\r\n\r\n{refusal}", ""]);
        await using (var big = File.Create(runner.Bundle.File("big.bin")))
            big.SetLength(20_000_000);

        var result = await runner.RunAsync(version, """
            import signal
            from servo import servo, ServoError
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            with servo() as proxy:
                for _ in range(2):
                    try:
                        proxy('deploy big.bin')
                    except ServoError as error:
                        print(error)
            """);

        result.Lines[0].ShouldBe("The upload is too large.");
        result.Lines[1].ShouldMatch(
            """^"deploy big.bin" was not answered in full \((Broken pipe|Connection reset by peer)\): it may have been carried out all the same$""");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static IEnumerable<string> Names(ScriptRunner runner, int command) => runner.Commands[command].Parts.Select(part => part.Name);

    private static async Task<Dictionary<string, string>> MembersAsync(ReceivedPart tgz)
    {
        var members = new Dictionary<string, string>();
        await using var tar = new TarReader(new GZipStream(new MemoryStream(tgz.Content), CompressionMode.Decompress));

        while (await tar.GetNextEntryAsync(copyData: true) is { } entry)
        {
            using var content = new StreamReader(entry.DataStream ?? Stream.Null);
            members.Add(entry.Name.TrimEnd('/'), $"{entry.EntryType} {entry.LinkName}{await content.ReadToEndAsync()} {entry.Mode}");
        }

        return members;
    }
}
