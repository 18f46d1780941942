using System.Text;
using Servo.Testing;

namespace Servo.Python.Tests;

public sealed class BadAnswerTests
{
    // Prints how each line ends, so that one process tries them all.
    private const string TryLines = """
        from servo import servo, ServoError
        with servo(strict=False) as proxy:
            for line in open('lines.txt').read().split('\n'):
                try:
                    print('%s: %r' % (line, proxy(line)))
                except ServoError as error:
                    print(error)
        """;

    [Theory, EveryPython]
    public async Task A_refusal_of_the_host_is_shown_in_its_own_words(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(line => line switch
        {
            "down -j" => PortalAnswers.Problem(502, "The portal at http://10.0.0.1:9000 cannot be reached (é)."),
            "html -j" => PortalAnswers.Raw(500, "text/html", "<h1>oops</h1>"),
            "array -j" => PortalAnswers.Raw(404, "application/json", "[1]"),
            "odd -j" => PortalAnswers.Raw(404, "application/json", "{\"detail\": 7}"),
            _ => PortalAnswers.Raw(413, "text/plain", ""),
        });
        runner.Bundle.Write("lines.txt", "down\nhtml\narray\nodd\nempty");

        (await runner.RunAsync(version, TryLines)).ShouldPrint(
            "The portal at http://10.0.0.1:9000 cannot be reached (é).",
            "\"html\" was refused by Servo with HTTP 500 (Internal Server Error)",
            "\"array\" was refused by Servo with HTTP 404 (Not Found)",
            "\"odd\" was refused by Servo with HTTP 404 (Not Found)",
            "\"empty\" was refused by Servo with HTTP 413 (Payload Too Large)");
    }

    [Theory, EveryPython]
    public async Task An_answer_that_is_no_portals_is_named_as_what_it_is(string version)
    {
        var latin = Encoding.Latin1.GetBytes("{\"ok\": true, \"out\": \"\u00e9\"}");
        await using var runner = await ScriptRunner.WithPortalAsync(line => line switch
        {
            "html -j" => PortalAnswers.Raw(200, "text/html", "<h1>It works!</h1>"),
            "array -j" => PortalAnswers.Raw(200, "application/json", "[]"),
            "cut -j" => PortalAnswers.Raw(200, "application/json", "{\"ok\": true, \"out\": \"{}"),
            "two -j" => PortalAnswers.Raw(200, "application/json", "{} {}"),
            "latin -j" => PortalAnswers.Raw(200, "application/json", latin),
            "ok -j" => PortalAnswers.Raw(200, "application/json", "{\"out\": \"{}\"}"),
            "out -j" => PortalAnswers.Raw(200, "application/json", "{\"ok\": true, \"out\": {}}"),
            "int -j" => PortalAnswers.Raw(200, "application/json", " {\"ok\": 1, \"out\": \"[1]\"}\r\n"),
            _ => PortalAnswers.Ok("available commands -> ls"),
        });
        runner.Bundle.Write("lines.txt", "html\narray\ncut\ntwo\nlatin\nok\nout\nint\nhelp");
        static string NotJson(string line, string type) => $"\"{line}\" was not answered in JSON ({type}): is the portal's address that of an Ochothon portal?";

        (await runner.RunAsync(version, TryLines)).ShouldPrint(
            NotJson("html", "text/html"),
            NotJson("array", "application/json"),
            NotJson("cut", "application/json"),
            NotJson("two", "application/json"),
            NotJson("latin", "application/json"),
            "\"ok\" was answered in JSON that is not a portal's: it lacks \"ok\" or \"out\"",
            "\"out\" was answered in JSON that is not a portal's: it lacks \"ok\" or \"out\"",
            "int: [1]",
            "\"help\" succeeded but its output is not JSON: use proxy.text('help') for a command that has no JSON output");
    }

    [Theory, EveryPython]
    public async Task An_answer_that_breaks_off_is_an_error_and_not_half_an_answer(string version)
    {
        const string whole = "{\"ok\": true, \"out\": \"{}\"}";
        await using var runner = await ScriptRunner.WithPortalAsync(line =>
            line == "length -j" ? PortalAnswers.Reset(whole, 100) : line == "chunked -j" ? PortalAnswers.Reset(whole, null) : PortalAnswers.Reset("", 10));
        runner.Bundle.Write("lines.txt", "length\nchunked\nnothing");

        var result = await runner.RunAsync(version, TryLines);

        result.ExitCode.ShouldBe(0);
        result.Lines.Length.ShouldBe(3);
        foreach (var (line, name) in result.Lines.Zip(["length", "chunked", "nothing"]))
            line.ShouldMatch(
                $"""^"{name}" was not answered in full \((it broke off.*|Connection reset by peer)\): it may have been carried out all the same$""");
    }

