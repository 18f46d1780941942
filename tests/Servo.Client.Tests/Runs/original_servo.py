"""Behaves at the wire as the servo of 2016 did: HTTP/1.0, SHA-1 over the part `tgz`, an integer `ok` and nothing but `log`.

It prints its port and serves until its standard input ends. Its token is the variable `token`.
"""
import email.parser
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time


class Servo(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.0'

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        if 'X-Signature' not in self.headers:
            return self.answer(403, 'text/html; charset=utf-8', b'')
        archive = self.part(body)
        if archive is not None:
            expected = 'sha1=' + hmac.new(os.environ['token'].encode(), archive, hashlib.sha1).hexdigest()
            if self.headers['X-Signature'].strip() != expected:
                return self.answer(403, 'text/html; charset=utf-8', b'')
        names = self.path[len('/run/'):].replace('%2B', '+').split('+')
        variables = {key[6:].upper(): value for key, value in self.headers.items() if key.lower().startswith('x-var-')}
        variables['CALLBACK'] = 'http://127.0.0.1:5000/callback/abcdefgh'
        ok, log = run(archive, names, variables)
        accepted = [item.split(';')[0].strip() for item in ','.join(self.headers.get_all('Accept', [])).split(',')]
        if 'application/json' in accepted:
            text = json.dumps({'ok': ok, 'log': log}).encode()
            return self.answer(200, 'application/json; charset=utf-8', text)
        return self.answer(200 if ok else 412, 'text/plain; charset=utf-8', '\n'.join(log).encode())

    def part(self, body):
        """The first part `tgz` that has a file name; the original knows no chunked body."""
        head = 'Content-Type: %s\r\n\r\n' % self.headers['Content-Type']
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head.encode() + body)
        for part in form.iter_parts():
            if part.get_param('name', header='Content-Disposition') == 'tgz' and part.get_filename() is not None:
                return part.get_payload(decode=True)
        return None

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def run(archive, names, variables):
    log = ['$%s = %s' % pair for pair in variables.items()]
    if archive is None:
        return 0, log + ['unexpected failure (../datastructures.py (393) -> BadRequestKeyError (400: Bad Request))']
    with tempfile.TemporaryDirectory() as folder:
        tar = subprocess.run(['tar', 'zxf', '-', '-C', folder], input=archive, stderr=subprocess.DEVNULL)
        if tar.returncode:
            return 0, log + ['failure (unable to open the archive (bogus payload ?))']
        for name in names:
            if not os.path.exists(os.path.join(folder, name)):
                return 0, log + ['failure (unable to find %s (check your scripts))' % name]
            start = time.time()
            script = subprocess.run([sys.executable, name], cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            lines = script.stdout.decode().split('\n')
            log += lines[:-1] if lines[-1] == '' else lines
            log.append('%s ran in %d seconds' % (name, time.time() - start))
            if script.returncode:
                return 0, log + ['failure (%s failed on exit code %d)' % (name, script.returncode)]
    return 1, log


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Servo)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
