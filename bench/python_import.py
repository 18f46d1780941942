#!/usr/bin/env python3
"""What the Python package `servo` costs a script: median wall time of whole processes, side by side.

    bench/python_import.py [--runs N] [INTERPRETER...]

For each interpreter (/usr/bin/python3 by default) it runs, interleaved, an empty script, one that imports http.client and one
that imports servo and gives one command to a stub of the host on a Unix socket, and prints the medians and what each costs over
the empty script. Standard library only.
"""
import argparse
import os
import shutil
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'src', 'python', 'servo')

SCRIPTS = {
    'empty': '',
    'http.client': 'try:\n    import http.client\nexcept ImportError:\n    import httplib\n',
    'servo': "from servo import servo\nwith servo() as proxy:\n    assert proxy('ls') == {}\n",
}


class StubHost(socketserver.StreamRequestHandler):
    """Answers every command with an empty object."""

    def handle(self):
        while self.rfile.readline() not in (b'\r\n', b''):
            pass
        content = b'{"ok": true, "ms": 1.0, "out": "{}"}'
        self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' % len(content) + content)


def run(interpreter, script, environment):
    start = time.perf_counter()
    subprocess.run([interpreter, script], env=environment, stdin=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - start) * 1000


def measure(interpreter, scripts, environment, runs):
    for script in scripts.values():
        run(interpreter, script, environment)

    times = {name: [] for name in scripts}
    for _ in range(runs):
        for name, script in scripts.items():
            times[name].append(run(interpreter, script, environment))
    return {name: statistics.median(values) for name, values in times.items()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    arguments.add_argument('--runs', type=int, default=100)
    arguments.add_argument('interpreters', nargs='*', default=['/usr/bin/python3'])
    options = arguments.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        # A copy: the interpreters leave their compiled files beside it.
        shutil.copytree(PACKAGE, os.path.join(folder, 'package', 'servo'), ignore=shutil.ignore_patterns('__pycache__', '*.pyc'))
        scripts = {}
        for name, text in SCRIPTS.items():
            scripts[name] = os.path.join(folder, 'script_' + name + '.py')
            with open(scripts[name], 'w') as script:
                script.write(text)

        environment = {'PATH': os.defpath, 'HOME': folder, 'LANG': 'C.UTF-8', 'PYTHONUNBUFFERED': '1', 'PYTHONPATH': os.path.join(folder, 'package'),
                       'SERVO_PORTAL_SOCKET': os.path.join(folder, 'portal.sock'), 'SERVO_RUN_TOKEN': 'token'}
        with socketserver.ThreadingUnixStreamServer(environment['SERVO_PORTAL_SOCKET'], StubHost) as host:
            threading.Thread(target=host.serve_forever, daemon=True).start()
            print('medians of %d runs in ms     empty   http.client       servo + one call' % options.runs)
            for interpreter in options.interpreters:
                medians = measure(interpreter, scripts, environment, options.runs)
                version = subprocess.run([interpreter, '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'],
                                         stdout=subprocess.PIPE, check=True).stdout.decode().strip()
                empty, client, servo = (medians[name] for name in SCRIPTS)
                print('Python %-10s %6.1f  %6.1f (+%5.1f)  %6.1f (+%5.1f)'
                      % (version, empty, client, client - empty, servo, servo - empty), flush=True)
            host.shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
