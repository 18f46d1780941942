"""What the virtual machine does: starts the published host with cgroups, uploads scripts to it, and writes down what came of them, a line of JSON each.

Runs as the machine's first process but one. Arguments: the published host, the file for what came of it, and `all` for what takes long, too.
"""
import hashlib
import hmac
import http.client
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time

HOST, RESULTS = sys.argv[1:3]
ALL = 'all' in sys.argv[3:]
TOKEN = 'a-token-of-the-virtual-machine'
CGROUPS = '/sys/fs/cgroup'
FOLDER = CGROUPS + '/servo'
MIB = 1 << 20
PLAIN_USER = 1000
START_SECONDS = 120
NAMES = 'a.py', 'b.py'
RUN_SECONDS = 120

LIMITS = {
    'Cgroup': FOLDER,
    'MaxMemoryBytes': 96 * MIB,
    'MaxProcesses': 24,
    'CpuWeight': 50,
    'IoWeight': 60,
    'MaxIoBytesPerSecond': 2 * MIB,
}

SCRIPTS = {
    'within': '''
import os
folder = '/sys/fs/cgroup' + open('/proc/self/cgroup').read().strip().split('::')[1]
for name in ('memory.max', 'memory.swap.max', 'pids.max', 'cpu.weight', 'io.weight', 'io.max'):
    print(name, open(os.path.join(folder, name)).read().split(':')[-1].strip() if os.path.exists(os.path.join(folder, name)) else 'none')
''',
    'memory': 'kept = [b"x" * (8 << 20) for _ in range(40)]',
    'memory of children': '''
import subprocess, sys
children = [subprocess.Popen([sys.executable, '-c', 'kept = b"x" * (24 << 20); import time; time.sleep(60)']) for _ in range(6)]
for child in children:
    child.wait()
''',
    'memory of files': '''
with open('/dev/shm/servo-kernel-test', 'wb') as file:
    for _ in range(200):
        file.write(b'x' * (1 << 20))
''',
    'processes': '''
import subprocess
children = [subprocess.Popen(['sleep', '60']) for _ in range(60)]
''',
    'threads': '''
import threading, time
for _ in range(60):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
''',
    'failure': 'raise SystemExit(3)',
    'disk': '''
import os, time
start = time.monotonic()
with open('written', 'wb') as file:
    file.write(b'x' * (8 << 20))
    os.fsync(file.fileno())
print('slow' if time.monotonic() - start > 2 else 'fast')
''',
    'leave': '''
import ctypes, os, struct

def attempt(what, action):
    try:
        action()
        print(what, 'worked')
    except OSError as e:
        print(what, 'failed')

own = '/sys/fs/cgroup' + open('/proc/self/cgroup').read().strip().split('::')[1]

def write(path, text):
    descriptor = os.open(path, os.O_WRONLY)
    os.write(descriptor, text)

def clone_into(path):
    folder = os.open(path, os.O_PATH)
    arguments = struct.pack('<11Q', 1 << 33, 0, 0, 0, 17, 0, 0, 0, 0, 0, folder)
    child = ctypes.CDLL(None, use_errno=True).syscall(435, arguments, len(arguments))
    if child == 0:
        os._exit(0)
    if child < 0:
        raise OSError(ctypes.get_errno(), 'clone3')
    os.waitpid(child, 0)

attempt('to the root', lambda: write('/sys/fs/cgroup/cgroup.procs', b'0'))
attempt('above', lambda: write(os.path.dirname(own) + '/cgroup.procs', b'0'))
attempt('a higher limit', lambda: write(own + '/memory.max', b'max'))
attempt('a cgroup', lambda: os.mkdir('/sys/fs/cgroup/escape'))
attempt('a cgroup in its own', lambda: os.mkdir(own + '/escape'))
attempt('a child elsewhere', lambda: clone_into('/sys/fs/cgroup'))
print('inside' if '/servo-run-' in open('/proc/self/cgroup').read() else 'outside')
''',
    'spared': '''
try:
    with open('/proc/self/oom_score_adj', 'w') as file:
        file.write('-1000')
    print('worked')
except OSError:
    print('failed')
print(open('/proc/self/oom_score_adj').read().strip())
''',
    'shut': '''
import os
own = '/sys/fs/cgroup' + open('/proc/self/cgroup').read().strip().split('::')[1]
for name in os.listdir(own):
    os.chmod(os.path.join(own, name), 0)
os.chmod(own, 0)
os.chmod(os.path.dirname(own), 0o555)
raise SystemExit(3)
''',
    'handled': '''
import subprocess
children = []
try:
    while True:
        children.append(subprocess.Popen(['sleep', '60']))
except BlockingIOError:
    for child in children:
        child.kill()
''',
    'wait': 'import time; print("runs", flush=True); time.sleep(600)',
}

results = open(RESULTS, 'w', buffering=1)


def note(case, **what):
    results.write(json.dumps(dict(case=case, seconds=round(time.monotonic(), 1), **what)) + '\n')


