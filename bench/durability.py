#!/usr/bin/env python3
"""Kills, stops and starves a host while callers post, follow and cancel runs, and proves that it loses nothing that it acknowledged.

    bench/durability.py [--seconds 900] [--seed N] [--host artifacts/host/Servo.WebHost.dll] [--control]

Callers post runs that are waited for and detached ones, with and without locks, repeat requests after broken connections, hang up,
cancel, and follow events by SSE with Last-Event-ID. Meanwhile the host is killed (-9) or stopped and started again, its disk (a small
tmpfs) is filled and freed, and its portal hangs and comes back. The truth is a file that the scripts append to, with the machine's
monotonic clock. After a last kill and start, what the host says of each run is compared with it, and with all that any caller was told.
Each check is a line; the exit code is 0 only if none found anything.

--control falsifies the evidence at the end: the exit code is 1 if every check that is concerned has noticed, and 2 if one is blind.

Linux, Python 3.9 or later; loopback only. Where no tmpfs can be mounted, the full disk is left out, which a line says.
"""
import argparse
import collections
import ctypes
import hmac
import http.client
import http.server
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from soak import PR_SET_CHILD_SUBREAPER, ROOT, TOKEN, bundle, descendants, sign

ENDED = ('succeeded', 'failed', 'cancelled', 'timed-out', 'lost')
BROKEN = (OSError, http.client.HTTPException, ValueError)
LOCKS = ('red', 'green', 'blue')
SCRIPT = '''import os, time
truth = os.open(%(truth)r, os.O_WRONLY | os.O_APPEND)
def tell(*words): os.write(truth, (' '.join(words) + ' %%.6f\\n' %% time.monotonic()).encode())
tell('start', %(key)r)
for i in range(%(lines)d):
    tell('line', %(key)r)
    os.write(1, b'%(key)s %%d\\n' %% i)  # at once, so that no line is torn
    if %(portal)d and i == 1:
        from servo import servo
        with servo(verbose=False) as proxy: proxy('ls')
    time.sleep(%(pause)f)
tell('end', %(key)r)
raise SystemExit(%(code)d)
'''


class Evidence:
    """What callers asked for and were told."""

    def __init__(self):
        self.plans = {}  # key -> what was posted; the key is also the script's name, by which runs are recognised
        self.acknowledged = {}  # id -> key
        self.detached = set()  # ids that a 202 named
        self.refused, self.unknown = set(), set()  # keys: a request was refused, the fate of a request is not known
        self.shown = collections.defaultdict(dict)  # id -> number -> event
        self.logs = {}  # id -> the lines of a JSON answer
        self.said = collections.defaultdict(set)  # id -> final states
        self.running = set()  # ids of runs that were shown as running
        self.cancelled = set()  # ids that somebody tried to cancel
        self.odd = []
        self.counts = collections.Counter()

    def enough(self):
        return len(self.acknowledged) > 30 and len(self.logs) > 5

    def show(self, run, event):
        number = event.get('seq', 0)
        if number and self.shown[run].setdefault(number, event) != event:
            self.odd.append('%s: event %d was shown as %s and as %s' % (run, number, self.shown[run][number], event))
        if event['event'] == 'result':
            self.said[run].add(state_of(event))


def state_of(result):
    kind = result.get('failure', {}).get('kind')
    return 'succeeded' if result['ok'] else 'cancelled' if kind == 'shutting-down' else kind if kind in ENDED else 'failed'


class Portal(http.server.ThreadingHTTPServer):
    """Answers each command with an empty object, but nothing while it hangs."""

    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get('Content-Length', 0)))
            self.server.works.wait()
            body = b'{"ok": true, "ms": 1.0, "out": "{}"}'
            self.send_response(200)
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(('127.0.0.1', 0), self.Handler)
        self.works = threading.Event()
        self.works.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # whoever asked is gone


