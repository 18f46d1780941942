"""Forks the process of the next script ahead of its request, so that no run waits for that.

Below a supervisor there is one while it has nothing to do, and none while a script runs: "no child is left" stays the proof that nothing of the
script lives on. It is as closed to others as its supervisor, ignores what that ignores, knows nothing of any run, and ends with its supervisor.
"""
import array
import os
import signal
import socket

import memory
import processes
import sandbox
from channel import wait

MOST_DESCRIPTORS = len(sandbox.VERBS) + 2  # a sandbox, request and output


def fork(regions, channel=None):
    """Returns the `Spare` that the supervisor keeps and None; in the new process None and a `Forked`."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        if channel is not None:
            channel.close()  # first of all: the host takes a supervisor for alive as long as anybody holds its connection
        memory.populate(regions)
        return None, Forked(theirs)
    theirs.close()
    return Spare(pid, ours), None


class Spare(object):
    """A process that waits for its script, as its supervisor holds it."""

    def __init__(self, pid, connection):
        self.pid, self.connection = pid, connection

    def inheritance(self):
        """What it has inherited, and with it its script; None where it has ended."""
        try:
            return processes.inheritance(self.pid)
        except EnvironmentError:
            return None

    def give(self, request, output, box):
        """Hands over what it is to become; raises OSError where it has ended."""
        parts = box.parts() + [(b'd', request), (b'r', output)]
        socket.send_fds(self.connection, [verb for verb, _ in parts], [descriptor for _, descriptor in parts])
        os.kill(self.pid, signal.SIGCONT)  # whoever stopped it did not mean this script

    def end(self):
        """Kills it where it has not ended."""
        self.connection.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def wait_until_taken(self, seconds):
        """Waits until it no longer ignores signals, which it says by closing the connection."""
        wait([self.connection], seconds)


class Forked(object):
    """The process itself."""

    def __init__(self, connection):
        self.connection = connection

    def withdraw(self):
        """Lets go of all that is its supervisor's, and takes streams as a script has them."""
        os.setsid()
        processes.wake_when_the_parent_ends()
        signal.set_wakeup_fd(-1)
        processes.close_all_but_streams(self.connection.fileno())
        null, (reader, writer) = os.open(os.devnull, os.O_RDONLY), os.pipe()
        for descriptor, stream in ((null, 0), (writer, 1), (writer, 2)):
            os.dup2(descriptor, stream)
        for descriptor in (null, reader, writer):
            os.close(descriptor)

    def wait(self):
        """Waits for what it is to become: returns the request's file and the sandbox, and has the output on its streams. Ends with the supervisor."""
        # Not by socket.recv_fds, which leaves out the flag.
        descriptors = array.array('i')
        verbs, messages, _, _ = self.connection.recvmsg(16, socket.CMSG_LEN(MOST_DESCRIPTORS * descriptors.itemsize), socket.MSG_CMSG_CLOEXEC)
        if not verbs:
            os._exit(0)
        descriptors.frombytes(messages[0][2])
        box = sandbox.Sandbox()
        *parts, request, output = descriptors
        for verb, descriptor in zip(verbs.decode(), parts):
            box.add(verb.encode(), descriptor)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        return request, box
