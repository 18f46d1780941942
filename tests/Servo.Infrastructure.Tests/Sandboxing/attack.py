"""Carries out attacks from within a script, as attacks.json lists them, and prints a line for each: done, or denied and why.

    {"by": "python" | "shell" | "daemon" | "static", "attacks": [[what, one, other], ...], "above": {name: process} where the script cannot see them}
"""
import ctypes
import errno
import json
import os
import socket
import stat
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)

SHELL = {
    'read': 'head -c 1 -- "$1" > /dev/null',
    'write': ': >> "$1"',
    'create': 'set -C; : > "$1"',
    'list': 'ls -- "$1/." > /dev/null',
    'truncate': 'truncate -s 1 -- "$1"',
    'remove': 'rm -- "$1"',
    'folder': 'mkdir -- "$1"',
    'rename': 'mv -T -- "$1" "$2"',
    'link': 'ln -- "$1" "$2" && head -c 1 -- "$2" > /dev/null',
    'symlink': 'ln -s -- "$1" "$2" && head -c 1 -- "$2" > /dev/null',
    'bind': 'mkfifo -- "$1"',
    'connect': 'curl --silent --max-time 2 --abstract-unix-socket "$1" http://x/ > /dev/null; [ $? -ne 7 ]',
    'kill': 'kill -"$2" "$1"',
    'trace': 'head -c 1 -- "/proc/$1/environ" > /dev/null',
    'mount': 'mount --bind -- "$1" "$2"',
    'tcp': 'curl --silent --show-error --max-time 5 "telnet://127.0.0.1:$1" < /dev/null > /dev/null 2>&1; [ $? -ne 7 ]',
}


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), 'refused')


def opened(path, flags):
    descriptor = os.open(path, flags, 0o600)
    if flags == os.O_RDONLY:
        os.read(descriptor, 1)
    os.close(descriptor)


def through(make, one, other):
    make(one, other)
    opened(other, os.O_RDONLY)


def trace(pid):
    libc.ptrace.argtypes = (ctypes.c_long,) * 4
    checked(libc.ptrace(0x4206, pid, 0, 0))  # PTRACE_SEIZE
    checked(libc.ptrace(0x4207, pid, 0, 0))  # PTRACE_INTERRUPT
    os.waitpid(pid, 0)
    checked(libc.ptrace(17, pid, 0, 0))  # PTRACE_DETACH


def call(number, arguments):
    """Makes a system call; one that the kernel has looked at has been made, whatever it said to the arguments."""
    words = [ctypes.c_long(word) for word in arguments + [0] * (6 - len(arguments))]
    if libc.syscall(ctypes.c_long(number), *words) < 0 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS):
        raise OSError(ctypes.get_errno(), 'refused')


PYTHON = {
    'read': lambda one, other: opened(one, os.O_RDONLY),
    'write': lambda one, other: opened(one, os.O_WRONLY),
    'create': lambda one, other: opened(one, os.O_WRONLY | os.O_CREAT | os.O_EXCL),
    'list': lambda one, other: opened(one, os.O_DIRECTORY),
    'truncate': lambda one, other: os.truncate(one, 1),
    'remove': lambda one, other: os.unlink(one),
    'folder': lambda one, other: os.mkdir(one),
    'rename': os.rename,
    'link': lambda one, other: through(os.link, one, other),
    'symlink': lambda one, other: through(os.symlink, one, other),
    'bind': lambda one, other: socket.socket(socket.AF_UNIX).bind(one),
    'connect': lambda one, other: socket.socket(socket.AF_UNIX).connect('\0' + one),
    'kill': lambda one, other: os.kill(int(one), int(other)),
    'trace': lambda one, other: trace(int(one)),
    'tcp': lambda one, other: socket.create_connection(('127.0.0.1', int(one)), 5),
    'fastopen': lambda one, other: socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', int(one))),
    'socket': lambda one, other: socket.socket(*[int(word) for word in one.split(',')]),
    'device': lambda one, other: os.mknod(one, stat.S_IFBLK | 0o600, os.makedev(8, 0)),
    'call': lambda one, other: call(int(one), [int(word) for word in other.split()]),
    'mount': lambda one, other: checked(libc.mount(one.encode(), other.encode(), None, 4096, None)),
}


def by_python(what, one, other):
    try:
        PYTHON[what](one, other)
    except OSError as e:
        return 'denied ' + os.strerror(e.errno)
    return 'done'


def by_program(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)


def by_shell(what, one, other):
    ended = by_program(['sh', '-c', SHELL[what], 'sh', one, other])
    return ('denied ' + ended.stdout.replace('\n', ' ')).strip() if ended.returncode else 'done'


def by_static(what, one, other):
    return by_program(['./attack', what, one, other]).stdout.strip()


def by_daemon(attacks):
    """Of all attacks at once, from a process without parent, session, environment or descriptors."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.chdir('/')
            os.environ.clear()
            os.write(writer, json.dumps([by_python(*attack) for attack in attacks]).encode())
        os._exit(0)
    os.close(writer)
    return json.loads(os.fdopen(reader).read())


def main():
    with open('attacks.json') as file:
        order = json.load(file)
    names = order['above']
    if not names:
        above = open('/proc/%d/stat' % os.getppid()).read().rpartition(')')[2].split()[1]
        names = {'$supervisor': str(os.getppid()), '$forkserver': above}

    def named(text):
        for name in names:
            text = text.replace(name, names[name])
        return text

    attacks = [[named(word) for word in attack] for attack in order['attacks']]
    if order['by'] == 'daemon':
        outcomes = by_daemon(attacks)
    else:
        outcomes = [{'python': by_python, 'shell': by_shell, 'static': by_static}[order['by']](*attack) for attack in attacks]
    for attack, outcome in zip(order['attacks'], outcomes):
        print('%s: %s' % (' '.join(attack).strip(), outcome))


main()
