#!/usr/bin/env python3
"""Runs honest and hostile callers against one host for a while, and proves that no honest run is harmed and that nothing is left.

    bench/soak.py [--seconds 600] [--seed N] [--sandbox Neighbours] [--host artifacts/host/Servo.WebHost.dll]

Honest runs print, read secrets, take callbacks, command the (simulated) portal, write files and follow streams, and every answer is compared with the
right one. Hostile runs are signed: they stop or kill the processes above them, tamper with what the next script would inherit, leave daemons and
trees behind, ignore TERM and flood their output; in a sandbox they also end every process of their user and read, fill and delete the runs of others. Others are not signed: they send slowly, break off, replay with other names, keep connections
idle and ask for readiness. The last line says how many honest runs were harmed and what was left; the exit code is 0 only if it is nothing.

As root, the host runs as a user without rights. Linux, Python 3.9 or later, openssl; loopback only.
"""
import argparse
import collections
import ctypes
import hmac
import http.client
import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOKEN = 'a-token-for-soaking-0123456789'
USER = 65534
TIMEOUT = 20  # seconds of a run; a busy machine keeps an honest one waiting for several
PR_SET_CHILD_SUBREAPER = 36


def bundle(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w:gz', compresslevel=1) as tar:
        for name, content in files.items():
            content = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def sign(archive):
    return 'sha256=' + hmac.new(TOKEN.encode(), archive, 'sha256').hexdigest()


def encrypt(text):
    return subprocess.run(['openssl', 'enc', '-aes-256-cbc', '-pbkdf2', '-salt', '-base64', '-pass', 'env:SERVO_TOKEN'],
                          env=dict(os.environ, SERVO_TOKEN=TOKEN), input=text.encode(), stdout=subprocess.PIPE, check=True).stdout


def descendants():
    children, found, walk = collections.defaultdict(list), [], [os.getpid()]
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/stat' % name, 'rb') as stat:
                fields = stat.read().rpartition(b')')[2].split()
            if fields[0] != b'Z':
                children[int(fields[1])].append(int(name))
        except OSError:
            pass
    while walk:
        more = children[walk.pop()]
        found += more
        walk += more
    return found


class Host:
    def __init__(self, assembly, sandbox):
        self.confines = sandbox != 'None'
        self.folder = tempfile.mkdtemp(prefix='soak-')
        self.root, self.temporary, self.state = (os.path.join(self.folder, name) for name in ('root', 'tmp', 'state'))
        for path in (self.root, self.temporary, self.state):
            os.mkdir(path)
            os.chmod(path, 0o777)
        os.chmod(self.folder, 0o755)
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.address = free.getsockname()
        environment = {'PATH': '/usr/bin:/bin:' + os.environ['PATH'], 'HOME': self.temporary, 'TMPDIR': self.temporary, 'LANG': 'C.UTF-8',
                       'Servo__Token': TOKEN, 'Servo__Workspace__Root': self.root, 'Servo__State__Root': os.path.join(self.state, 'servo'),
                       'Servo__Portal__Mode': 'Embedded', 'Servo__Scripts__Timeout': str(TIMEOUT),
                       'Servo__Scripts__Python': '/usr/bin/python3', 'Servo__Scripts__Sandbox': sandbox, 'Servo__Runs__MaxConcurrent': '8', 'Servo__Runs__MaxQueued': '200',
                       **{name: os.environ[name] for name in ('DOTNET_ROOT',) if name in os.environ}}
        user = {'user': USER, 'group': USER, 'extra_groups': []} if os.geteuid() == 0 else {}
        self.log = open(os.path.join(self.folder, 'log'), 'w+b')
        self.process = subprocess.Popen(['dotnet', assembly, '--urls', 'http://%s:%d' % self.address], cwd=self.folder, env=environment,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **user)
        end = time.monotonic() + 60
        while self.get('/ready') != 200:
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit('the host did not get ready: ' + self.said())
            time.sleep(0.2)

    def said(self):
        with open(self.log.name, 'rb') as log:
            return log.read().decode('utf-8', 'replace')

    def connect(self, timeout=90):
        return http.client.HTTPConnection(*self.address, timeout=timeout)

    def get(self, path):
        connection = self.connect(10)
        try:
            connection.request('GET', path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def post(self, archive, scripts, accept='application/json', signature=None, headers=()):
        connection = self.connect()
        connection.request('POST', '/run/' + scripts, archive, {'X-Signature': signature or sign(archive), 'Accept': accept, **dict(headers)})
        return connection, connection.getresponse()

    def run(self, archive, scripts, **more):
        connection, answer = self.post(archive, scripts, **more)
        try:
            body = json.loads(answer.read())
            return dict(body, status=answer.status)
        finally:
            connection.close()

    def follow(self, archive, scripts):
        connection, answer = self.post(archive, scripts, accept='application/x-ndjson')
        try:
            if answer.status != 200:
                yield dict(json.loads(answer.read()), event='refused')
                return
            for line in answer:
                yield json.loads(line)
        finally:
            connection.close()

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.process.pid))

    def resident(self):
        with open('/proc/%d/status' % self.process.pid) as status:
            return next(int(line.split()[1]) for line in status if line.startswith('VmRSS')) // 1024


