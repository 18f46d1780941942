"""What it costs to end everything that a script started, by each way that was considered (docs/decisions/0002).

    python3 bench/script_supervision.py [rounds] [script]

Each round runs the script, an empty one where none is given, once in every way, so that noise hits all alike; the median and the best time are printed. Then each way
gets a script that leaves a daemon behind: forked twice, in a session of its own and with an empty environment.
Python 3.9 or later, Linux, standard library only.
"""
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
PROGRAMS = os.path.join(ROOT, 'src', 'Servo.Infrastructure', 'Scripts', 'supervision')
PRELOAD = ['servo', 'servo._portal', 'servo._json_text', 'servo._uploads', 'tarfile', 'gzip', 'tempfile', 'json', 'requests']
PYTHON = os.path.realpath(sys.executable)  # a version manager's launcher would cost more than what is measured
ENVIRONMENT = {
    'PATH': os.environ.get('PATH', os.defpath), 'LANG': 'C.UTF-8', 'PYTHONUNBUFFERED': '1', 'PYTHONPATH': os.path.join(ROOT, 'src', 'python'),
    'HOME': '/nonexistent'}
RUN_ID = b'SERVO_BENCH_RUN=6d1f0c'

DAEMON = '''
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.close(1), os.close(2)
        with open('daemon.tmp', 'w') as note:
            note.write(os.readlink('/proc/self'))
        os.rename('daemon.tmp', 'daemon.pid')
        os.execve('/bin/sleep', ['sleep', '20'], {})
    os._exit(0)
os.wait()
while not os.path.exists('daemon.pid'):
    pass
'''


def run(command, directory, environment=ENVIRONMENT):
    subprocess.run(command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)


def bare(script, directory):
    run([PYTHON, script], directory)


def pid_namespace(script, directory):
    run(['unshare', '--pid', '--fork', '--kill-child', PYTHON, script], directory)


def environ_sweep(script, directory):
    name, value = RUN_ID.decode().split('=')
    run([PYTHON, script], directory, dict(ENVIRONMENT, **{name: value}))
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/environ' % pid, 'rb') as environ:
                if RUN_ID in environ.read().split(b'\0'):
                    os.kill(int(pid), 9)
        except OSError:
            pass  # it ended, or belongs to somebody else


class Supervised(object):
    """A fork server and one supervisor of it, started once and kept, as the host keeps them."""

    ARGUMENTS = ['-B', '-E', '-S', os.path.join(PROGRAMS, 'forkserver.py')]
    MODULES = []

    def __init__(self):
        self.control, there = socket.socketpair()
        with open('/proc/self/status') as status:
            processors = [line.split()[1] for line in status if line.startswith('Cpus_allowed:')][0]
        self.printed = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PYTHON] + self.ARGUMENTS + [str(os.getpid()), processors] + self.MODULES,
                                        stdin=there, stdout=self.printed, stderr=self.printed, env=ENVIRONMENT, start_new_session=True)
        there.close()
        answer = self.answer(self.control)
        assert 'executable' in answer, 'the fork server did not start: %s' % answer
        self.fork()

    def answer(self, connection):
        said = b''
        while not said.endswith(b'\n'):
            part = connection.recv(1 << 20)
            assert part, 'it has ended'
            said += part
        return json.loads(said.decode().splitlines()[-1])

    def fork(self):
        self.supervisor, there = socket.socketpair()
        socket.send_fds(self.control, [b'f'], [there.fileno()])
        there.close()
        assert 'pid' in self.answer(self.supervisor), 'the supervisor did not start'

    def __call__(self, script, directory):
        request = os.memfd_create('request')
        os.write(request, json.dumps({'directory': directory, 'arguments': [PYTHON, script], 'environment': ENVIRONMENT}).encode())
        os.lseek(request, 0, os.SEEK_SET)
        reader, writer = os.pipe()
        socket.send_fds(self.supervisor, [b'r'], [writer])
        socket.send_fds(self.supervisor, [b'd'], [request])
        os.close(writer)
        os.close(request)
        end = self.answer(self.supervisor)
        while 'code' not in end:
            end = self.answer(self.supervisor)
        os.close(reader)
        assert end == {'code': 0, 'interrupted': False, 'survived': False}, end

    def close(self):
        self.supervisor.close()
        self.control.close()
        self.process.wait(timeout=30)


class Warm(Supervised):
    """Scripts are forked from an interpreter that is started as they are."""

    ARGUMENTS = [os.path.join(PROGRAMS, 'warm.py')]
    MODULES = PRELOAD


class ForkedAfresh(Supervised):
    """A new supervisor of the same fork server for each script."""

    def __call__(self, script, directory):
        self.supervisor.close()
        self.fork()
        super().__call__(script, directory)


def started_afresh(script, directory):
    supervisor = Supervised()
    supervisor(script, directory)
    supervisor.close()


def works(way, script, directory):
    try:
        way(script, directory)
        return True
    except (OSError, subprocess.CalledProcessError):
        return False


def measure(ways, rounds, directory):
    times = {name: [] for name in ways}
    for turn in range(rounds + 3):
        for name, way in ways.items():
            start = time.perf_counter()
            way('empty.py', directory)
            if turn >= 3:  # the first are for warming up
                times[name].append(time.perf_counter() - start)
    return {name: (statistics.median(each) * 1000, min(each) * 1000) for name, each in times.items()}


def daemon_survives(way, directory):
    way('daemon.py', directory)
    note = os.path.join(directory, 'daemon.pid')
    with open(note) as file:
        pid = int(file.read())
    os.remove(note)

    try:
        with open('/proc/%d/stat' % pid) as stat:
            alive = stat.read().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False
    if alive:
        os.kill(pid, 9)
    return alive


def main():
    rounds = min(int(sys.argv[1]) if len(sys.argv) > 1 else 60, 1000)
    directory = tempfile.mkdtemp()
    supervised, forked, warm = Supervised(), ForkedAfresh(), Warm()
    try:
        text = open(sys.argv[2]).read() if len(sys.argv) > 2 else ''
        for name, text in (('empty.py', text), ('daemon.py', DAEMON)):
            with open(os.path.join(directory, name), 'w') as file:
                file.write(text)

        ways = {
            'bare: python3 empty.py': bare,
            'subreaping supervisor, kept': supervised,
            'the same, warm: the script is a fork': warm,
            'the same, forked for each script': forked,
            'the same, started for each script': started_afresh,
            'PID namespace: unshare --pid --fork --kill-child': pid_namespace,
            'run id in the environment, /proc swept': environ_sweep,
        }
        for name in [name for name, way in ways.items() if not works(way, 'empty.py', directory)]:
            print('not possible here: %s' % name)
            del ways[name]

        figures = measure(ways, rounds, directory)
        base, _ = figures['bare: python3 empty.py']
        processes = sum(map(str.isdigit, os.listdir('/proc')))
        print('Python %s, %d cores, %d processes, %d rounds\n' % (sys.version.split()[0], os.cpu_count(), processes, rounds))
        print('%-50s %9s %9s %7s %9s  %s' % ('way', 'median ms', 'more ms', 'ratio', 'best ms', 'daemon'))
        for name, way in ways.items():
            median, best = figures[name]
            fate = 'lives on' if daemon_survives(way, directory) else 'is gone'
            print('%-50s %9.2f %+9.2f %7.2f %9.2f  %s' % (name, median, median - base, median / base, best, fate))
    finally:
        for each in (supervised, forked, warm):
            each.close()
        shutil.rmtree(directory)


main()
