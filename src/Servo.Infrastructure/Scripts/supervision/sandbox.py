"""Enters the sandbox that the host has made for a script: a Landlock ruleset, as a descriptor (docs/decisions/0029).

What enters is a thread, with all that it starts from then on; there is no way back.
"""
import ctypes
import os
import time

import processes

PR_SET_NO_NEW_PRIVS = 38
RESTRICT_SELF = 446  # landlock_restrict_self(2), the same number on every architecture
CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3

# Whoever has one of these is shown the environment of every process, whatever a sandbox says (the kernel's perfmon_capable): CAP_SYS_ADMIN, CAP_PERFMON.
ALL_SEEING = (21, 38)

_libc = ctypes.CDLL(None, use_errno=True)
# Made here, as a fork copies each page that it writes: effective, permitted and inheritable, for capabilities 0 to 31 and 32 to 63.
_header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
_sets = (ctypes.c_uint32 * 6)()


def enter(ruleset):
    """Gives up, for this thread and what it starts, all that the ruleset does not allow; raises where the kernel refuses."""
    processes.control(PR_SET_NO_NEW_PRIVS, 1, 'PR_SET_NO_NEW_PRIVS')
    give_up_capabilities()
    if _libc.syscall(RESTRICT_SELF, ruleset, 0) != 0:
        raise OSError(ctypes.get_errno(), 'landlock_restrict_self failed')


def give_up_capabilities():
    """Without effect on a user without rights; no exec gives them back, as there are no new privileges."""
    if _libc.capget(_header, _sets) != 0:
        raise OSError(ctypes.get_errno(), 'capget failed')
    if not any(_sets):
        return
    for number in ALL_SEEING:
        for kind in range(3):
            _sets[number // 32 * 3 + kind] &= ~(1 << number % 32) & 0xffffffff
    if _libc.capset(_header, _sets) != 0:
        raise OSError(ctypes.get_errno(), 'capset failed')


def call_within(ruleset, function, *arguments):
    """Calls a function in a thread that has entered, and leaves the rest of this process as it is; returns what it returned, when the thread is gone."""
    import _thread
    outcome, ended = [], _thread.allocate_lock()

    def run():
        try:
            enter(ruleset)
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
