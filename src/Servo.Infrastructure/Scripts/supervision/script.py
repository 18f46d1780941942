"""Turns a fork of the warm interpreter into the script that was asked for.

Everything of a run, its directory, arguments and environment, is read here, in the script's own process, and nowhere above it.
A request that this interpreter cannot take is carried out by exec, a cold start; the reason is left in the request's file for the host.
"""
import collections
import ctypes
import functools
import gc
import io
import json
import os
import signal
import site
import sys
import time

import ahead
import disguise
import ending
import forkserver
import processes
import rehearsal
from supervisor import execute, read_request, redirect, to_bytes

# What an interpreter, the C library or a library that is loaded already read at their start.
READ_AT_START = (b'PYTHON', b'LD_', b'LC_', b'LANG', b'GLIBC_', b'MALLOC_', b'OPENSSL_', b'LOCPATH', b'NLSPATH', b'GCONV_')

# The last record of a zip archive with the longest comment there can be.
LONGEST_ARCHIVE_END = 22 + 65535

# How many calls of C are below the script: those of `_ending_in`'s hook. A script has its full depth all the same.
DEPTH = 5

_ending = ending.Ending()

_python = ctypes.PyDLL(None)  # not ctypes.pythonapi, which is the script's as well


class NeedsColdStart(Exception):
    """Why the request cannot be carried out in this interpreter."""


class Warmth(object):
    """What a supervisor of the warm interpreter starts scripts with, instead of posix_spawn: a fork that was made ahead."""

    def __init__(self, snapshot, hidden):
        self.snapshot, self.hidden = snapshot, hidden

    def told(self):
        """What the host is to watch: a new interpreter would be another one once any of it has changed."""
        folders = [folder for folder in self.snapshot.path if os.path.isdir(folder)]
        environment = os.path.join(os.path.dirname(os.path.dirname(sys.executable)), 'pyvenv.cfg')
        paths = [os.path.join(folder, name) for folder in folders for name in os.listdir(folder) if name.endswith('.pth')]
        start = [vars(module).get('__file__') for name, module in self.snapshot.modules.items() if name != '__main__']
        return {'folders': _times([sys.executable, environment, '/etc/localtime'] + self.snapshot.path), 'files': _times(paths + start + self.hidden.files())}

    def serve(self):
        """Serves the host; returns in a forked script what was asked for and what prepares it, else None twice."""
        # All that is loaded is exempt from the collector, and what is hidden from the end of an interpreter: both would copy every page to no purpose.
        _python.Py_IncRef(self)
        gc.collect()
        gc.freeze()
        self.regions, forked = rehearsal.rehearse(self.snapshot.environment, _ending)
        return forked or forkserver.main(self), functools.partial(become, snapshot=self.snapshot, hidden=self.hidden)

    def prepare(self, channel):
        """Forks the next script's process; returns None, in that process itself a `Forked`."""
        try:
            self.spare, forked = ahead.fork(self.regions, channel)
        except EnvironmentError:  # no process or descriptor is free; the next request finds none and retires this supervisor
            self.spare = forked = None
        return forked

    def inheritance(self):
        """What the next script's process has inherited; None where there is none."""
        return self.spare and self.spare.inheritance()

    def start(self, request, output, box):
        """Returns the id of the script's process."""
        try:
            self.spare.give(request, output, box)
            return self.spare.pid
        except OSError:
            return start_cold(request, output, box)

    def settle(self, seconds):
        """Waits, so long at most, until the script's process heeds signals."""
        self.spare.wait_until_taken(seconds)


def start_cold(request, output, box):
    """Returns the id of a process that starts an interpreter for the script, as nothing waits for it. Only that process reads the request."""
    pid = os.fork()
    if pid == 0:
        redirect(output)
        os.pwrite(request, b'\nnothing was forked ahead', os.fstat(request).st_size)
        execute(*read_request(request), box=box)
    return pid


def _times(paths):
    """When each path, and what it leads to, has changed last, in nanoseconds; 0 where there is nothing."""
    paths = {each for path in paths if path and os.path.isabs(path) for each in (path, os.path.realpath(path))}
    return {path: os.lstat(path).st_mtime_ns if os.path.lexists(path) else 0 for path in paths}


def become(forked, snapshot, hidden):
    """Prepares the script; returns what the interpreter is to call once this program has no frame left."""
    try:
        forked.withdraw()
        _take_over_streams()
        file, box = forked.wait()
        processes.wake_no_longer_when_the_parent_ends()
        box.enter()
        directory, arguments, environment, limits, user = request = read_request(file)
        os.chdir(directory)
        try:
            path = _check(arguments, environment, snapshot)
            _take_over_environment(environment)
        except NeedsColdStart as e:
            os.pwrite(file, to_bytes('\n%s' % e), os.fstat(file).st_size)
            execute(*request)
        processes.limit(limits)
        processes.become_user(user)
        box.close()
        os.close(file)
        _take_over_signals()
        forked.connection.close()
        disguise.become_dumpable()
        disguise.show(arguments, environment)
        sys.argv[:] = [os.fsdecode(word) for word in arguments[1:]]
        if hasattr(sys, 'orig_argv'):
            sys.orig_argv[:] = [os.fsdecode(word) for word in arguments]
        sys.path[:] = [os.path.dirname(os.path.realpath(sys.argv[0]))] + snapshot.path
        return _ending_in(path, functools.partial(_prepare, snapshot, hidden))
    except BaseException as e:
        os.write(2, b'unable to start ' + os.fsencode(sys.executable) + to_bytes(' (%s)\n' % e))
        os._exit(127)


