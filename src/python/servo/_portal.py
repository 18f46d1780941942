"""Commands over the host's Unix socket: HTTP/1.1 on the C socket type, as `socket` and `http.client` cost a script ten times as much."""
import os
import sys

from . import ServoError, _bytes, _json_text, _native

try:
    import _socket
except ImportError:
    import socket as _socket

# A script that restored SIGPIPE's default would die without a word where the host hangs up. Python 2.7 does not name Linux's flag.
_FLAGS = getattr(_socket, 'MSG_NOSIGNAL', 0x4000 if sys.platform.startswith('linux') else 0)


def run(shown, line, body):
    """Sends a command line, with the body that holds its files or None, and returns the portal's `ok` and `out`."""
    try:
        answer = _exchange(shown, line, body)
    finally:
        if body:
            body.close()
    if answer.status != 200:
        raise ServoError(_refusal(shown, answer))

    portal = _json_object(answer)
    if portal is None:
        kind = answer.headers.get('content-type', 'no content type')
        raise ServoError('"%s" was not answered in JSON (%s): is the portal\'s address that of an Ochothon portal?' % (shown, kind))
    if portal.get('ok') not in (True, False) or not isinstance(portal.get('out'), type(u'')):
        raise ServoError('"%s" was answered in JSON that is not a portal\'s: it lacks "ok" or "out"' % shown)
    return bool(portal['ok']), portal['out']


def _refusal(shown, answer):
    """What the host says about a command that it could not forward (RFC 9457), or its status."""
    detail = (_json_object(answer) or {}).get('detail')
    return _native(detail) if detail and isinstance(detail, type(u'')) else '"%s" was refused by Servo with HTTP %d%s' % (shown, answer.status, answer.reason)


def _json_object(answer):
    try:
        value = _json_text.parse(answer.content.decode('utf-8'))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _exchange(shown, line, body):
    path = os.environ.get('SERVO_PORTAL_SOCKET')
    if not path:
        raise ServoError('"%s" cannot be sent: this script does not run under Servo, or its host has no portal socket '
                         '(SERVO_PORTAL_SOCKET is not set)' % shown)

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        # A command takes its time, whatever socket.setdefaulttimeout the script chose.
        connection.settimeout(None)
        try:
            connection.connect(path)
        except EnvironmentError as error:
            raise ServoError('"%s" cannot be sent: Servo does not listen on %s (%s)' % (shown, path, error.strerror or error))

        unsent = _send(connection, line, body)
        stream = os.fdopen(os.dup(connection.fileno()), 'rb')
        try:
            return Answer(stream)
        except (EnvironmentError, ValueError) as error:
            reason = unsent or getattr(error, 'strerror', None) or error
            raise ServoError('"%s" was not answered in full (%s): it may have been carried out all the same' % (shown, reason))
        finally:
            stream.close()
    finally:
        connection.close()


def _send(connection, line, body):
    """Sends the request; returns why it broke off, or None. A host that refuses an upload answers before it has read it all."""
    head = [b'POST /shell HTTP/1.1', b'Host: servo', b'Connection: close', b'X-Shell: ' + line]
    token = os.environ.get('SERVO_RUN_TOKEN')
    if token:
        head.append(b'Authorization: Bearer ' + _bytes(token))
    if body:
        head.append(b'Content-Type: multipart/form-data; boundary=' + body.boundary)
    head.append(_bytes('Content-Length: %d\r\n\r\n' % (body.length if body else 0)))

    try:
        connection.sendall(b'\r\n'.join(head), _FLAGS)
        for block in body.blocks() if body else ():
            connection.sendall(block, _FLAGS)
    except EnvironmentError as error:
        return error.strerror or error


class Answer(object):
    """An HTTP answer, read strictly: ValueError where it breaks off or is malformed."""

    def __init__(self, stream):
        self.status = 100
        while self.status < 200:
            self._read_head(stream)

        if 'transfer-encoding' in self.headers:
            self.content = b''.join(_chunks(stream, self.headers['transfer-encoding']))
        elif 'content-length' in self.headers:
            self.content = _exactly(stream, _number(self.headers['content-length'], 10))
        else:
            raise ValueError('it does not say how long it is')

    def _read_head(self, stream):
        version, _, rest = _line(stream).partition(' ')
        status, _, reason = rest.partition(' ')
        if not version.startswith('HTTP/1.') or len(status) != 3:
            raise ValueError('it is not HTTP')
        self.status = _number(status, 10)
        self.reason = ' (%s)' % reason if reason else ''

        self.headers = {}
        while True:
            line = _line(stream)
            if not line:
                return
            name, colon, value = line.partition(':')
            name, value = name.lower(), value.strip(' \t')
            if not colon or len(self.headers) == 100 or name == 'content-length' and self.headers.get(name, value) != value:
                raise ValueError('its head is malformed')
            self.headers[name] = value


def _chunks(stream, coding):
    if coding.lower() != 'chunked':
        raise ValueError('its transfer coding is unknown')
    while True:
        size = _number(_line(stream).partition(';')[0].strip(' \t'), 16)
        if not size:
            break
        yield _exactly(stream, size)
        if _line(stream):
            raise ValueError('a chunk is longer than it says')
    while _line(stream):
        pass


def _line(stream):
    line = stream.readline(65536)
    if not line.endswith(b'\n'):
        raise ValueError('its head is too long' if len(line) == 65536 else 'it broke off')
    return _native(line.rstrip(b'\r\n'))


def _number(text, base):
    # int() alone would take signs, blanks and underscores.
    if not text or text.strip('0123456789' if base == 10 else '0123456789abcdefABCDEF'):
        raise ValueError('its length is not a number')
    return int(text, base)


def _exactly(stream, count):
    blocks, left = [], count
    while left:
        block = stream.read(min(left, 1 << 20))
        if not block:
            raise ValueError('it broke off after %d of %d bytes' % (count - left, count))
        blocks.append(block)
        left -= len(block)
    return b''.join(blocks)
