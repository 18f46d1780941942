"""The cluster's portal, for a script that Servo runs.

    from servo import servo

    with servo(strict=True, verbose=False) as proxy:
        clusters = proxy('ls')                    # the command's output, parsed from JSON
        proxy('deploy web.yml -p 2')              # a word that names a file uploads it, as web.yml
        proxy('exec *servo --force run steps.tgz a.py', upload=['steps'])     # a folder is uploaded on request, as <name>.tgz
        print(proxy.text('log *web'))             # for the commands that have no JSON output

A command that fails raises, or returns None where `strict` is False. A failed assertion or command that leaves the block
prints `failure -> <message>` and ends the script with exit code 1. `verbose` prints how each command ended.

One source for Python 2.7 and 3.6 or later, standard library only. It imports as little as it can, for every script pays:
what an upload or an answer needs is loaded at the first command that has one.
"""
import os
import sys

__all__ = ['servo', 'ServoError', 'CommandFailed']


class ServoError(AssertionError):
    """A command could not be sent, or was not answered as the portal answers."""


class CommandFailed(AssertionError):
    """The portal carried a command out and says that it failed; `out` is what it printed."""

    def __init__(self, message, out):
        AssertionError.__init__(self, message)
        self.out = out


class servo(object):
    """The block in which a script gives commands to the portal."""

    def __init__(self, strict=True, verbose=False):
        self._proxy = Proxy(strict, verbose)

    def __enter__(self):
        return self._proxy

    def __exit__(self, kind, error, trace):
        if isinstance(error, AssertionError):
            _say('failure -> ' + _message(error, trace))
            raise SystemExit(1)


class Proxy(object):
    """Forwards command lines to the portal."""

    def __init__(self, strict, verbose):
        self._strict = strict
        self._verbose = verbose

    def __call__(self, line, upload=()):
        """Runs a command and returns its output, parsed from JSON; None where it failed and the block is not strict.

        `upload` lists files, and folders that go as <name>.tgz, for commands that name them so; a file that is a word of the line goes anyway.
        """
        out = self._run(line, upload, [b'-j'])
        if out is None:
            return None

        from . import _json_text
        try:
            return _json_text.parse(out)
        except ValueError:
            pass
        line = _native(line)
        raise ServoError('"%s" succeeded but its output is not JSON: use proxy.text(%r) for a command that has no JSON output' % (line, line))

    def text(self, line, upload=()):
        """Runs a command and returns its output as text; None where it failed and the block is not strict."""
        return self._run(line, upload, [])

    def _run(self, line, upload, switches):
        from . import _portal
        words = _words(line)
        shown = _native(line)
        body = None

        if upload or any(word and os.path.isfile(os.path.expanduser(word)) for word in words):
            from . import _uploads
            words, body = _uploads.attach(shown, words, upload or ())

        ok, out = _portal.run(shown, b' '.join(words + switches), body)
        if self._verbose:
            _say('[%s] "%s"' % ('passed' if ok else 'failed', shown))
        if ok:
            return out
        if self._strict:
            raise CommandFailed('"%s" failed' % shown, out)


def _words(line):
    """The words of a line as bytes: it travels, and names files, in bytes, so that no locale has a say."""
    if not isinstance(line, (bytes, type(u''))):
        raise TypeError('a command is a text, not %r' % (line,))
    try:
        line = _bytes(line)
    except UnicodeError:
        raise ServoError('%r cannot be sent: it is not valid Unicode' % (line,))

    # The line is the value of a header: a line break would start another one, and blanks at its ends do not arrive.
    if any(mark in line for mark in (b'\r', b'\n', b'\0')):
        raise ServoError('%r cannot be sent: it holds a line break or a NUL character' % (line if bytes is str else _native(line),))
    line = line.strip(b' \t')
    if not line:
        raise ServoError('an empty command cannot be sent')
    return line.split(b' ')


# A name that is no UTF-8 reaches a Python 3 script with its odd bytes escaped; they go out as they were.
_ESCAPE = () if bytes is str else ('surrogateescape',)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode('utf-8', *_ESCAPE)


def _native(text):
    """The text as this Python's own `str`."""
    if isinstance(text, str):
        return text
    return text.encode('utf-8') if bytes is str else text.decode('utf-8', *_ESCAPE)


def _message(error, trace):
    """What an assertion says, or where it stands if it says nothing."""
    if len(error.args) == 1 and isinstance(error.args[0], (bytes, type(u''))):
        return _native(error.args[0])
    if error.args:
        return str(error)
    while trace.tb_next:
        trace = trace.tb_next
    return 'an assertion at line %d of %s' % (trace.tb_lineno, os.path.basename(trace.tb_frame.f_code.co_filename))


def _say(text):
    """Prints a line at once, whatever the output's encoding."""
    try:
        sys.stdout.write(text + '\n')
    except UnicodeError:
        sys.stdout.write(text.encode('ascii', 'backslashreplace').decode('ascii') + '\n')
    sys.stdout.flush()
