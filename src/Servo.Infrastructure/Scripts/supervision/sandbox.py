"""Enters the sandbox that the host has made for a script: a cgroup, a Landlock ruleset, and a filter of system calls, as descriptors (docs/decisions/0029, 0030,
0033); or hands such a filter over to bubblewrap (0032).

What enters is a thread, with all that it starts from then on; there is no way back.
"""
import ctypes
import fcntl
import os
import time

import processes

PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
CREATE_RULESET = 444  # landlock_create_ruleset(2), and below landlock_restrict_self(2): the same numbers on every architecture
RESTRICT_SELF = 446
MAKE_BLOCK = 1 << 11  # LANDLOCK_ACCESS_FS_MAKE_BLOCK
CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3

ALL = 0xffffffffffffffff


def _bits(*numbers):
    return sum(1 << number for number in numbers)


# Whoever has CAP_SYS_ADMIN or CAP_PERFMON is shown the environment of every process, whatever a sandbox says (the kernel's perfmon_capable).
KEPT = ALL & ~_bits(21, 38)

# What root keeps where its calls are filtered: over owners and modes of files, signals, users, and ports below 1024. The others change the machine, its network
# above all, and with that what the sandbox's rules are about.
KEPT_WHERE_FILTERED = _bits(0, 1, 3, 4, 5, 6, 7, 10)

# What root loses in a cgroup: to be spared where memory is short, and to have processors before others.
KEPT_IN_CGROUP = ALL & ~_bits(23, 24)

# The number under which bubblewrap finds its filter, as the host has told it.
HANDED = 3

_libc = ctypes.CDLL(None, use_errno=True)
# Made here, as a fork copies each page that it writes: effective, permitted and inheritable, for capabilities 0 to 31 and 32 to 63.
_header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
_sets = (ctypes.c_uint32 * 6)()


# What the host hands over, each by its verb: the entrance of a cgroup, rules, a filter of system calls, one that only keeps the script in its cgroup, and one
# for bubblewrap.
CGROUP, RULES, FILTER, CGROUP_FILTER, BUBBLEWRAP = VERBS = b'g', b's', b'c', b'n', b'b'


class Sandbox(object):
    """What a script's process enters, all of it or a part or nothing; and what bubblewrap is handed, if that starts the script."""

    def __init__(self):
        self.given = {}

    def add(self, verb, descriptor):
        """Takes what the host hands over."""
        self.given[verb] = descriptor

    def parts(self):
        """What it was given, as pairs of verb and descriptor."""
        return list(self.given.items())

    def close(self):
        for descriptor in self.given.values():
            os.close(descriptor)

    def is_of_process(self):
        """Whether it is one that a whole process enters, as no thread enters a cgroup alone."""
        return CGROUP in self.given

    def enter(self):
        """Gives up, for this thread and what it starts, all that is not allowed; raises where the kernel refuses."""
        if CGROUP in self.given:
            os.write(self.given[CGROUP], b'0')
        if RULES in self.given:
            processes.control(processes.PR_SET_NO_NEW_PRIVS, 1, 'PR_SET_NO_NEW_PRIVS')
            kept = KEPT_WHERE_FILTERED if FILTER in self.given else KEPT
            keep_capabilities(kept & KEPT_IN_CGROUP if CGROUP in self.given else kept)
            if _libc.syscall(RESTRICT_SELF, self.given[RULES], 0) != 0:
                raise OSError(ctypes.get_errno(), 'landlock_restrict_self failed')
        for verb in (FILTER, CGROUP_FILTER):
            if verb in self.given:
                filter_calls(self.given[verb])

    def hand_over(self):
        """Lets the program that this process becomes find what it is to be handed."""
        if BUBBLEWRAP in self.given:
            os.dup2(self.given[BUBBLEWRAP], HANDED)
            fcntl.fcntl(HANDED, fcntl.F_SETFD, 0)

    def call(self, function, *arguments):
        """Calls a function in a thread that has entered, and leaves the rest of this process as it is; returns what it returned, when the thread is gone."""
        if RULES not in self.given and FILTER not in self.given:
            return function(*arguments)
        import _thread
        outcome, ended = [], _thread.allocate_lock()

        def run():
            try:
                self.enter()
                outcome.append(function(*arguments))
            except BaseException as e:
                outcome.append(e)
            finally:
                ended.release()

        ended.acquire()
        _thread.start_new_thread(run, ())
        ended.acquire()
        # A child whose PR_SET_PDEATHSIG is set has this thread for a parent until it is gone.
        while len(os.listdir('/proc/self/task')) > 1:
            time.sleep(0.00005)
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]


def unnoticed():
    """Returns a sandbox that denies nothing but to make block devices; an empty one where the kernel has no Landlock."""
    box = Sandbox()
    rights = ctypes.c_uint64(MAKE_BLOCK)
    ruleset = _libc.syscall(CREATE_RULESET, ctypes.byref(rights), ctypes.c_size_t(ctypes.sizeof(rights)), 0)
    if ruleset >= 0:
        box.add(RULES, ruleset)
    return box


def filter_calls(descriptor):
    """Takes a filter of system calls, an array of struct sock_filter, from a file in memory that others read as well: its position stays."""
    length = os.fstat(descriptor).st_size
    program = ctypes.create_string_buffer(length)
    if _libc.pread(descriptor, program, ctypes.c_size_t(length), ctypes.c_long(0)) != length:
        raise OSError(ctypes.get_errno(), 'the filter cannot be read')
    header = Filter(length // 8, ctypes.addressof(program))
    processes.control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 'PR_SET_SECCOMP', ctypes.byref(header))


class Filter(ctypes.Structure):
    """struct sock_fprog."""
    _fields_ = [('count', ctypes.c_ushort), ('program', ctypes.c_void_p)]


def keep_capabilities(kept):
    """Gives up all other capabilities; PR_SET_NO_NEW_PRIVS keeps exec from returning them. A user without any keeps none."""
    if _libc.capget(_header, _sets) != 0:
        raise OSError(ctypes.get_errno(), 'capget failed')
    if not any(_sets):
        return
    for i in range(6):
        _sets[i] &= kept >> i // 3 * 32 & 0xffffffff
    if _libc.capset(_header, _sets) != 0:
        raise OSError(ctypes.get_errno(), 'capset failed')
