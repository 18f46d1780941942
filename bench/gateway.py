#!/usr/bin/env python3
"""Measures the published host against the plain tools, side by side in one run.

    dotnet publish src/Servo.WebHost -c Release -o artifacts/host
    bench/gateway.py run upload output [--python /usr/bin/python3] [--rounds 40]

run     the whole POST of a 10 KB bundle with an empty script, against `python3 empty.py`
upload  1 GiB by curl, against curl into a file plus `openssl dgst -sha1`; growth of the host's peak memory
output  a script that prints 200 MB; growth of the host's peak memory
"""
import argparse
import hashlib
import hmac
import http.client
import io
import json
import os
import re
import statistics
import subprocess
import tarfile
import tempfile
import threading
import time

TOKEN = 'a-token-for-measuring'
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Host(object):
    """The published host on a free port, with a workspace root of its own."""

    def __init__(self, python, root, assembly=os.path.join(ROOT, 'artifacts', 'host', 'Servo.WebHost.dll'), **settings):
        environment = dict(os.environ, Servo__Token=TOKEN, Servo__Workspace__Root=root, XDG_STATE_HOME=os.path.join(root, 'state'), Servo__Scripts__Python=python,
                           Servo__Uploads__MaxBytes=str(2 << 30), **settings)
        self.process = subprocess.Popen(['dotnet', assembly, '--urls', 'http://127.0.0.1:0'], env=environment,
                                        stdout=subprocess.PIPE, universal_newlines=True)
        limit = threading.Timer(60, self.process.kill)
        limit.start()
        try:
            for line in self.process.stdout:
                found = re.search(r'http://127\.0\.0\.1:(\d+)', line)
                if found:
                    self.port = int(found.group(1))
                    break
            else:
                raise SystemExit('the host did not start: %s' % assembly)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            limit.cancel()
        # A host whose log nobody reads drops lines, and one of before 2026-11 waits for the reader.
        threading.Thread(target=self.drain, daemon=True).start()
        self.connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=300)

    def drain(self):
        for _ in self.process.stdout:
            pass

    def post(self, archive, script):
        signature = 'sha1=' + hmac.new(TOKEN.encode(), archive, hashlib.sha1).hexdigest()
        self.connection.request('POST', '/run/' + script, archive, {'X-Signature': signature, 'Accept': 'application/json'})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def reset_peak(self):
        with open('/proc/%d/clear_refs' % self.process.pid, 'w') as file:
            file.write('5')
        return self.peak()

    def peak(self):
        with open('/proc/%d/status' % self.process.pid) as status:
            return int(re.search(r'VmHWM:\s+(\d+)', status.read()).group(1)) / 1024.0

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def bundle(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w:gz') as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def timed(action):
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def show(name, ours, theirs):
    ratios = sorted(a / b for a, b in zip(ours, theirs))
    print('%s: servo median %.1f ms (best %.1f), plain %.1f ms (best %.1f); ratio of medians %.2f, median of the pairs %.2f' % (
        name, statistics.median(ours), min(ours), statistics.median(theirs), min(theirs),
        statistics.median(ours) / statistics.median(theirs), statistics.median(ratios)))


def bench_run(host, folder, python, rounds):
    empty = os.path.join(folder, 'empty.py')
    open(empty, 'w').close()
    archive = bundle({'empty.py': b'', 'data.bin': os.urandom(10000)})

    def post():
        answer, body = host.post(archive, 'empty.py')
        assert json.loads(body.decode())['ok'], body

    def bare():
        subprocess.check_call([python, empty], stdin=subprocess.DEVNULL)

    for _ in range(max(60, rounds)):
        post()
    bare()
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(timed(post))
        theirs.append(timed(bare))
    show('run', ours, theirs)


def bench_upload(host, folder, python, rounds):
    source, copy = os.path.join(folder, 'source'), os.path.join(folder, 'copy')
    block = os.urandom(1 << 20)
    digest = hmac.new(TOKEN.encode(), digestmod=hashlib.sha1)
    with open(source, 'wb') as file:
        for _ in range(1024):
            file.write(block)
            digest.update(block)
    url = 'http://127.0.0.1:%d/run/none.py' % host.port

    def post(*body):
        answer = subprocess.check_output(['curl', '-sS', '-H', 'X-Signature: sha1=' + digest.hexdigest()] + list(body) + [url])
        # It is not an archive, which shows that the signature matched.
        assert json.loads(answer.decode())['failure']['kind'] == 'bad-archive', answer

    def raw():
        post('-X', 'POST', '-H', 'Content-Type: application/gzip', '-T', source)

    def form():
        post('-F', 'tgz=@' + source)

    def plain():
        subprocess.check_call(['curl', '-sS', '-o', copy, 'file://' + source])
        subprocess.check_output(['openssl', 'dgst', '-sha1', copy])
        os.unlink(copy)

    before = host.reset_peak()
    times = {raw: [], form: [], plain: []}
    for action in times:
        action()
    for turn in range(min(rounds, 6)):
        # There and back, each from a disk at rest: none is to pay for what the one before has written.
        for action in list(times) if turn % 2 == 0 else reversed(list(times)):
            os.sync()
            times[action].append(timed(action))
    show('upload of 1 GiB, raw', times[raw], times[plain])
    show('upload of 1 GiB, form', times[form], times[plain])
    print('upload: peak memory of the host grew by %.1f MB (from %.1f)' % (host.peak() - before, before))


def bench_output(host, folder, python, rounds):
    archive = bundle({'print.py': b"line = 'x' * 99\nfor i in range(2000): print('\\n'.join([line] * 1000))\n"})
    small = bundle({'print.py': b"print('x')\n"})
    for _ in range(20):
        host.post(small, 'print.py')
    before = host.reset_peak()
    start = time.perf_counter()
    answer, body = host.post(archive, 'print.py')
    assert json.loads(body.decode())['ok']
    print('output of 200 MB: %.1f s, an answer of %.1f MB, peak memory of the host grew by %.1f MB (from %.1f)' % (
        time.perf_counter() - start, len(body) / 1e6, host.peak() - before, before))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('what', nargs='+', choices=['run', 'upload', 'output'])
    parser.add_argument('--python', default='/usr/bin/python3', help='the interpreter of the scripts and of the comparison')
    parser.add_argument('--rounds', type=int, default=40, help='counted rounds, after a warm-up')
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, 'root')
        os.mkdir(root)
        host = Host(arguments.python, root)
        try:
            for what in arguments.what:
                {'run': bench_run, 'upload': bench_upload, 'output': bench_output}[what](host, folder, arguments.python, arguments.rounds)
        finally:
            host.close()


if __name__ == '__main__':
    main()
