"""Finds, ends and inspects processes, by prctl(2) and /proc.

Runs on Python 2.7 and 3.6 or later; needs nothing but the standard library.
"""
import ctypes
import errno
import os
import platform
import resource
import signal

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
IOPRIO_GET = {'x86_64': 252, 'aarch64': 31}.get(platform.machine())
PIDFD_OPEN = 434  # the same number on every architecture
STOP_PASSES = 100
USUAL_OPEN_FILES = 1024
CPU_GRACE_SECONDS = 2

_libc = ctypes.CDLL(None, use_errno=True)


def control(option, value, name, third=0):
    """Calls prctl(2); raises where the kernel refuses."""
    if _libc.prctl(option, value, third, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'prctl(%s) failed' % name)


def give_up_protection():
    """Becomes as likely a victim as others where memory is short: a gateway that is spared (OOMScoreAdjust=) does not mean its scripts, which no limit would end."""
    if int(_read('/proc/self/oom_score_adj')) < 0:
        descriptor = os.open('/proc/self/oom_score_adj', os.O_WRONLY)
        os.write(descriptor, b'0')
        os.close(descriptor)


def become_undumpable():
    """Closes this process to others of its user: no tracing, no memory, no descriptors by /proc or pidfd_getfd(2). Children inherit it until they exec."""
    control(PR_SET_DUMPABLE, 0, 'PR_SET_DUMPABLE')


def wake_when_the_parent_ends():
    """A stopped process can watch nobody: the end of its parent, and of every later one, continues it, so that it can see that the host is gone."""
    control(PR_SET_PDEATHSIG, signal.SIGCONT, 'PR_SET_PDEATHSIG')


def wake_no_longer_when_the_parent_ends():
    """What is to become a script asks the kernel for nothing of the kind."""
    control(PR_SET_PDEATHSIG, 0, 'PR_SET_PDEATHSIG')


def become_subreaper():
    """However a descendant daemonises, it becomes a child of this process when its parent ends."""
    control(PR_SET_CHILD_SUBREAPER, 1, 'PR_SET_CHILD_SUBREAPER')


def open_pidfd(pid):
    """Returns a descriptor that becomes readable when the process ends, or None where the kernel has none (before Linux 5.3)."""
    descriptor = _libc.syscall(PIDFD_OPEN, pid, 0)
    return descriptor if descriptor >= 0 else None


def restore_affinity(mask):
    """Takes back that somebody has bound the host's threads to other processors; the mask is in the form of /proc/PID/status, Cpus_allowed, or empty where it is not known."""
    if not mask:
        return
    bits = int(mask.replace(',', ''), 16)
    size = (bits.bit_length() + 63) // 64 * 8
    words = (ctypes.c_ubyte * size)(*[(bits >> (8 * i)) & 0xff for i in range(size)])
    _libc.sched_setaffinity(0, size, words)


def close_all_but_streams(kept=None):
    """Closes every descriptor but the three streams and one that is kept: a script is to hold nothing of those above it."""
    for name in os.listdir('/proc/self/fd'):
        if int(name) > 2 and int(name) != kept:
            try:
                os.close(int(name))
            except OSError:
                pass  # the folder's own descriptor, closed when the listing was done


def restore_open_files():
    """Takes back that the host's runtime has raised its soft limit of open files: programs that use select(2) or close all descriptors expect the usual one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = USUAL_OPEN_FILES if hard == resource.RLIM_INFINITY else min(USUAL_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _read(path):
    """Reads a file of the kernel's; without the many calls of a Python file, as this is done for each script."""
    descriptor, data = os.open(path, os.O_RDONLY), b''
    try:
        while True:
            part = os.read(descriptor, 65536)
            if not part:
                return data
            data += part
    finally:
        os.close(descriptor)


def inheritance(pid=0):
    """What a child inherits of a process, this one if none is named, although that never changed it: others of its user may, by prlimit(2), setpriority(2), sched_setaffinity(2) and the like."""
    folder = '/proc/%s/' % (pid or 'self')
    # The command's name stands in parentheses and may itself hold blanks and parentheses; nice, real-time priority and policy are fields 19, 40 and 41.
    stat = _read(folder + 'stat').rpartition(b')')[2].split()
    status = [line for line in _read(folder + 'status').splitlines() if line.startswith((b'Cpus_allowed:', b'Mems_allowed:'))]
    files = [_read(folder + name) for name in ('limits', 'cgroup', 'oom_score_adj')]
    return [stat[16], stat[37], stat[38], status, files, IOPRIO_GET and _libc.syscall(IOPRIO_GET, 1, pid)]


def _table():
    """Maps each process id to the ids of its children."""
    children = {}
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            parent = int(_read('/proc/%s/stat' % name).rpartition(b')')[2].split()[1])
        except (IOError, OSError, IndexError):
            continue  # it has ended meanwhile
        children.setdefault(parent, []).append(int(name))
    return children


def descendants(spared=frozenset()):
    """Returns the ids of all processes below this one, without those children that are spared and what is below them."""
    children = _table()
    found, walk = set(), [os.getpid()]
    while walk:
        for child in children.get(walk.pop(), ()):
            if child not in found and child not in spared:
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


def kill(spared=frozenset()):
    """Kills all descendants but the spared."""
    # Stopped first: a process that forks faster than we look would otherwise always be one child ahead.
    stopped = set()
    for _ in range(STOP_PASSES):
        new = descendants(spared) - stopped
        if not new:
            break
        send(new, signal.SIGSTOP)
        stopped |= new
    send(stopped, signal.SIGKILL)


def limit(limits):
    """Limits this process and what it starts, by names without RLIMIT_; a limit that is lower already stays."""
    for name, value in limits.items():
        number = getattr(resource, 'RLIMIT_' + name)
        _, hard = resource.getrlimit(number)
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # A process is told that its time is over by SIGXCPU, which it may outlive for a moment.
        most = min(least + CPU_GRACE_SECONDS, hard if hard != resource.RLIM_INFINITY else least + CPU_GRACE_SECONDS) if name == 'CPU' else least
        resource.setrlimit(number, (least, most))


def become_user(user):
    """Becomes a user for good, with the group of the same number and no other; does nothing where there is none."""
    if user is None:
        return
    control(PR_SET_NO_NEW_PRIVS, 1, 'PR_SET_NO_NEW_PRIVS')  # a program that an earlier user has left as set-uid makes nobody that user
    os.fchown(1, user, user)  # whoever opens /dev/stdout opens the pipe once more
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


class Usage(object):
    """What ended children have used, each with those that it has waited for: seconds of processors, and bytes."""

    def __init__(self):
        self.cpu, self.memory, self.written = 0.0, 0, 0

    def add(self, used):
        self.cpu += used.ru_utime + used.ru_stime
        self.memory = max(self.memory, used.ru_maxrss * 1024)
        self.written += used.ru_oublock * 512


def reap(usage=None):
    """Collects ended children: returns their statuses by id, and whether any child is left."""
    ended = {}
    while True:
        try:
            pid, status, used = os.wait4(-1, os.WNOHANG)
        except OSError as e:
            if e.errno == errno.EINTR:
                continue
            if e.errno == errno.ECHILD:
                return ended, False
            raise
        if pid == 0:
            return ended, True
        ended[pid] = status
        if usage is not None:
            usage.add(used)
