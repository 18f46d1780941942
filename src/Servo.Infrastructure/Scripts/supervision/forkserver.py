"""Forks supervisors for the host, and ends what those leave behind that were ended from outside.

    forkserver.py HOST_PID PROCESSORS

The host says `f` with the supervisor's end of a new connection: a supervisor is forked, which is ready in about a millisecond as no
interpreter has to start. It says `k` with the write end of a pipe and the line PID: that supervisor is killed, and when nothing is left of it or of what it
started, a full stop comes by the pipe (an exclamation mark where something could not be ended). The first answer is {"executable", "version"}, of
a warm one with {"watched"} as well: the files and folders that it was made from.

This process is the subreaper of the supervisors, so what one of them leaves behind becomes its child. When the host ends,
however it ends, everything ends.
"""
import os
import signal
import sys
import traceback

import processes
from channel import Channel, Wakeups, wait
from supervisor import ColdStart, Supervisor, clock

LOOK_AGAIN_SECONDS = 0.05
GIVE_UP_SECONDS = 3.0


class ForkServer(object):
    def __init__(self, host_id, starter):
        self.starter = starter
        self.script = None  # what a process that was forked below is to become
        self.parent = os.getppid()
        self.channel = Channel(0)
        # Whoever opens descriptor 0 must not find a connection there.
        os.open(os.devnull, os.O_RDONLY)
        self.host = processes.open_pidfd(host_id)
        self.wakeups = Wakeups()
        self.baseline = processes.inheritance()
        self.supervisors = set()
        self.ending = {}  # supervisor -> the pipes to close once nothing of it is left
        self.strays_since = None  # since when children have to be ended that are no supervisors
        self.unkillable = set()

    def serve(self):
        self.channel.say(executable=sys.executable, version='%d.%d.%d' % sys.version_info[:3], **self.starter.told())

        while os.getppid() == self.parent:
            self.end_strays()
            ready = wait([self.wakeups, self.channel, self.host], None if self.strays_since is None else LOOK_AGAIN_SECONDS)
            if self.wakeups in ready:
                self.wakeups.drain()
            if self.host is not None and self.host in ready:
                return
            if self.channel in ready and not self.obey():
                return

    def obey(self):
        """Takes one message; returns whether to go on, which a forked script does not."""
        verb, descriptor = self.channel.verb(with_descriptor=b'fk')
        if verb == b'f':
            self.fork(descriptor)
        if verb == b'k':
            self.ending.setdefault(self.channel.number(), []).append(descriptor)
            self.strays_since = self.strays_since or clock()
        return bool(verb) and self.script is None

    def fork(self, connection):
        # A supervisor that is born with limits or priorities that somebody else has set would pass them on to scripts. The host starts
        # a new fork server; this one goes on to watch over those that it has forked.
        if processes.inheritance() != self.baseline:
            refused = Channel(connection)
            refused.say(retired=True)
            refused.close()
            return
        pid = os.fork()
        if pid:
            os.close(connection)
            self.supervisors.add(pid)
            return
        try:
            self.wakeups.close()
            self.channel.close()
            for pipes in self.ending.values():
                for pipe in pipes:
                    os.close(pipe)
            self.script = Supervisor(Channel(connection), self.host, self.baseline, self.starter).serve()
        except Exception:
            traceback.print_exc()
        finally:
            if self.script is None:
                # What it runs is ended first: the fork server would find it, but only later, or never if somebody has stopped it.
                processes.kill()
                os.kill(os.getppid(), signal.SIGCONT)
                os._exit(0)

    def end_strays(self):
        """Ends what dead supervisors have left behind. Those that the host gave up are killed first."""
        ended, _ = processes.reap()
        if self.supervisors.intersection(ended):
            self.supervisors.difference_update(ended)
            self.strays_since = clock()
        if self.strays_since is None:
            return

        given_up = self.supervisors.intersection(self.ending)
        processes.send(given_up, signal.SIGKILL)
        spared = self.supervisors | self.unkillable
        strays = processes.descendants(spared)
        if strays or given_up:
            processes.kill(spared)
            if clock() - self.strays_since < GIVE_UP_SECONDS:
                return
            self.unkillable |= strays
        for pipe in sum(self.ending.values(), []):
            os.write(pipe, b'!' if strays else b'.')
            os.close(pipe)
        self.ending.clear()
        self.strays_since = None

    def end_all(self):
        """Leaves nothing behind, whatever the supervisors do at the same time."""
        deadline = clock() + GIVE_UP_SECONDS
        while processes.reap()[1] and clock() < deadline:
            processes.kill()
            wait([self.wakeups], LOOK_AGAIN_SECONDS)
            self.wakeups.drain()


def main(starter):
    """Serves until the host ends; returns None, or in a forked script what it is to become."""
    processes.give_up_protection()  # while its own files in /proc are still its own
    processes.become_undumpable()
    processes.become_subreaper()
    processes.wake_when_the_parent_ends()
    processes.restore_affinity(sys.argv[2])
    # What the host itself was started with and passed on unknowingly.
    processes.close_all_but_streams()
    processes.restore_open_files()
    # A Ctrl-C at the host's terminal reaches its whole process group; when to end is the host's to say.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.chdir('/')
    server = ForkServer(int(sys.argv[1]), starter)
    try:
        server.serve()
    finally:
        if server.script is None:
            server.end_all()
    return server.script


if __name__ == '__main__':
    main(ColdStart())
