"""Runs scripts, one at a time, and proves that nothing of them lives on.

A supervisor is the subreaper of everything that a script starts, so "waitpid(2) has no child left" is an exact proof that nothing
lives on, and costs one call. The host says `r` with the write end of a pipe of the script's own, then whatever makes up its sandbox, each part by its verb (sandbox.py), then
`d` with a file in memory that holds the request as JSON (directory, arguments, environment, limits, user), and while the script runs `i`: it is to end. The supervisor answers {"pid"} once at first, then for each
script {"started"} and {"code", "interrupted", "survived", "retired", "cpu", "memory", "written"}, or {"retired"} where it started nothing. Retired
it ends: somebody has changed its limits or priorities.
"""
import json
import os
import signal
import socket
import time

import processes
import sandbox
from channel import Wakeups, wait

GRACE_SECONDS = 2.0
GIVE_UP_SECONDS = 2.0
KILL_AGAIN_SECONDS = 0.05

# What this process handles or ignores, and what Python itself ignores: a script finds none of it changed.
DEFAULTED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ)

clock = getattr(time, 'monotonic', time.time)


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode('utf-8')


def read_request(descriptor):
    """Returns directory, arguments and environment, in bytes, limits, and the user or None."""
    request = json.loads(os.read(descriptor, os.fstat(descriptor).st_size).decode('utf-8'))
    environment = dict((to_bytes(name), to_bytes(value)) for name, value in request['environment'].items())
    return to_bytes(request['directory']), [to_bytes(word) for word in request['arguments']], environment, request['limits'], request['user']


class ColdStart(object):
    """Starts each script in an interpreter of its own: by posix_spawn, or from a process that was forked ahead, where the script has what only a process sets for
    itself before it runs anything (limits, a user, a cgroup)."""

    def __init__(self):
        self.ahead = self.spare = None

    def told(self):
        """What the host is to know of it."""
        return {}

    def prepare(self, channel):
        """Forks the next script's process where the last one had to be forked."""
        self.spare = None
        if self.ahead is None:
            return
        try:
            self.spare, forked = self.ahead.fork(b'', channel)
        except EnvironmentError:  # no process or descriptor is free; the next script is forked when it comes
            return
        if forked is not None:
            become(forked)

    def inheritance(self):
        """What a script inherits."""
        return self.spare.inheritance() if self.spare is not None else processes.inheritance()

    def settle(self, seconds):
        """Waits, so long at most, until the script's process heeds signals; one that was not forked ahead does at once."""
        if self.spare is not None:
            self.spare.wait_until_taken(seconds)

    def start(self, request, output, box):
        """Starts the script in a session of its own, with both output streams on its pipe, so that their order holds, and in its sandbox."""
        if self.spare is not None:
            try:
                self.spare.give(request, output, box)
                return self.spare.pid
            except OSError:  # it has ended
                self.spare = None
        request, failure = read_request(request), None
        directory, arguments, environment, limits, user = request
        if limits or user is not None or box.is_of_process():
            self.ahead = load_ahead()
        else:
            try:
                return box.call(spawn, directory, arguments, environment, output, box)
            except (AttributeError, ImportError, NotImplementedError):  # an old Python or C library
                pass
            except OSError as e:
                failure, box = e, None
        return fork(request, output, failure, box)


def load_ahead():
    """Returns what forks ahead; None where this Python is too old for it."""
    if not hasattr(socket, 'send_fds'):
        return None
    import ahead
    return ahead


def become(forked):
    """Waits, in the process that was forked ahead, for its script, and becomes it."""
    try:
        forked.withdraw()
        file, box = forked.wait()
        processes.wake_no_longer_when_the_parent_ends()
        request = read_request(file)
    except BaseException:
        os._exit(127)
    execute(*request, box=box)


def spawn(directory, arguments, environment, output, box):
    """Does it by posix_spawn, which copies no memory: Python 3.8 or later."""
    streams = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, 1, 2)]
    streams += [(os.POSIX_SPAWN_DUP2, descriptor, sandbox.HANDED) for verb, descriptor in box.parts() if verb == sandbox.BUBBLEWRAP]
    try:
        os.chdir(directory)
        return os.posix_spawn(arguments[0], arguments, environment, file_actions=streams, setsid=True, setsigdef=DEFAULTED)
    except OSError as e:
        return fork((directory, arguments, environment, {}, None), output, failure=e)
    finally:
        os.chdir('/')


def fork(request, output, failure=None, box=None):
    """Does it by fork and exec; or only says, as the script would, why that failed already."""
    pid = os.fork()
    if pid:
        return pid
    redirect(output)
    execute(*request, failure=failure, box=box)