    [Theory, EveryPython]
    public async Task A_malformed_answer_is_told_apart_from_a_good_one(string version)
    {
        const string head = "HTTP/1.1 200 OK\r\n";
        const string body = "{\"ok\": true, \"out\": \"[]\"}";
        (string Answer, string Shown)[] cases =
        [
            ($"HTTP/1.1 100 Continue\r\n\r\n{head}Content-Length: 25\r\n\r\n{body}", "[]"),
            ($"{head}TRANSFER-ENCODING:  Chunked \r\n\r\n19;x=y\r\n{body}\r\n0\r\nTrailer: x\r\n\r\n", "[]"),
            ($"{head}Content-Length: 25\r\nContent-Length: 25\r\n\r\n{body}trailing", "[]"),
            ("", "it broke off"),
            ("HTTP/1.1 200", "it broke off"),
            ("SSH-2.0-OpenSSH\r\n", "it is not HTTP"),
            ("HTTP/1.1 2xx OK\r\n\r\n", "its length is not a number"),
            (head, "it broke off"),
            ($"{head}\r\n{body}", "it does not say how long it is"),
            ($"{head}no colon\r\n\r\n", "its head is malformed"),
            ($"{head}Content-Length: 25\r\nContent-Length: 26\r\n\r\n{body}", "its head is malformed"),
            ($"{head}X: {new string('x', 70_000)}\r\n\r\n", "its head is too long"),
            ($"{head}{string.Concat(Enumerable.Range(0, 101).Select(n => $"X{n}: y\r\n"))}\r\n", "its head is malformed"),
            ($"{head}Content-Length: -1\r\n\r\n{body}", "its length is not a number"),
            ($"{head}Content-Length: \r\n\r\n{body}", "its length is not a number"),
            ($"{head}Content-Length: 26\r\n\r\n{body}", "it broke off after 25 of 26 bytes"),
            ($"{head}Content-Length: 99999999999999\r\n\r\n{body}", "it broke off after 25 of 99999999999999 bytes"),
            ($"{head}Transfer-Encoding: gzip\r\n\r\n{body}", "its transfer coding is unknown"),
            ($"{head}Transfer-Encoding: chunked\r\n\r\n+19\r\n{body}\r\n0\r\n\r\n", "its length is not a number"),
            ($"{head}Transfer-Encoding: chunked\r\n\r\n18\r\n{body}\r\n0\r\n\r\n", "a chunk is longer than it says"),
            ($"{head}Transfer-Encoding: chunked\r\n\r\n19\r\n{body}\r\n", "it broke off"),
            ($"{head}Transfer-Encoding: chunked\r\n\r\n19\r\n{body}\r\n0\r\n", "it broke off"),
            ($"{head}Transfer-Encoding: chunked\r\n\r\n1a\r\n{body}", "it broke off after 25 of 26 bytes"),
        ];
        await using var runner = new ScriptRunner();
        await using var socket = new RawAnswerSocket(runner.SocketPath, cases.Select(malformed => malformed.Answer));
        runner.Bundle.Write("lines.txt", string.Join('\n', Enumerable.Range(0, cases.Length)));

        (await runner.RunAsync(version, TryLines)).ShouldPrint([.. cases.Select((malformed, n) => malformed.Shown == "[]"
            ? $"{n}: []"
            : $"\"{n}\" was not answered in full ({malformed.Shown}): it may have been carried out all the same")]);
    }

    [Theory, EveryPython]
    public async Task A_host_that_is_not_there_is_told_in_a_sentence(string version)
    {
        await using var runner = new ScriptRunner();
        const string script = """
            from servo import servo
            print('imported')
            with servo(strict=False) as proxy:
                proxy('ls')
            """;

        (await runner.RunAsync(version, script)).ShouldEnd(
            1, "imported", $"failure -> \"ls\" cannot be sent: Servo does not listen on {runner.SocketPath} (No such file or directory)");

        runner.Bundle.Write(".portal.sock", "");
        (await runner.RunAsync(version, script)).ShouldEnd(
            1, "imported", $"failure -> \"ls\" cannot be sent: Servo does not listen on {runner.SocketPath} (Connection refused)");

        runner.Environment["SERVO_PORTAL_SOCKET"] = $"/{new string('x', 200)}";
        (await runner.RunAsync(version, script)).ShouldEnd(
            1, "imported", $"failure -> \"ls\" cannot be sent: Servo does not listen on /{new string('x', 200)} (AF_UNIX path too long)");

        runner.Environment.Remove("SERVO_PORTAL_SOCKET");
        (await runner.RunAsync(version, script)).ShouldEnd(
            1, "imported", "failure -> \"ls\" cannot be sent: this script does not run under Servo, or its host has no portal socket (SERVO_PORTAL_SOCKET is not set)");
    }
}
