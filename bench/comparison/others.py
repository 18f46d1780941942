"""Servers beside the gateway: Debian's webhook, and a portal that answers at once."""
import http.client
import json
import os
import socket
import subprocess
import threading
import time

from .tools import need


class Webhook:
    """webhook on a free port of loopback, with one hook that runs a script and answers with its output."""

    def __init__(self, python, folder, script):
        hooks = os.path.join(folder, 'hooks.json')
        with open(hooks, 'w') as file:
            json.dump([{'id': 'run', 'http-methods': ['POST'], 'execute-command': python, 'command-working-directory': folder,
                        'pass-arguments-to-command': [{'source': 'string', 'name': script}], 'include-command-output-in-response': True}], file)
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([need('webhook'), '-ip', '127.0.0.1', '-port', str(self.port), '-hooks', hooks],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.close()
                    raise RuntimeError('webhook does not start')
                time.sleep(0.02)
        self.connection = self.connect()

    def connect(self):
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=120)

    def post(self, body, connection=None):
        connection = connection or self.connection
        connection.request('POST', '/hooks/run', body, {'Content-Type': 'application/octet-stream'})
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 200 and b'a line' in said, said

    def close(self):
        self.process.kill()
        self.process.wait()


class Portal:
    """Answers each command of a script at once, over a connection of its own."""

    BODY = json.dumps({'ok': True, 'out': '{"pods": []}'}).encode()
    ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n' % len(BODY) + BODY

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.url = 'http://127.0.0.1:%d' % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    head = b''
                    while b'\r\n\r\n' not in head:
                        part = connection.recv(65536)
                        if not part:
                            break
                        head += part
                    connection.sendall(self.ANSWER)
                except OSError:
                    pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