class Host:
    """One host after the other, on the same port and the same folders."""

    def __init__(self, assembly, megabytes):
        self.folder = tempfile.mkdtemp(prefix='durability-')
        self.workspaces, self.disk, self.temporary = (os.path.join(self.folder, name) for name in ('workspaces', 'disk', 'tmp'))
        for path in (self.workspaces, self.disk, self.temporary):
            os.mkdir(path)
        self.mounted = megabytes > 0
        if self.mounted:
            subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=0700,size=%dm' % megabytes, 'none', self.disk], check=True)
        self.filler = os.path.join(self.disk, 'filler')
        self.truth = os.path.join(self.folder, 'truth')
        open(self.truth, 'w').close()
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.address = free.getsockname()
        self.portal = Portal()
        self.environment = {
            'PATH': '/usr/bin:/bin:' + os.environ['PATH'], 'HOME': self.temporary, 'TMPDIR': self.temporary, 'LANG': 'C.UTF-8',
            'Servo__Token': TOKEN, 'Servo__Workspace__Root': self.workspaces, 'Servo__State__Root': os.path.join(self.disk, 'servo'),
            'Servo__Portal__Url': 'http://127.0.0.1:%d' % self.portal.server_address[1], 'Servo__Scripts__Python': '/usr/bin/python3',
            'Servo__Runs__MaxConcurrent': '8', 'Servo__Runs__MaxQueued': '60', 'Servo__Runs__DrainTimeout': '1',
            'Servo__State__MaxRuns': '1000000',
            **{name: os.environ[name] for name in ('DOTNET_ROOT',) if name in os.environ}}
        self.command = ['dotnet', assembly, '--urls', 'http://%s:%d' % self.address]
        self.log = open(os.path.join(self.folder, 'log'), 'ab')
        self.process, self.resident, self.kills, self.stops, self.faults = None, [], [], [], []

    def start(self):
        """Returns whether it got ready."""
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.request('GET', '/ready')[0] in (200, 503):  # it listens
                    return True
            except BROKEN:
                pass
            time.sleep(0.05)
        return False

    def end(self, how):
        """Kills or stops it."""
        if self.process.poll() is not None:
            self.faults.append('the host ended by itself, exit code %d' % self.process.returncode)
            return
        with open('/proc/%d/status' % self.process.pid) as status:
            self.resident.append(next(int(line.split()[1]) for line in status if line.startswith('VmRSS')) // 1024)
        (self.kills if how == signal.SIGKILL else self.stops).append(time.time())
        self.process.send_signal(how)
        try:
            code = self.process.wait(40)
            if how == signal.SIGTERM and code != 0:
                self.faults.append('a stop ended with exit code %d' % code)
        except subprocess.TimeoutExpired:
            self.faults.append('the host did not stop')
            self.process.kill()
            self.process.wait()

    def fill(self):
        with open(self.filler, 'ab', 0) as filler:
            size = 1 << 20
            while size:
                try:
                    filler.write(b'x' * size)
                except OSError:
                    size //= 2

    def free(self):
        if os.path.exists(self.filler):
            os.unlink(self.filler)

    def open(self, method, target, body=None, headers=()):
        headers = dict(headers)
        if target.startswith('/runs'):
            now = str(int(time.time()))
            text = '%s\n%s\n%s' % (method, target, now)
            headers.update({'X-Timestamp': now, 'X-Signature': 'sha256=' + hmac.new(TOKEN.encode(), text.encode(), 'sha256').hexdigest()})
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        try:
            connection.request(method, target, body, headers)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def request(self, method, target, body=None, headers=()):
        """Returns the status and the JSON."""
        connection, answer = self.open(method, target, body, headers)
        try:
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def events(self, answer):
        """The events of an SSE answer; one that breaks off raises."""
        name = None
        for line in answer:
            if line.startswith(b'event: '):
                name = line[7:].decode().strip()
            elif line.startswith(b'data: '):
                yield {'event': name, **json.loads(line[6:])}
                if name == 'result':
                    return
        raise http.client.IncompleteRead(b'')


class Caller:
    """Posts runs, one after the other, each in another way."""

    def __init__(self, host, evidence, number, seed, over):
        self.host, self.evidence, self.number, self.chance, self.over = host, evidence, number, random.Random(seed * 100 + number), over
        self.ways = [self.detached, self.detached, self.repeated, self.repeated, self.waits, self.streams, self.streams, self.hangs_up]

    def work(self):
        turn = 0
        while not self.over.is_set():
            turn += 1
            self.post(self.chance.choice(self.ways), 'c%dr%d' % (self.number, turn))
            time.sleep(self.chance.random() * 0.3)

    def post(self, way, key):
        chance, evidence = self.chance, self.evidence
        locks = {name: chance.random() < 0.4 for name in chance.sample(LOCKS, chance.choice([0, 0, 1, 1, 2]))}
        plan = evidence.plans[key] = {
            'key': key, 'way': way.__name__, 'locks': locks, 'truth': self.host.truth, 'lines': chance.choice([0, 3, 10, 40]),
            'pause': chance.choice([0, 0.005, 0.02]), 'portal': chance.random() < 0.2, 'code': chance.choice([0, 0, 0, 3]), 'limit': 0}
        if chance.random() < 0.05:
            plan.update(lines=100, pause=0.05, limit=1)
        archive = bundle({key + '.py': SCRIPT % plan})
        headers = {'X-Signature': sign(archive), 'Accept': 'application/json'}
        if locks:
            headers['X-Lock'] = ', '.join(name + ';shared' * shared for name, shared in locks.items())
        if plan['limit']:
            headers['X-Timeout'] = str(plan['limit'])
        evidence.counts[way.__name__] += 1
        try:
            way(key, '/run/%s.py' % key, archive, headers)
        except BROKEN:
            evidence.unknown.add(key)

    def refuse(self, key, status, body):
        self.evidence.refused.add(key)
        self.evidence.counts['refused: %d %s' % (status, body.get('kind'))] += 1
        if status not in (429, 503, 507):
            self.evidence.odd.append('%s: %d %s' % (key, status, body))
        time.sleep(0.3)

    def acknowledge(self, key, run):
        if self.evidence.acknowledged.setdefault(run, key) != key:
            self.evidence.odd.append('%s and %s are both %s' % (key, self.evidence.acknowledged[run], run))

    def detached(self, key, target, archive, headers):
        status, body = self.host.request('POST', target, archive, {**headers, 'Prefer': 'respond-async'})
        if status != 202:
            self.refuse(key, status, body)
            return status
        self.acknowledge(key, body['id'])
        self.evidence.detached.add(body['id'])
        if self.chance.random() < 0.3:
            time.sleep(self.chance.random() * 0.5)
            self.cancel(body['id'])
        return status

    def repeated(self, key, target, archive, headers):
        """Breaks connections off until an answer comes, and sends the same again once there is one."""
        headers['Idempotency-Key'] = key
        answers = 0
        while answers < 2 and not self.over.is_set():
            try:
                if self.chance.random() < 0.4:
                    self.evidence.unknown.add(key)
                    self.break_off(target, archive, {**headers, 'Prefer': 'respond-async'}, self.chance.random() * 1.5)
                answers += self.detached(key, target, archive, headers) == 202
            except BROKEN:
                self.evidence.unknown.add(key)
                time.sleep(0.1)

    def waits(self, key, target, archive, headers):
        status, body = self.host.request('POST', target, archive, headers)
        if status != 200:
            self.refuse(key, status, body)
            return
        self.acknowledge(key, body['id'])
        self.evidence.said[body['id']].add(state_of(body))
        self.evidence.logs[body['id']] = body['log']

    def streams(self, key, target, archive, headers):
        connection, answer = self.host.open('POST', target, archive, {**headers, 'Accept': 'text/event-stream'})
        run, left = None, self.chance.choice([5, 20, 1000])
        try:
            if answer.status != 200:
                self.refuse(key, answer.status, json.loads(answer.read()))
                return
            for event in self.host.events(answer):
                if event['event'] == 'run':
                    run = event['id']
                    self.acknowledge(key, run)
                self.evidence.show(run, event)
                left -= 1
                if left == 0:
                    break
            else:
                return
        except BROKEN:
            if run is None:
                raise
        finally:
            connection.close()
        self.follow(run)

    def hangs_up(self, key, target, archive, headers):
        self.evidence.unknown.add(key)
        self.break_off(target, archive, headers, 1)

    def break_off(self, target, archive, headers, part):
        """Sends a part of the archive, or all of it, and goes without its answer."""
        head = ''.join('%s: %s\r\n' % pair for pair in {**headers, 'Host': 'servo', 'Content-Length': len(archive)}.items())
        with socket.create_connection(self.host.address, timeout=10) as connection:
            connection.sendall(('POST %s HTTP/1.1\r\n%s\r\n' % (target, head)).encode() + archive[:int(len(archive) * part)])
            time.sleep(self.chance.choice([0, 0.02, 0.2]))

    def follow(self, run):
        """Follows a run to its end, hanging up at times, and goes on behind the last event that was seen."""
        last = max(self.evidence.shown[run], default=0)
        while not self.over.is_set():
            connection, left = None, self.chance.choice([1, 7, 1000])
            try:
                resume = {'Accept': 'text/event-stream', 'Last-Event-ID': str(last)}
                connection, answer = self.host.open('GET', '/runs/%s/events' % run, headers=resume)
                if answer.status == 204:
                    return
                if answer.status != 200:
                    raise http.client.HTTPException('%d %s' % (answer.status, answer.read()))
                for event in self.host.events(answer):
                    number = event.get('seq', 0)
                    if number and number != last + 1:
                        self.evidence.odd.append('%s: event %d came behind %d' % (run, number, last))
                    last = number or last
                    self.evidence.show(run, event)
                    left -= number > 0
                    if left <= 0:
                        break
                else:
                    return
                self.evidence.counts['resumed'] += 1
            except BROKEN as error:
                if isinstance(error, http.client.HTTPException) and str(error).startswith('404'):
                    self.evidence.odd.append('%s: %s' % (run, error))
                time.sleep(0.1)
            finally:
                if connection:
                    connection.close()

    def cancel(self, run):
        self.evidence.cancelled.add(run)
        status, body = self.host.request('GET', '/runs/' + run)
        if status == 200 and body['state'] == 'running':
            self.evidence.running.add(run)
        status, body = self.host.request('DELETE', '/runs/' + run)
        self.evidence.counts['cancels'] += 1
        if status != 200:
            self.evidence.counts['cancel refused: %d %s' % (status, body.get('kind'))] += 1
            if status not in (503, 507):
                self.evidence.odd.append('DELETE %s: %d %s' % (run, status, body))
        elif body['state'] in ENDED:
            self.evidence.said[run].add(body['state'])

    def cancel_some(self):
        """Follows and cancels runs of others."""
        while not self.over.is_set():
            time.sleep(self.chance.random() * 0.4)
            known = list(self.evidence.acknowledged)[-30:]
            if known:
                try:
                    run = self.chance.choice(known)
                    self.cancel(run) if self.chance.random() < 0.2 else self.follow(run)
                except BROKEN:
                    pass


class Chaos:
    """What happens to the host: each disaster once, in another order, and again."""

    def __init__(self, host, seed, longest, over):
        self.host, self.chance, self.longest, self.over, self.counts = host, random.Random(seed), longest, over, collections.Counter()
        self.disasters = [self.kill, self.stop, self.hang, self.kill] + [self.starve, self.kill_starved] * host.mounted
        self.between = 2  # seconds between two of them, at most as a rule

    def work(self):
        left = []
        while not self.over.is_set():
            left = left or self.chance.sample(self.disasters, len(self.disasters))
            self.wait(0.3, self.longest if self.chance.random() < 0.2 else self.between)
            if not self.over.is_set():
                disaster = left.pop()
                self.counts[disaster.__name__] += 1
                disaster()

    def enough(self):
        return all(self.counts[disaster.__name__] for disaster in self.disasters)

    def wait(self, least, most):
        self.over.wait(self.chance.uniform(least, most))

    def kill(self):
        self.host.end(signal.SIGKILL)
        self.restart()

    def stop(self):
        self.host.end(signal.SIGTERM)
        self.restart()

    def hang(self):
        self.host.portal.works.clear()
        self.wait(0.3, 3)
        self.host.portal.works.set()

    def starve(self):
        self.host.fill()
        self.wait(0.2, 2)
        self.host.free()

    def kill_starved(self):
        self.host.fill()
        self.wait(0.1, 1)
        self.host.end(self.chance.choice([signal.SIGKILL, signal.SIGTERM]))
        if self.chance.random() < 0.5:
            self.restart()
            self.wait(0, 1)
            self.host.free()
        else:
            self.host.free()
            self.restart()

    def restart(self):
        if not self.host.start():
            if os.path.exists(self.host.filler):
                self.counts['did not start on a full disk'] += 1
                self.host.free()
                if self.host.start():
                    return
            self.host.faults.append('the host did not start')


def truth_of(host):
    """What each script did: key -> [(word, time)], in order."""
    told = collections.defaultdict(list)
    with open(host.truth) as lines:
        for line in lines:
            word, key, when = line.split()
            told[key].append((word, float(when)))
    return told


def runs_of(host):
    runs, after = {}, ''
    while True:
        _, page = host.request('GET', '/runs?limit=500' + after)
        runs.update((run['id'], run) for run in page['runs'])
        if not page['next']:
            return runs
        after = '&after=' + page['next']


def log_of(host, run):
    """All events of an ended run: number -> event."""
    connection, answer = host.open('GET', '/runs/%s/events' % run, headers={'Accept': 'application/x-ndjson'})
    try:
        return {event['seq']: event for event in map(json.loads, answer) if event.get('seq')}
    finally:
        connection.close()


def falsify(evidence, truth):
    """Makes some of the checks find something, and names them."""
    run = next(run for run, events in evidence.shown.items() if any(event['event'] == 'line' for event in events.values()))
    number, line = next(pair for pair in evidence.shown[run].items() if pair[1]['event'] == 'line')
    evidence.shown[run][number] = dict(line, text='falsified')
    evidence.acknowledged['00000000-0000-7000-8000-000000000000'] = 'falsified'
    for run in [run for run, states in evidence.said.items() if 'succeeded' in states]:
        truth[evidence.acknowledged[run]][-1] = ('line', truth[evidence.acknowledged[run]][-1][1])  # instead of its end
        evidence.said[run].add('lost')
    twice = next(iter(truth.values()))
    twice.insert(0, twice[0])
    name = next(name for name in LOCKS if sum(name in evidence.plans[key]['locks'] for key in truth) > 1)
    for key in truth:
        if name in evidence.plans[key]['locks']:
            evidence.plans[key]['locks'] = {name: False}
            truth[key].append(('alive', truth[key][-1][1] + 1000))
    return {'runs started twice', 'acknowledged runs unknown', 'wrong states', 'final states that changed', 'shown events lost or changed',
            'printed lines lost', 'locks overlapping'}


def wrong_state(run, plan, told, evidence, host):
    """Why the state of an ended run cannot be, or nothing."""
    words, state, failure = {word for word, _ in told}, run['state'], run.get('failure') or {}
    kind, detail = failure.get('kind'), failure.get('detail', '')
    if state == 'succeeded' or kind == 'script-failed':
        return 'its script did not end so' if 'end' not in words or (plan['code'] == 0) != (state == 'succeeded') else None
    if kind == 'no-space':
        return None if host.mounted else 'the disk was never full'
    if state == 'lost':
        kills = [time.strftime('%FT%T', time.gmtime(when)) for when in host.kills]
        return None if any(run['started'][:19] <= kill <= run['ended'] for kill in kills) else 'no host was killed meanwhile'
    if state == 'timed-out' and plan['limit']:
        return None
    if state != 'cancelled':
        return 'nothing was to end it so'
    if run['id'] in evidence.cancelled:
        return None
    if words:
        return None if 'shutting down' in detail else 'it had started, and nobody cancelled it'
    return 'it was acknowledged, and nobody cancelled it' if run['id'] in evidence.detached else None


def verify(host, evidence, truth, runs, logs, left):
    """Each check, with what it found."""
    by_key = collections.defaultdict(list)
    for run in runs.values():
        by_key[run['scripts'][0]['name'][:-3]].append(run)
    checks = {}

    starts = {key: sum(word == 'start' for word, _ in told) for key, told in truth.items()}
    checks['runs started twice'] = [key for key, count in starts.items() if count > 1]
    checks['requests kept twice'] = [key for key, several in by_key.items() if len(several) > 1]
    refused = evidence.refused - evidence.unknown - set(evidence.acknowledged.values())
    checks['refused requests that ran'] = [key for key in refused if key in truth]
    checks['scripts of no run'] = [key for key in truth if key not in by_key]
    checks['acknowledged runs unknown'] = [run for run in evidence.acknowledged if run not in runs]
    checks['runs not ended'] = ['%(id)s %(state)s' % run for run in runs.values() if run['state'] not in ENDED]

    checks['wrong states'] = found = []
    for key, several in by_key.items():
        for run in several:
            why = wrong_state(run, evidence.plans[key], truth.get(key, []), evidence, host)
            if why and run['state'] in ENDED:
                way = evidence.plans[key]['way']
                found.append('%s (%s): %s; %s; the truth: %s' % (key, way, why, json.dumps(run), truth.get(key, [])[-2:]))
    checks['final states that changed'] = ['%s was %s, is %s' % (run, states, runs[run]['state'])
                                           for run, states in evidence.said.items() if run in runs and states != {runs[run]['state']}]

    checks['running runs that had not started'] = [
        json.dumps(runs[run]) for run in evidence.running if run in runs and not runs[run]['started']]

    checks['shown events lost or changed'] = found = []
    for run, shown in evidence.shown.items():
        found += ['%s: %s was shown, there is %s' % (run, event, logs.get(run, {}).get(number)) for number, event in shown.items()
                  if logs.get(run, {}).get(number) != event]
    for run, lines in evidence.logs.items():
        kept = [event['text'] for event in logs.get(run, {}).values() if event['event'] == 'line']
        if lines[:len(kept)] != kept or len(lines) - len(kept) > 1:  # the last may tell the failure
            found.append('%s: %s was answered, there is %s' % (run, lines[-3:], kept[-3:]))

    checks['printed lines lost'] = found = []
    for run in runs.values():
        events, key = logs.get(run['id'], {}).values(), run['scripts'][0]['name'][:-3]
        kept = [event['text'] for event in events if event.get('stream') == 'stdout' and event['text'].startswith(key + ' ')]
        printed = sum(word == 'line' for word, _ in truth.get(key, []))
        lost = ('could not be kept', 'no output could be kept')  # as the run itself says where the disk was full
        short = run['state'] not in ('succeeded', 'failed') or any(words in event.get('text', '') for event in events for words in lost)
        if kept != ['%s %d' % (key, i) for i in range(len(kept))] or len(kept) > printed or (len(kept) < printed and not short):
            found.append('%s %s %s: printed %d, kept %d' % (key, run['id'], run['state'], printed, len(kept)))

    checks['locks overlapping'] = found = []
    for name in LOCKS:
        held = sorted((told[0][1], max(when for _, when in told), key)
                      for key, told in truth.items() if name in evidence.plans[key]['locks'])
        ends = {True: (0, ''), False: (0, '')}  # the latest end of a shared lock, and of an exclusive one
        for start, end, key in held:
            shared = evidence.plans[key]['locks'][name]
            before = ends[False] if shared else max(ends.values())
            if start < before[0]:
                found.append('%s: %s had it for %.3f s more when %s started' % (name, before[1], before[0] - start, key))
            ends[shared] = max(ends[shared], (end, key))

    third = max(1, len(host.resident) // 3)
    first, last = (statistics.median(part) for part in (host.resident[:third], host.resident[-third:]))
    checks['growth of memory'] = ['%d MB at the end of the first lives, %d of the last' % (first, last)] if last > first * 1.3 + 20 else []
    checks['unexpected answers'] = evidence.odd
    checks['faults of the host'] = host.faults
    checks['left-overs'] = left
    return checks


def left_overs(host):
    """Processes and files that a stopped host has left."""
    for _ in range(50):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:  # adopted zombies
                pass
        except ChildProcessError:
            pass
        if not descendants():
            break
        time.sleep(0.1)
    left = []
    for pid in descendants():
        with open('/proc/%d/cmdline' % pid, 'rb') as line:
            left.append('process %d: %s' % (pid, line.read().replace(b'\0', b' ').decode('utf-8', 'replace')))
        os.kill(pid, signal.SIGKILL)
    left += ['in the workspace root: ' + name for name in os.listdir(host.workspaces)]
    left += ['in bundles: ' + name for name in os.listdir(os.path.join(host.disk, 'servo', 'bundles'))]
    return left + ['in TMPDIR: ' + name for name in os.listdir(host.temporary) if name != '.dotnet']


def settle(host):
    """Waits until no run is left to execute."""
    end, before = time.monotonic() + 120, ('queued', 'waiting', 'running')
    while time.monotonic() < end and any(host.request('GET', '/runs?limit=1&state=' + state)[1]['runs'] for state in before):
        time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=float, default=900)
    parser.add_argument('--seed', type=int, default=random.randrange(1 << 30))
    parser.add_argument('--host', default=os.path.join(ROOT, 'artifacts', 'host', 'Servo.WebHost.dll'))
    parser.add_argument('--control', action='store_true', help='falsify the evidence')
    parser.add_argument('--mounts', action='store_true', help=argparse.SUPPRESS)  # in a mount namespace of its own
    arguments = parser.parse_args()

    unshare = ['unshare', '-m' if os.geteuid() == 0 else '-Urm']
    if not arguments.mounts:
        if subprocess.run(unshare + ['mount', '-t', 'tmpfs', 'none', '/tmp'], stderr=subprocess.DEVNULL).returncode == 0:
            os.execvp('unshare', unshare + [sys.executable] + sys.argv + ['--seed', str(arguments.seed), '--mounts'])
        print('the full disk is left out: no tmpfs can be mounted here')
    print('seed %d' % arguments.seed, flush=True)

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    host, evidence = Host(arguments.host, max(48, int(arguments.seconds / 3)) if arguments.mounts else 0), Evidence()
    if not host.start():
        sys.exit('the host does not start: see ' + host.log.name)
    end, over = time.monotonic() + arguments.seconds, threading.Event()
    chaos = Chaos(host, arguments.seed, min(15, arguments.seconds / 6), over)
    callers = [Caller(host, evidence, number, arguments.seed, over) for number in range(1, 10)]
    works = [chaos.work] + [each.work for each in callers[:6]] + [each.cancel_some for each in callers[6:]]
    threads = [threading.Thread(target=work) for work in works]
    threading.excepthook = lambda fault: evidence.odd.append('the soak itself failed: %s' % traceback.format_exception(fault.exc_value))
    for thread in threads:
        thread.start()
    # A busy machine gets more time, and its hosts longer lives, until there is something to check.
    while time.monotonic() < end or time.monotonic() < end + 120 and not (chaos.enough() and evidence.enough()):
        time.sleep(min(30, arguments.seconds / 5))
        chaos.between = 2 if time.monotonic() < end else 10
        print('%4.0f s left: %d requests, %s; the host at its ends: %s MB' % (
            max(0, end - time.monotonic()), len(evidence.plans), dict(chaos.counts), host.resident[-5:]), flush=True)
    over.set()
    for thread in threads:
        thread.join()

    chaos.kill()
    settle(host)
    truth, runs = truth_of(host), runs_of(host)
    logs = {run: log_of(host, run) for run in runs if runs[run]['state'] in ENDED}
    host.end(signal.SIGTERM)
    concerned = falsify(evidence, truth) if arguments.control else set()
    checks = verify(host, evidence, truth, runs, logs, left_overs(host))
    checks['parts of the soak left out'] = [] if chaos.enough() and evidence.enough() else ['the machine is too slow']

    print('\n%s\n%s\n%s' % (dict(evidence.counts), dict(chaos.counts), dict(collections.Counter(run['state'] for run in runs.values()))))
    print('%d runs, %d acknowledged, %d events shown; %d kills, %d stops; memory at the ends: first %d MB, last %d MB' % (
        len(runs), len(evidence.acknowledged), sum(map(len, evidence.shown.values())),
        len(host.kills), len(host.stops), host.resident[0], host.resident[-1]))
    for name, found in checks.items():
        print('%6d %s' % (len(found), name))
        for what in found[:5]:
            print('       ' + what[:1500])
    blind = [name for name in concerned if not checks[name]]
    if blind:
        print('blind: ' + ', '.join(blind))
    bad = any(checks.values())
    if bad and not arguments.control:
        print('kept for a look: ' + shutil.copytree(host.folder, tempfile.mkdtemp(prefix='durability-failed-'), dirs_exist_ok=True,
                                                     ignore=shutil.ignore_patterns('workspaces', 'tmp')))
    if host.mounted:
        subprocess.run(['umount', host.disk])
    shutil.rmtree(host.folder, ignore_errors=True)
    sys.exit(2 if blind else 1 if bad else 0)


if __name__ == '__main__':
    main()
