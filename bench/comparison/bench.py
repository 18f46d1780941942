"""What the rows share: the host, the programs beside it, a folder, how many rounds, and the turns that ours and theirs take."""
import contextlib
import functools
import hashlib
import hmac
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from gateway import ROOT, TOKEN, Host, bundle

from .others import Portal, Webhook
from .tools import build, run

LINE = b"print('a line')\n"
START = 10.7  # milliseconds of `python3 script.py` where the goals were set
SMALL = bundle({'print.py': LINE, 'data.bin': os.urandom(8000)})


@functools.lru_cache(maxsize=32)  # a caller signs once, and not while the clock runs
def sign(archive):
    return 'sha1=' + hmac.new(TOKEN.encode(), archive, hashlib.sha1).hexdigest()


def streaming_post(archive):
    """The bytes of a POST whose answer is a stream of Server-Sent Events."""
    head = ('POST /run/print.py HTTP/1.1', 'Host: 127.0.0.1', 'Accept: text/event-stream', 'X-Signature: ' + sign(archive),
            'Content-Length: %d' % len(archive))
    return '\r\n'.join(head + ('', '')).encode() + archive


def signed_get(target):
    now = str(int(time.time()))
    text = 'GET\n%s\n%s' % (target, now)
    return {'X-Timestamp': now, 'X-Signature': 'sha256=' + hmac.new(TOKEN.encode(), text.encode(), hashlib.sha256).hexdigest()}


def milliseconds(action):
    """The action, as one that returns how long it took."""
    def timed():
        start = time.perf_counter()
        action()
        return (time.perf_counter() - start) * 1000
    return timed


class Bench:
    def __init__(self, python, assembly, rounds):
        self.python, self.assembly, self.rounds = python, assembly, rounds
        self.few = max(1, min(rounds, 5))  # rounds of what takes seconds
        self.stack = contextlib.ExitStack()
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix='servo-compare-'))
        self.results = {}

    def close(self):
        self.stack.close()

    def once(self, measure):
        """What a measurement yields that several rows share."""
        if measure not in self.results:
            self.results[measure] = measure(self)
        return self.results[measure]

    def reconnect(self):
        """Before a row: the host closes a connection that was idle for two minutes, and a row that failed leaves its own half used."""
        for server in ('host', 'warm_host', 'webhook'):
            if server in self.__dict__:
                getattr(self, server).connection.close()

    def say(self, text):
        print('  ' + text, file=sys.stderr, flush=True)

    def slowness(self):
        """How many times as long as where the goals were set a bare interpreter takes now, at least once."""
        script = os.path.join(self.folder, 'slowness.py')
        with open(script, 'wb') as file:
            file.write(LINE)
        start = milliseconds(lambda: self.interpret(script))
        return max(1.0, statistics.median(start() for _ in range(25)) / START)

    def interpret(self, *arguments):
        """Runs the bare interpreter. By a pipe, whose end is an event: a wait for a process, with a limit, looks only every now and then."""
        subprocess.run([self.python, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=60)

    def alternate(self, *actions, rounds=None, warm_up=1):
        """Each round has a number of each action, which take turns and change their order from one round to the next."""
        for _ in range(warm_up):
            for action in actions:
                action()
        found = []
        for number in range(rounds or self.rounds):
            order = range(len(actions)) if number % 2 == 0 else reversed(range(len(actions)))
            values = {index: actions[index]() for index in order}
            found.append(tuple(values[index] for index in range(len(actions))))
            if number % 10 == 9:
                self.say('%d of %d rounds' % (number + 1, rounds or self.rounds))
        return found

    @contextlib.contextmanager
    def new_host(self, **settings):
        """A host of its own for what changes or fills it."""
        root = tempfile.mkdtemp(dir=self.folder)
        host = Host(self.python, root, self.assembly, **settings)
        try:
            yield host
        finally:
            host.close()

    @functools.cached_property
    def host(self):
        """The host of most rows, warmed up: its scripts are started cold, as those of the others are."""
        return self.ready_host('false')

    @functools.cached_property
    def warm_host(self):
        """The same with scripts that are forked from an interpreter."""
        return self.ready_host('true')

    def ready_host(self, warm):
        self.say('starts the host and warms it up')
        host = self.stack.enter_context(self.new_host(
            Servo__Portal__Mode='Ochothon', Servo__Portal__Url=self.portal.url, Servo__Logs__MaxBytes=str(8 << 30), Servo__Scripts__Warm=warm))
        for _ in range(200):
            self.post(host, SMALL)
        return host

    @functools.cached_property
    def portal(self):
        return self.stack.enter_context(contextlib.closing(Portal()))

    @functools.cached_property
    def webhook(self):
        folder = os.path.join(self.folder, 'webhook')
        os.mkdir(folder)
        with open(os.path.join(folder, 'print.py'), 'wb') as file:
            file.write(LINE)
        return self.stack.enter_context(contextlib.closing(Webhook(self.python, folder, 'print.py')))

    @functools.cached_property
    def parts(self):
        """The program that measures parts of Servo, built."""
        self.say('builds bench/Servo.Bench')
        build('build', os.path.join(ROOT, 'bench', 'Servo.Bench'))
        return os.path.join(ROOT, 'bench', 'Servo.Bench', 'bin', 'Release', 'net10.0', 'Servo.Bench.dll')

    def part(self, *arguments, timeout=1200):
        """What a measurement of Servo.Bench prints: pairs by the name of its input."""
        pairs = {}
        for line in run(['dotnet', self.parts] + [str(argument) for argument in arguments], timeout=timeout).splitlines():
            if line.startswith('pair\t'):
                _, name, ours, theirs = line.split('\t')
                pairs.setdefault(name, []).append((float(ours), float(theirs)))
        return pairs

    def post(self, host, archive, scripts='print.py', connection=None):
        """A whole run that must succeed."""
        connection = connection or host.connection
        connection.request('POST', '/run/' + scripts, archive, {'X-Signature': sign(archive), 'Accept': 'application/json'})
        body = connection.getresponse().read()
        said = json.loads(body.decode())
        assert said.get('ok'), said
        return said


def connect(port):
    return http.client.HTTPConnection('127.0.0.1', port, timeout=300)


def together(clients, port, work):
    """Has each client work on a connection of its own, and returns the seconds until the last one is done."""
    failures = []

    def client():
        with contextlib.closing(connect(port)) as connection:
            try:
                work(connection)
            except Exception as failure:
                failures.append(failure)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - start