# Honest runs: each returns what was wrong, or nothing.

def prints(host, chance):
    lines = chance.randrange(1, 4000)
    answer = host.run(bundle({'a.py': 'import os\nassert os.get_blocking(1)\nfor i in range(%d): print(i, "x" * 90)\n' % lines}), 'a.py')
    said = [line for line in answer.get('log', ()) if line.endswith(' ' + 'x' * 90)]
    return None if answer.get('ok') and said == ['%d %s' % (i, 'x' * 90) for i in range(lines)] else answer


def several(host, chance):
    answer = host.run(bundle({'a.py': 'open("f", "w").write("from a")', 'sub/b.py': 'print(open("f").read())'}), 'a.py+sub%2Fb.py',
                      headers={'X-Var-Target': 'staging'})
    return None if answer.get('ok') and 'from a' in answer['log'] and '$TARGET = staging' in answer['log'] else answer


def secret(host, chance, cache={}):
    cache.setdefault('text', encrypt('password: 1234\n'))
    answer = host.run(bundle({'a.py': 'print(open("s.yml").read())', 's.yml.aes': cache['text']}), 'a.py')
    return None if answer.get('ok') and 'password: 1234' in answer['log'] else answer


def portal(host, chance):
    answer = host.run(bundle({'a.py': 'from servo import servo\nwith servo(strict=True) as proxy:\n    print("pods", isinstance(proxy("ls"), dict))\n'}), 'a.py')
    return None if answer.get('ok') and 'pods True' in answer['log'] else answer


def callback(host, chance):
    script = 'import os, time\nfor _ in range(400):\n    if os.path.exists("report.json"): break\n    time.sleep(.01)\nprint(open("report.json").read())\n'
    events, address = [], None
    for event in host.follow(bundle({'a.py': script}), 'a.py'):
        events.append(event)
        if event.get('event') == 'line' and event['text'].startswith('$CALLBACK = '):
            address = event['text'].split(' = ')[1].split('/callback/')[1]
            connection = host.connect()
            connection.request('POST', '/callback/%s/report.json' % address, b'the data')
            connection.getresponse().read()
            connection.close()
    return None if events[-1].get('ok') and any(event.get('text') == 'the data' for event in events) else events[-3:]


def fails(host, chance):
    answer = host.run(bundle({'a.py': 'raise SystemExit(%d)' % chance.randrange(1, 100)}), 'a.py')
    return None if answer.get('ok') is False and answer['failure']['kind'] == 'script-failed' else answer


HONEST = [prints, prints, several, secret, portal, callback, fails]

# Hostile scripts.

ABOVE = 'import ctypes, os, resource, signal, subprocess, sys, time\nparent = os.getppid()\n' \
        'server = int(open("/proc/%d/stat" % parent).read().rpartition(")")[2].split()[1])\n' \
        'if "/supervision/" not in open("/proc/%d/cmdline" % parent).read(): sys.exit("nothing above is a supervisor")\n' \
        'if "/supervision/" not in open("/proc/%d/cmdline" % server).read(): server = parent  # the host has adopted it, and to end that is not tried\n'
