"""Behaves as an Ochothon portal does: a pod that registers in ZooKeeper, tells its token by /info, and runs the toolset at /shell.

    portal.py HOST:PORT TOKEN

It prints its /shell address. A line on standard input changes what it does: `token T`, `move` (it registers with another
port), `restart T` (it has another token at the same place and registers nothing), `quit`. `lines` asks for the commands that it
carried out, `requests` for all that it was sent.
"""
import email.parser
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import socketserver
import sys
import tempfile
import threading
import time
import uuid

import toolset

ROOT = '/ochopod/clusters/marathon.portal'


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


class Control(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        info = {'application': 'portal', 'process': 'running', 'state': 'leader', 'metrics': {'token': self.server.portal.token, 'uptime': '0.01 hours (pid 1)'},
                'ip': '127.0.0.1', 'node': 'local', 'port': '8080', 'ports': {}, 'public': '', 'task': '', 'dependencies': []}
        answer(self, 200 if self.path == '/info' else 404, info if self.path == '/info' else {})

    def log_message(self, *_):
        pass


class Shell(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        line, token = self.headers.get('X-Shell'), self.server.portal.token
        self.server.portal.requests.append(line)
        expected = 'sha1=' + hmac.new(token.encode(), (line or '').encode(), hashlib.sha1).hexdigest()
        if line is None:
            out, ok = 'failure -> X-Shell header missing', False
        elif token and self.headers.get('X-Signature') != expected:
            out, ok = 'failure -> SHA1 signature mismatch (check your token)', False
        else:
            start = time.time()
            with tempfile.TemporaryDirectory() as folder:
                save(self.headers, body, folder)
                code, out = run(folder, line)
            ok = code == 0
            self.server.portal.lines.append(line)
            return answer(self, 200, {'ok': ok, 'ms': 1000 * (time.time() - start), 'out': out})
        answer(self, 200, {'ok': ok, 'ms': 0.0, 'out': out})

    def log_message(self, *_):
        pass


LOCK = threading.Lock()


def run(folder, line):
    """Runs a command where its files are; the toolset looks for them in the working directory."""
    with LOCK:
        back = os.getcwd()
        os.chdir(folder)
        try:
            return TOOLS.run(line.split())
        finally:
            os.chdir(back)


def save(headers, body, folder):
    if not headers.get('Content-Type', '').startswith('multipart/'):
        return
    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(('Content-Type: %s\r\n\r\n' % headers['Content-Type']).encode() + body)
    for part in form.iter_parts():
        with open(os.path.join(folder, os.path.basename(part.get_param('name', header='Content-Disposition'))), 'wb') as file:
            file.write(part.get_payload(decode=True))


def answer(handler, status, js):
    text = json.dumps(js).encode()
    handler.send_response(status)
    handler.send_header('Content-Type', 'application/json; charset=utf-8')
    handler.send_header('Content-Length', str(len(text)))
    handler.end_headers()
    handler.wfile.write(text)


class Portal(object):
    def __init__(self, zk, token):
        self.zk, self.token, self.lines, self.requests, self.key = zk, token, [], [], str(uuid.uuid4())
        self.control = self.serve(Control)
        self.shell = self.serve(Shell)
        zk.ensure_path(ROOT + '/pods')
        self.node = zk.create('%s/pods/%s.' % (ROOT, self.key), self.registration(), ephemeral=True, sequence=True)
        zk.create(ROOT + '/snapshot', self.snapshot(), ephemeral=True)

    def serve(self, handler):
        server = Server(('127.0.0.1', 0), handler)
        server.portal = self
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def registration(self):
        return json.dumps({'ip': '127.0.0.1', 'port': '8080', 'ports': {'8080': self.control.server_port, '9000': self.shell.server_port}, 'seq': 0,
                           'application': 'portal', 'task': '', 'cluster': 'portal', 'namespace': 'marathon', 'node': 'local', 'public': ''}).encode()

    def snapshot(self):
        return json.dumps({self.key: json.loads(self.registration().decode())}).encode()

    def move(self):
        """Goes on at another port, as a portal does that was deployed again."""
        old, self.shell = self.shell, self.serve(Shell)
        self.zk.set(self.node, self.registration())
        self.zk.set(ROOT + '/snapshot', self.snapshot())
        old.shutdown()
        old.server_close()


ZK = toolset.connect(sys.argv[1])
TOOLS = toolset.Toolset(ZK)
PORTAL = Portal(ZK, sys.argv[2])
print('http://127.0.0.1:%d' % PORTAL.shell.server_port, flush=True)
for command in sys.stdin:
    words = command.split()
    if words[0] == 'token':
        PORTAL.token = words[1]
        PORTAL.move()
    elif words[0] == 'restart':
        PORTAL.token = words[1]
    elif words[0] == 'move':
        PORTAL.move()
    elif words[0] in ('lines', 'requests'):
        print(json.dumps(getattr(PORTAL, words[0])), flush=True)
        continue
    print('done', flush=True)
ZK.stop()