def redirect(output):
    """Gives this process the three streams of a script."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(null)
    os.close(output)


def execute(directory, arguments, environment, limits, user, failure=None, box=None):
    """Becomes the script by exec, or ends with the reason why not as its output."""
    try:
        if box is not None:
            box.enter()
            box.hand_over()
        if os.getsid(0) != os.getpid():
            os.setsid()
        signal.set_wakeup_fd(-1)
        for number in DEFAULTED:
            signal.signal(number, signal.SIG_DFL)
        if hasattr(signal, 'pthread_sigmask'):
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if failure:
            raise failure
        os.chdir(directory)
        processes.limit(limits)
        processes.become_user(user)
        os.execve(arguments[0], arguments, environment)
    except Exception as e:
        os.write(2, b'unable to start ' + arguments[0] + to_bytes(' (%s)\n' % e))
    finally:
        os._exit(127)


def exit_code(status):
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


class Supervisor(object):
    """The life of a supervisor, in a process that was forked for it."""

    def __init__(self, channel, host, baseline, starter):
        processes.become_subreaper()
        processes.wake_when_the_parent_ends()
        self.channel, self.host, self.baseline, self.starter = channel, host, baseline, starter
        self.wakeups = Wakeups()

    def serve(self):
        """Runs scripts until the host has gone or one of them has left something that cannot be ended; returns None, or in a forked script what it is to become."""
        self.channel.say(pid=os.getpid())

        forked = self.starter.prepare(self.channel)
        while forked is None:
            ready = wait([self.channel, self.host], None)
            if self.host is not None and self.host in ready:
                return None
            if self.channel not in ready:
                continue
            verb, output = self.channel.verb(with_descriptor=b'r')
            if not verb:
                return None
            if verb == b'r':
                if not self.run(output):
                    return None
                forked = self.starter.prepare(self.channel)
            # Any other verb came too late: the script that it was to end had ended by itself.
        return forked

    def run(self, output):
        """Runs one script; returns whether another may follow."""
        expected = b''.join(sandbox.VERBS) + b'd'
        verb, request = self.channel.verb(with_descriptor=expected)
        box = sandbox.Sandbox()
        while verb in sandbox.VERBS and request is not None:
            box.add(verb, request)
            verb, request = self.channel.verb(with_descriptor=expected)
        if not verb:
            return False
        # Whoever has set its limit of open files below what comes has tampered with it as well.
        if verb != b'd' or None in (output, request) or self.starter.inheritance() != self.baseline:
            self.channel.say(retired=True)
            return False
        script = self.starter.start(request, output, box)
        box.close()
        os.close(request)
        os.close(output)
        self.channel.say(started=script)
        usage = processes.Usage()
        code, interrupted, survived = self.supervise(script, usage)
        retired = processes.inheritance() != self.baseline
        self.channel.say(code=code, interrupted=interrupted, survived=survived, retired=retired, **vars(usage))
        return not survived and not retired

    def supervise(self, script, usage):
        """Waits until nothing is left of the script, and adds up what it used: returns its exit code, whether it was interrupted, and whether anything survived."""
        code, interrupted, deadline, killing, gone, asked = None, False, None, None, False, False

        while True:
            ended, left = processes.reap(usage)
            if script in ended:
                code = exit_code(ended[script])
            if not left:
                return code, interrupted, False

            now = clock()
            if gone:
                # Nobody can read what comes now, and nothing may outlive the host.
                processes.kill()
                deadline = now + KILL_AGAIN_SECONDS
            elif asked and not interrupted and code is None:
                interrupted, deadline = True, now + GRACE_SECONDS
                self.starter.settle(GRACE_SECONDS)
                processes.terminate()
            elif code is not None and deadline is None:
                deadline = now + GRACE_SECONDS
                processes.terminate()
            elif deadline is not None and now >= deadline:
                killing = killing or now
                if now - killing > GIVE_UP_SECONDS:
                    return 255 if code is None else code, interrupted, True
                processes.kill()
                deadline = now + KILL_AGAIN_SECONDS

            sources = [self.wakeups] if gone else [self.wakeups, self.channel, self.host]
            ready = wait(sources, None if deadline is None else max(0, deadline - clock()))
            if self.wakeups in ready:
                self.wakeups.drain()
            if self.host is not None and self.host in ready:
                gone = True
            elif self.channel in ready:
                # While a script runs the one thing that the host may say is that it is to end.
                verb, _ = self.channel.verb(with_descriptor=b'')
                gone, asked = not verb, True