DAEMON = 'if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.execve("/bin/sleep", ["sleep", "900"], {})\n    os._exit(0)\n'
HOSTILE = [
    'os.kill(parent, signal.SIGSTOP)\ntime.sleep(60)\n',
    DAEMON + 'os.kill(parent, signal.SIGKILL)\ntime.sleep(60)\n',
    'os.kill(server, signal.SIGKILL)\n',
    DAEMON + 'os.kill(server, signal.SIGKILL)\nos.kill(parent, signal.SIGKILL)\ntime.sleep(60)\n',
    DAEMON + 'signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)\n',
    'for fd in (0, 1, 2): os.set_blocking(fd, False)\n',
    'resource.prlimit(parent, resource.RLIMIT_NOFILE, (9, 9))\nos.setpriority(os.PRIO_PROCESS, parent, 9)\nos.sched_setaffinity(parent, {0})\n',
    'resource.prlimit(server, resource.RLIMIT_NOFILE, (12, 12))\n',
    'for fd in range(3, 99):\n    try: os.write(fd, b"{}\\n")\n    except OSError: pass\nprint(\'{"code":0,"interrupted":true,"survived":false}\')\n',
    'for pid in (parent, server):\n    for name in ("fd/0", "mem", "fd/1"):\n        try: open("/proc/%d/%s" % (pid, name), "wb").write(b"i")\n        except (OSError, ValueError): pass\n',
    'for _ in range(60):\n    os.mkdir("d" * 100)\n    os.chdir("d" * 100)\nopen("file", "w").close()\n',
    'os.mkdir(b"\\xff\\xfe")\nopen(b"\\xff\\xfe/\\x80.aes", "w").close()\nos.mkdir("closed")\nopen("closed/f", "w").close()\nos.chmod("closed", 0)\n',
    'import tempfile\nfor _ in range(50): tempfile.mkdtemp()\n',
    'os.symlink("/etc", "link")\nos.mkfifo("pipe")\nimport socket\nsocket.socket(socket.AF_UNIX).bind("s")\n',
    'for i in range(300000): print("flood", i)\n',
    'os.write(1, b"\\x1b]0;title\\x07\\r\\n" * 1000 + b"\\xff" * 1000)\n',
    'import socket\nkept = []\nfor _ in range(200):\n    s = socket.socket(socket.AF_UNIX)\n    s.settimeout(1)\n    try: s.connect(os.environ["SERVO_PORTAL_SOCKET"])\n    except OSError: break\n    kept.append(s)\ntime.sleep(1)\n',
    'kept = []\ntry:\n    while True: kept.append(os.open("/dev/null", os.O_RDONLY))\nexcept OSError: pass\nprint(len(kept) > 0)\n',
    'for _ in range(30):\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(60)\n        os._exit(0)\n',
    'import shutil\nshutil.rmtree(os.path.dirname(os.getcwd()), ignore_errors=True)\n',
]

# What only a sandbox keeps from harm. They say HARMED where it did not.
TO_OTHERS = [
    'mine = {os.getpid(), parent, server}\nfor pid in map(int, filter(str.isdigit, os.listdir("/proc"))):\n'
    '    if pid in mine or pid == 1: continue\n'
    '    for number in (signal.SIGSTOP, signal.SIGKILL):\n        try: os.kill(pid, number); print("HARMED", pid)\n        except OSError: pass\n',
    # The kernel reports success although it has signalled nobody: harm shows in the other runs.
    'for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):\n    try: os.kill(-1, number)\n    except OSError: pass\n',
    'import glob, shutil\nruns = os.path.dirname(os.path.dirname(os.path.dirname(os.getcwd())))\nfor pid in filter(str.isdigit, os.listdir("/proc")):\n'
    '    try: there = os.readlink("/proc/%s/cwd" % pid)\n    except OSError: continue\n'
    '    if there.startswith(runs) and there != os.getcwd(): print("HARMED", there)\n',
    'above = os.getcwd()\nfor _ in range(4):\n    above = os.path.dirname(above)\n    try: print("HARMED", os.listdir(above)) if above != os.path.dirname(os.getcwd()) else None\n'
    '    except OSError: pass\n    try: open(above + "/sitecustomize.py", "w").write("print(1)") if above != os.path.dirname(os.getcwd()) else None\n    except OSError: pass\n',
]


def hostile_run(host, chance):
    connection, answer = host.post(bundle({'h.py': ABOVE + chance.choice(HOSTILE + (TO_OTHERS if host.confines else []))}), 'h.py', accept=chance.choice(['application/json', 'text/plain', 'application/x-ndjson']))
    try:
        if chance.random() < 0.1:
            answer.read(100)  # and hangs up
        else:
            assert b'HARMED' not in answer.read(), 'a script reached another run'
    finally:
        connection.close()


