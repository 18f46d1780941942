using System.Text.Json;
using Servo.Testing;

namespace Servo.Python.Tests;

public sealed class AnswerTests
{
    [Theory, EveryPython]
    public async Task An_answer_of_megabytes_arrives_whole_in_one_piece_or_in_chunks(string version)
    {
        var output = JsonSerializer.Serialize(new { text = string.Concat(Enumerable.Repeat("héllo 世界 \n\"", 100_000)) });
        await using var runner = await ScriptRunner.WithPortalAsync(line => line switch
        {
            "whole -j" => PortalAnswers.Ok(output),
            "chunked -j" => PortalAnswers.Chunked(output, 50_000),
            _ => PortalAnswers.Chunked("""{"text": "abc"}""", 1),
        });

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                expected = u'h\u00e9llo \u4e16\u754c \n"' * 100000
                assert proxy('whole')['text'] == expected
                assert proxy('chunked')['text'] == expected
                assert proxy('byte by byte')['text'] == 'abc'
            """);

        result.ShouldPrint("");
    }

    [Theory, EveryPython]
    public async Task A_slow_answer_is_waited_for_whatever_the_script_sets(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.After(TimeSpan.FromMilliseconds(250), PortalAnswers.Ok("{}")));

        var result = await runner.RunAsync(version, """
            import signal, socket
            from servo import servo
            ticks = []
            socket.setdefaulttimeout(0.05)
            signal.signal(signal.SIGALRM, lambda *_: ticks.append(1))
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
            with servo() as proxy:
                assert proxy('ls') == {}
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert len(ticks) > 2
            """);

        result.ShouldPrint("");
    }

    [Theory, EveryPython]
    public async Task Waiting_for_an_answer_can_be_interrupted(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.After(TimeSpan.FromSeconds(30), PortalAnswers.Ok("{}")));

        var result = await runner.RunAsync(version, """
            import signal
            from servo import servo

            def interrupt(*_):
                raise KeyboardInterrupt

            signal.signal(signal.SIGALRM, interrupt)
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            try:
                with servo() as proxy:
                    proxy('ls')
            except KeyboardInterrupt:
                print('interrupted')
            """);

        result.ShouldPrint("interrupted");
    }

    [Theory, EveryPython]
    public async Task Json_is_read_as_the_standard_library_reads_it(string version)
    {
        await using var runner = new ScriptRunner();

        var result = await runner.RunAsync(version, """
            import json, random
            from servo import _json_text

            def value(depth):
                kind = picks.randrange(9 if depth else 7)
                if kind < 3:
                    return [None, True, False][kind]
                if kind == 3:
                    return picks.randrange(-10 ** picks.randrange(1, 30), 10 ** 30)
                if kind == 4:
                    return picks.uniform(-1, 1) * 10 ** picks.randrange(-300, 300)
                if kind < 7:
                    return u''.join(picks.choice(u'a "\\/\b\n\t\u00e9\u4e16\x7f\u2028') for _ in range(picks.randrange(8)))
                values = [value(depth - 1) for _ in range(picks.randrange(5))]
                return values if kind == 7 else dict((u'k%d' % n, v) for n, v in enumerate(values))

            def read(parse, text):
                try:
                    return repr(parse(text))
                except ValueError:
                    return 'ValueError'

            picks = random.Random(7)
            texts = [u'', u' ', u'\t[1]\r\n', u'NaN', u'-Infinity', u'[1,]', u'{"a":1,"a":2}', u'01', u'1.', u'-', u'"\x01"', u'"\\ud83d\\ude00"', u'"a', u'[] []',
                     u'\ufeff[]', u'\u00a0[]', u'tru', u'{1:2}', u"{'a':1}"]
            for _ in range(400):
                text = json.dumps(value(4), ensure_ascii=picks.random() < .5, indent=picks.choice([None, 2]))
                text = text if isinstance(text, type(u'')) else text.decode('utf-8')
                texts += [text, text[:picks.randrange(len(text))]]
            for text in texts:
                assert read(_json_text.parse, text) == read(json.loads, text), text
            assert _json_text._scan is not None, 'the C scanner is not there'
            _json_text._scan = None
            for text in texts:
                assert read(_json_text.parse, text) == read(json.loads, text), text
            """);

        result.ShouldPrint("");
    }
}
