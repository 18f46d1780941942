"""Starts scripts one after the other, and ends whatever they leave behind.

The host writes one request per line to standard input (see main) and reads standard output: all that a script and
its descendants print, then a trailer that starts with the request's unguessable mark. This process is the subreaper
(prctl(2)) of everything that a script starts: however a descendant daemonises, it becomes a child of this process when
its parent ends. So "waitpid(2) has no child left" is an exact proof that nothing lives on, and costs one call.

Runs on Python 2.7 and 3.6 or later; needs nothing but the standard library.
"""
import ctypes
import errno
import fcntl
import json
import os
import select
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 2.0
GIVE_UP_SECONDS = 10.0
KILL_AGAIN_SECONDS = 0.05

# What this process handles or ignores, and what Python itself ignores: a script finds none of it changed.
DEFAULTED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ)

clock = getattr(time, 'monotonic', time.time)


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode('utf-8')


def become_subreaper():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'prctl(PR_SET_CHILD_SUBREAPER) failed')


def close_inherited():
    """Closes what the host itself was started with and passed on unknowingly: a script is to hold its three streams only."""
    for name in os.listdir('/proc/self/fd'):
        if int(name) > 2:
            try:
                os.close(int(name))
            except OSError:
                pass  # the folder's own descriptor, closed when the listing was done


def descendants():
    """Returns the ids of all processes below this one, from /proc."""
    children = {}
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            with open('/proc/%s/stat' % name, 'rb') as stat:
                # The command's name stands in parentheses and may itself hold blanks and parentheses.
                parent = int(stat.read().rpartition(b')')[2].split()[1])
        except (IOError, OSError):
            continue
        children.setdefault(parent, []).append(int(name))

    found, walk = set(), [os.getpid()]
    while walk:
        for child in children.get(walk.pop(), ()):
            if child not in found:
                found.add(child)
                walk.append(child)
    return found


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass  # it ended meanwhile, or belongs to another user now


def terminate():
    pids = descendants()
    send(pids, signal.SIGTERM)
    send(pids, signal.SIGCONT)


def kill():
    # Stopped first: a process that forks faster than we look would otherwise always be one child ahead.
    stopped = set()
    for _ in range(100):
        new = descendants() - stopped
        if not new:
            break
        send(new, signal.SIGSTOP)
        stopped |= new
    send(stopped, signal.SIGKILL)


class Wakeups(object):
    """Lets select() return when a child has ended."""

    def __init__(self):
        self.reader, writer = os.pipe()
        for fd in (self.reader, writer):
            fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.fcntl(fd, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(writer)

    def drain(self):
        try:
            os.read(self.reader, 4096)
        except OSError:
            pass


class Requests(object):
    """The lines that the host writes to standard input."""

    def __init__(self):
        self.buffer = b''
        self.closed = False

    def receive(self):
        data = os.read(0, 65536)
        self.closed = not data
        self.buffer += data

    def line(self):
        line, separator, rest = self.buffer.partition(b'\n')
        if not separator:
            return None
        self.buffer = rest
        return line


def wait(fds, timeout):
    try:
        return select.select(fds, [], [], timeout)[0]
    except select.error as e:
        if e.args[0] != errno.EINTR:
            raise
        return []


def start(request):
    """Starts the script in a session of its own, with both output streams on the one pipe, so that their order holds."""
    directory = to_bytes(request['directory'])
    arguments = [to_bytes(word) for word in request['arguments']]
    environment = dict((to_bytes(name), to_bytes(value)) for name, value in request['environment'].items())
    try:
        return spawn(directory, arguments, environment)
    except (AttributeError, NotImplementedError):
        return fork(directory, arguments, environment)


def spawn(directory, arguments, environment):
    """Does it by posix_spawn, which copies no memory: Python 3.8 or later."""
    streams = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 1, 2)]
    here = os.open('.', os.O_RDONLY)
    try:
        os.chdir(directory)
        return os.posix_spawn(arguments[0], arguments, environment, file_actions=streams, setsid=True, setsigdef=DEFAULTED)
    except OSError as e:
        return fork(directory, arguments, environment, failure=e)
    finally:
        os.fchdir(here)
        os.close(here)


def fork(directory, arguments, environment, failure=None):
    """Does it by fork and exec; or only says, as the script would, why that failed already."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in DEFAULTED:
            signal.signal(number, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        if null > 2:
            os.close(null)
        os.dup2(1, 2)
        if failure:
            raise failure
        os.chdir(directory)
        os.execve(arguments[0], arguments, environment)
    except Exception as e:
        os.write(2, b'unable to start ' + arguments[0] + to_bytes(' (%s)\n' % e))
    finally:
        os._exit(127)


def reap(script):
    """Collects ended children: returns whether any is left, and the script's status if it was among them."""
    status = None
    while True:
        try:
            pid, ended = os.waitpid(-1, os.WNOHANG)
        except OSError as e:
            if e.errno == errno.EINTR:
                continue
            if e.errno == errno.ECHILD:
                return False, status
            raise
        if pid == 0:
            return True, status
        if pid == script:
            status = ended


def exit_code(status):
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def supervise(script, requests, wakeups):
    """Waits until nothing is left of the script: returns its exit code, whether it was interrupted, and whether anything survived."""
    code, interrupted, deadline, killing = None, False, None, None

    while True:
        left, status = reap(script)
        if status is not None:
            code = exit_code(status)
        if not left:
            return code, interrupted, False

        # While a script runs the one thing that the host may say, by any line, is that it is to end.
        asked = requests.line() is not None
        now = clock()
        if asked and deadline is None:
            interrupted = code is None
            terminate()
            deadline = now + GRACE_SECONDS
        elif code is not None and deadline is None:
            terminate()
            deadline = now + GRACE_SECONDS
        elif deadline is not None and now >= deadline:
            killing = killing or now
            if now - killing > GIVE_UP_SECONDS:
                return 255 if code is None else code, interrupted, True
            kill()
            deadline = now + KILL_AGAIN_SECONDS

        fds = [wakeups.reader] if requests.closed else [wakeups.reader, 0]
        ready = wait(fds, None if deadline is None else max(0, deadline - clock()))
        if wakeups.reader in ready:
            wakeups.drain()
        if 0 in ready:
            requests.receive()
            if requests.closed:
                # The host is gone: nobody can read what comes now, and nothing may outlive it.
                kill()
                deadline = clock() + KILL_AGAIN_SECONDS


def write(data):
    while data:
        try:
            data = data[os.write(1, data):]
        except OSError as e:
            if e.errno != errno.EINTR:
                raise


def main():
    close_inherited()
    become_subreaper()
    # A Ctrl-C at the host's terminal reaches its whole process group; when to end is the host's to say.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    wakeups, requests = Wakeups(), Requests()
    write(b'ready\n')

    while True:
        line = requests.line()
        if line is None:
            if requests.closed:
                return
            if 0 in wait([0], None):
                requests.receive()
            continue
        if not line:
            continue  # a late word that the script is to end: it had ended by itself
        request = json.loads(line.decode('utf-8'))
        code, interrupted, survived = supervise(start(request), requests, wakeups)
        write(b'\0' + to_bytes(request['mark']) + to_bytes('%03d%d%d\n' % (code, interrupted, survived)))
        if survived:
            sys.exit('processes that a script started could not be ended: %s' % sorted(descendants()))


main()