def hostile_request(host, chance):
    archive = bundle({'a.py': 'print(1)'})
    what = chance.randrange(6)
    if what == 0:
        connection, answer = host.post(archive, 'a.py', signature='sha1=' + '0' * 40)
        answer.read()
        connection.close()
    elif what == 1:
        with socket.create_connection(host.address, timeout=10) as sender:
            sender.sendall(b'POST /run/a.py HTTP/1.1\r\nHost: servo\r\nX-Signature: sha1=' + b'0' * 40 + b'\r\nContent-Length: 100000000\r\n\r\n')
            for _ in range(chance.randrange(20)):
                sender.sendall(b'x' * 300)
                time.sleep(0.5)
    elif what == 2:
        for event in host.follow(bundle({'a.py': 'import time\nprint("honest")\ntime.sleep(.3)'}), 'a.py+evil.json'):
            if event.get('event') == 'line' and event['text'].startswith('$CALLBACK = '):
                for tag in ('evil.json', 'json.py', 'evil', 'os.cpython-311-x86_64-linux-gnu.so'):
                    connection = host.connect()
                    connection.request('POST', '/callback/%s/%s' % (event['text'].split('/callback/')[1], tag), b'print("HARMED")')
                    connection.getresponse().read()
                    connection.close()
            assert event.get('text') != 'HARMED', 'a callback was run as code'
    elif what == 3:
        for _ in range(20):
            host.get('/ready')
    elif what == 4:
        idle = [socket.create_connection(host.address, timeout=10) for _ in range(30)]
        time.sleep(2)
        for connection in idle:
            connection.close()
    else:
        with socket.create_connection(host.address, timeout=10) as sender:
            sender.sendall(chance.choice([b'\x16\x03\x01' + os.urandom(200), b'GET ' + b'a' * 70000, b'POST /run/a.py HTTP/1.1\r\nX-Var-A: \xff\xfe\r\n\r\n', b'BREW / HTCPCP/1.0\r\n\r\n']))
            try:
                sender.recv(1000)
            except OSError:
                pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=float, default=600)
    parser.add_argument('--seed', type=int, default=random.randrange(1 << 30))
    parser.add_argument('--sandbox', default='Neighbours', choices=['Neighbours', 'Strict', 'Bubblewrap', 'None'], help='the level of the scripts (Neighbours)')
    parser.add_argument('--host', default=os.path.join(ROOT, 'artifacts', 'host', 'Servo.WebHost.dll'))
    arguments = parser.parse_args()
    print('seed %d' % arguments.seed, flush=True)

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    host = Host(arguments.host, arguments.sandbox)
    end, counts, harmed, lock = time.monotonic() + arguments.seconds, collections.Counter(), [], threading.Lock()

    def work(number, kind):
        chance = random.Random(arguments.seed * 100 + number)
        while time.monotonic() < end:
            try:
                if kind == 'honest':
                    run = chance.choice(HONEST)
                    wrong = run(host, chance)
                    if wrong is not None:
                        with lock:
                            harmed.append('%s: %s' % (run.__name__, json.dumps(wrong)[:600]))
                else:
                    (hostile_run if kind == 'hostile' else hostile_request)(host, chance)
            except AssertionError as error:
                with lock:
                    harmed.append('%s: %s' % (kind, error))
            except (OSError, http.client.HTTPException, ValueError) as error:
                if kind == 'honest':
                    with lock:
                        harmed.append('%s: %r' % (run.__name__, error))
            counts[kind] += 1

    kinds = ['honest'] * 4 + ['hostile'] * 3 + ['unsigned'] * 3
    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(kinds)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(30, max(1, arguments.seconds / 10)))
        if host.process.poll() is None:
            print('%4.0f s left: %s; harmed %d; host: %d MB, %d descriptors' % (
                max(0, end - time.monotonic()), dict(counts), len(harmed), host.resident(), host.descriptors()), flush=True)

    left = []
    if host.process.poll() is not None:
        left.append('the host has ended by itself with exit code %d' % host.process.returncode)
    else:
        if host.get('/ready') != 200:
            left.append('the host is not ready')
        host.process.send_signal(signal.SIGTERM)
        try:
            code = host.process.wait(45)
            if code != 0:
                left.append('the host ended with exit code %d' % code)
        except subprocess.TimeoutExpired:
            left.append('the host did not stop')
            host.process.kill()
            host.process.wait()
    for _ in range(50):
        while True:  # adopted zombies
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                break
        if not descendants():
            break
        time.sleep(0.1)
    for pid in descendants():
        with open('/proc/%d/cmdline' % pid, 'rb') as line:
            left.append('process %d: %s' % (pid, line.read().replace(b'\0', b' ').decode('utf-8', 'replace')))
        os.kill(pid, signal.SIGKILL)
    left += ['in the workspace root: ' + name for name in os.listdir(host.root)]
    left += ['in TMPDIR: ' + name for name in os.listdir(host.temporary) if name not in ('.dotnet',)]
    left += ['in the log: ' + line for line in host.said().splitlines() if 'could not be deleted' in line][:5]

    for line in harmed[:20] + left[:20]:
        print(line)
    if harmed or left:
        print('the host said last:\n' + '\n'.join(host.said().splitlines()[-15:]))
    shutil.rmtree(host.folder, ignore_errors=True)
    print('%d honest runs, %d hostile ones, %d unsigned requests: %d honest runs harmed, %d things left' % (
        counts['honest'], counts['hostile'], counts['unsigned'], len(harmed), len(left)))
    sys.exit(1 if harmed or left or not counts['honest'] else 0)


if __name__ == '__main__':
    main()