class Host(object):
    """The published host."""

    def __init__(self, user=0, inside=None, spared=False, **settings):
        root = '/data/w%d' % user
        os.makedirs(root, exist_ok=True)
        os.chown(root, user, user)
        scripts = dict(('Servo__Scripts__' + name, str(value)) for name, value in settings.items())
        environment = dict(PATH='/usr/sbin:/usr/bin:/sbin:/bin', HOME=root, DOTNET_TieredPGO='0', Servo__Token=TOKEN, Servo__Workspace__Root=root,
                           Servo__State__Root=root + '/state', Servo__Scripts__Python='/usr/bin/python3', **scripts)
        command = ['setpriv', '--reuid=%d' % user, '--regid=%d' % user, '--clear-groups', 'dotnet', HOST, '--urls', 'http://127.0.0.1:0']

        def prepare():
            if inside is not None:
                write(inside + '/cgroup.procs', '0')
            if spared:
                write('/proc/self/oom_score_adj', '-1000')

        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, preexec_fn=prepare)
        self.said, self.port = [], None
        signal.alarm(START_SECONDS)
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            found = re.search(r'http://127\.0\.0\.1:(\d+)', line)
            if found:
                self.port = int(found.group(1))
                break
        signal.alarm(0)
        # Whoever reads no log lets the host wait or lose lines; and a failure is to be explained.
        threading.Thread(target=lambda: self.said.extend(line.rstrip() for line in self.process.stdout), daemon=True).start()

    def run(self, case, *scripts, prefer=None):
        if self.port is None:
            raise SystemExit('the host did not start: %s' % self.said)
        body = bundle(scripts)
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=RUN_SECONDS)
        headers = {'X-Signature': 'sha1=' + hmac.new(TOKEN.encode(), body, hashlib.sha1).hexdigest(), 'Accept': 'application/json'}
        connection.request('POST', '/run/' + '+'.join(NAMES[:len(scripts)]), body, dict(headers, **({'Prefer': prefer} if prefer else {})))
        answer = connection.getresponse()
        text = answer.read().decode()
        note(case, status=answer.status, answer=json.loads(text))

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        note('log of %d' % self.process.pid, said=self.said)

    def kill(self):
        self.process.kill()
        self.process.wait(60)


def bundle(scripts):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w:gz') as archive:
        for name, script in zip(NAMES, scripts):
            entry = tarfile.TarInfo(name)
            entry.size = len(script)
            archive.addfile(entry, io.BytesIO(script.encode()))
    return buffer.getvalue()


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)


def cgroup(path, user=0):
    """Makes a cgroup, as systemd does where it delegates one to a user."""
    os.makedirs(path, exist_ok=True)
    for name in ('', 'cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'):
        os.chown(os.path.join(path, name), user, user)
    return path


def left(path=FOLDER):
    return sorted(name for name in os.listdir(path) if name.startswith('servo-run-'))


def expect_refusal(case, **settings):
    host = Host(**settings)
    if host.port is not None:
        host.kill()
    note(case, code=host.process.wait(60), said=host.said)


def main():
    write(CGROUPS + '/cgroup.subtree_control', '+memory +pids +cpu +io')
    cgroup(FOLDER)
    foreign = subprocess.Popen(['sleep', '1000'], preexec_fn=lambda: write(cgroup(FOLDER + '/run-u17.scope') + '/cgroup.procs', '0'))

    host = Host(Sandbox='Neighbours', inside=FOLDER, spared=True, **LIMITS)
    note('inside', said=host.said, processes=open(FOLDER + '/cgroup.procs').read().split(), gateway=open(FOLDER + '/gateway/cgroup.procs').read().split(),
         host=host.process.pid)
    for name, script in SCRIPTS.items():
        if name not in ('wait', 'processes', 'shut', 'handled'):
            host.run('warm: ' + name, script)
    host.run('warm: handled', SCRIPTS['handled'], SCRIPTS['failure'])
    note('left', runs=left())
    expect_refusal('taken', Cgroup=FOLDER)
    host.run('long', SCRIPTS['wait'], prefer='respond-async')
    while not left():
        time.sleep(0.1)
    host.kill()
    note('killed', runs=left())

    # Another user's from here on, who removes what root's gateway has left.
    cgroup(FOLDER, PLAIN_USER)
    host = Host(user=PLAIN_USER, inside=cgroup(FOLDER + '/host', PLAIN_USER), Warm='false', **LIMITS)
    note('left of the killed', runs=left(), foreign=foreign.poll())
    for name in ('within', 'shut', 'memory', 'processes', 'leave'):
        host.run('cold: ' + name, SCRIPTS[name])
    host.stop()
    note('stopped', runs=left())

    if ALL:
        more()


def more():
    """What takes as long again: by hand."""
    host = Host(Sandbox='Bubblewrap', Network='false', Users='300000-300099', **dict(LIMITS, Cgroup=cgroup(CGROUPS + '/third')))
    for name in ('memory', 'leave'):
        host.run('bubblewrap: ' + name, SCRIPTS[name])
    host.stop()

    expect_refusal('no controllers', **dict(LIMITS, Cgroup=cgroup(CGROUPS + '/bare/inner')))
    expect_refusal('from outside', user=PLAIN_USER, **dict(LIMITS, Cgroup=cgroup(CGROUPS + '/plain', PLAIN_USER)))
    busy = cgroup(CGROUPS + '/busy')
    other = subprocess.Popen(['sleep', '600'], preexec_fn=lambda: write(busy + '/cgroup.procs', '0'))
    expect_refusal('busy', **dict(LIMITS, Cgroup=busy))
    other.kill()


main()