def _check(arguments, environment, snapshot):
    """Returns the script's path as the interpreter names it; raises where another process has to run it."""
    if arguments[0] != os.fsencode(sys.executable) or len(arguments) != 2:
        raise NeedsColdStart('another interpreter')
    for name in set(environment) | set(snapshot.environment):
        # Its family is named, not itself: a caller chooses names, and a metric must not have as many labels.
        family = next((each for each in READ_AT_START if name.startswith(each)), None)
        if family and environment.get(name) != snapshot.environment.get(name):
            raise NeedsColdStart('%s* differs' % os.fsdecode(family))
    path = arguments[1]
    if not os.path.isabs(path):
        path = os.path.join(os.getcwdb(), path)
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        raise NeedsColdStart('no file')
    if _may_be_archive(path):
        raise NeedsColdStart('an archive')
    # What remains of the interpreter's own look at it.
    sys.path_importer_cache[os.fsdecode(path)] = None
    return path


def _may_be_archive(path):
    """Whether a file's end has the mark of a zip archive, which the interpreter runs as a folder."""
    with io.open(path, 'rb', 0) as file:
        file.seek(-min(LONGEST_ARCHIVE_END, file.seek(0, os.SEEK_END)), os.SEEK_END)
        return b'PK\5\6' in file.read()


def _take_over_signals():
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _take_over_environment(environment):
    variables = os.environ._data  # of bytes; `os.environb.clear` does the same in many times the steps
    for name in variables:
        os.unsetenv(name)
    variables.clear()
    variables.update(environment)
    for name, value in environment.items():
        os.putenv(name, value)
    if b'TZ' in environment:
        time.tzset()
    if site.ENABLE_USER_SITE is not None:
        site.USER_BASE = site.USER_SITE = None
        folder = site.getusersitepackages()
        if site.ENABLE_USER_SITE and os.path.isdir(folder):
            raise NeedsColdStart('packages of a user')


def _take_over_streams():
    """Opens the standard streams as the interpreter does at its start."""
    buffered = hasattr(sys.__stdout__.buffer, 'raw')
    for descriptor, name, mode in ((0, 'stdin', 'r'), (1, 'stdout', 'w'), (2, 'stderr', 'w')):
        was = getattr(sys, '__%s__' % name)
        binary = io.open(descriptor, mode + 'b', -1 if buffered or mode == 'r' else 0, closefd=False)
        raw = getattr(binary, 'raw', binary)
        raw.name = '<%s>' % name
        is_terminal = raw.isatty()
        stream = io.TextIOWrapper(binary, was.encoding, 'backslashreplace' if name == 'stderr' else was.errors, '\n',
                                  buffered and (is_terminal or name == 'stderr'), not buffered)
        stream.mode = mode
        setattr(sys, name, stream)
        setattr(sys, '__%s__' % name, stream)


def _prepare(snapshot, hidden):
    """The last of this program: runs below no other frame, and before the script's first."""
    sys.excepthook = sys.__excepthook__
    for name in ('last_type', 'last_value', 'last_traceback', 'last_exc'):
        vars(sys).pop(name, None)
    _ending.register()
    snapshot.begin_main()
    hidden.install()
    for _ in range(DEPTH):
        _leave()


def _end(failed):
    """After a script that did not fail this process ends as the interpreter does; else the raised `Ready` ends it with 1."""
    for _ in range(DEPTH):
        _enter(b'')
    if not failed:
        _ending.script_succeeded()
        raise SystemExit(0)


def _ending_in(path, prepare):
    """A hook in C alone: it calls `prepare`, runs the script as `python FILE` does, and calls `_end` with the outcome."""
    run = functools.partial(_python.PyRun_AnyFileExFlags, _libc.fopen(path, b're'), path, 1, None)
    steps = map(functools.partial.__call__, [prepare, run])
    return functools.partial(_python.PyObject_Call, collections.deque, (steps, 0), {})


_libc = ctypes.CDLL(None)
_libc.fopen.restype = ctypes.c_void_p
_leave, _enter = _python.Py_LeaveRecursiveCall, _python.Py_EnterRecursiveCall
_python.Py_IncRef.argtypes = (ctypes.py_object,)
_python.PyRun_AnyFileExFlags.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)
_python.PyRun_AnyFileExFlags.restype = _end
_python.PyObject_Call.argtypes = (ctypes.py_object,) * 6  # the function itself takes three; the interpreter adds the three of an excepthook
_python.PyObject_Call.restype = ctypes.py_object
