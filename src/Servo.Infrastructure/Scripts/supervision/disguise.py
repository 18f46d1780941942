"""Shows a forked process to others as what it has become: its command line and environment in /proc, and its memory to a debugger."""
import ctypes
import struct

import processes

PR_SET_MM = 35
PR_SET_MM_MAP = 14

_libc = ctypes.CDLL(None, use_errno=True)
_libc.sbrk.restype = ctypes.c_void_p
_shown = []  # what /proc shows has to stay in memory


def _layout():
    """Where this program's code, data, heap and stack are; a fork's are at the same places."""
    with open('/proc/self/stat', 'rb') as file:
        fields = file.read().rpartition(b')')[2].split()  # from field 3 of proc(5) on
    return [int(fields[number - 3]) for number in (26, 27, 45, 46, 47)], int(fields[28 - 3])


_segments, _stack = _layout()


def become_dumpable():
    """Opens this process to others of its user again, as every process is that was started afresh."""
    processes.control(processes.PR_SET_DUMPABLE, 1, 'PR_SET_DUMPABLE')


def show(arguments, environment):
    """Has /proc/PID/cmdline and /proc/PID/environ tell these (prctl(2), PR_SET_MM_MAP); without effect where the kernel does not know that."""
    words = b''.join(word + b'\0' for word in arguments)
    variables = b''.join(name + b'=' + value + b'\0' for name, value in environment.items())
    area = ctypes.create_string_buffer(words + variables)
    _shown.append(area)
    start = ctypes.addressof(area)
    middle, end = start + len(words), start + len(words) + len(variables)
    # struct prctl_mm_map: the last two say that the auxiliary vector and the executable stay as they are.
    record = struct.pack('12QIi', *(_segments + [_libc.sbrk(0), _stack, start, middle, middle, end, 0, 0, -1]))
    _libc.prctl(PR_SET_MM, PR_SET_MM_MAP, ctypes.c_char_p(record), ctypes.c_ulong(len(record)), 0)
