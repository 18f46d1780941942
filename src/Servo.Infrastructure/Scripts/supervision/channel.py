"""The connection with the host: a Unix stream socket, and the waiting for it.

A message of the host begins with one byte, its verb; a descriptor may come with that byte (SCM_RIGHTS, unix(7)). Answers are
lines of JSON. Scripts hold no end of it, so nothing that they print can be taken for an answer.
"""
import array
import errno
import fcntl
import json
import os
import select
import signal
import socket

try:
    import _multiprocessing  # Python 2.7, whose sockets have no recvmsg
except ImportError:
    _multiprocessing = None


def close_on_exec(fd):
    fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.fcntl(fd, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)


def retry(call, *arguments):
    """Calls again after a signal, as Python does by itself since 3.5."""
    while True:
        try:
            return call(*arguments)
        except (EnvironmentError, select.error) as e:
            if e.args[0] != errno.EINTR:
                raise


class Channel(object):
    """One end of a connection with the host."""

    def __init__(self, fd):
        self.socket = socket.fromfd(fd, socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.setblocking(True)
        os.close(fd)
        close_on_exec(self.socket.fileno())

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.socket.close()

    def verb(self, with_descriptor):
        """Returns the next message's verb and the descriptor that came with it, none where this process may have no more; an empty verb where the host has gone."""
        try:
            verb = retry(self.socket.recv, 1, socket.MSG_PEEK)
            if verb not in with_descriptor or not verb:
                return retry(self.socket.recv, 1) if verb else b'', None
            descriptor = self._descriptor()
        except socket.error:
            return b'', None
        if descriptor is not None:
            close_on_exec(descriptor)
        return verb, descriptor

    def _descriptor(self):
        if not hasattr(self.socket, 'recvmsg'):
            return retry(_multiprocessing.recvfd, self.fileno())
        numbers = array.array('i')
        _, ancillary, _, _ = self.socket.recvmsg(1, socket.CMSG_SPACE(numbers.itemsize))
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                numbers.frombytes(data[:numbers.itemsize])
        return numbers[0] if numbers else None

    def number(self):
        """Returns the decimal number that ends in a line feed, and reads nothing past it."""
        digits = b''
        while not digits.endswith(b'\n'):
            digit = retry(self.socket.recv, 1)
            if not digit:
                raise EOFError('the host has gone')
            digits += digit
        return int(digits)

    def say(self, **answer):
        try:
            self.socket.sendall(json.dumps(answer).encode('ascii') + b'\n')
        except socket.error:
            pass  # the host has gone: reading says so as well


class Wakeups(object):
    """Becomes readable when a child has ended."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        for fd in (self.reader, self.writer):
            close_on_exec(fd)
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self.writer)

    def fileno(self):
        return self.reader

    def drain(self):
        try:
            os.read(self.reader, 4096)
        except OSError:
            pass

    def close(self):
        signal.set_wakeup_fd(-1)
        os.close(self.reader)
        os.close(self.writer)


def wait(sources, timeout):
    """Returns which of the sources can be read, after the timeout in seconds at the latest (None: no limit)."""
    try:
        return select.select([source for source in sources if source is not None], [], [], timeout)[0]
    except select.error as e:
        if e.args[0] != errno.EINTR:
            raise
        return []
