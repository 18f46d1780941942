"""A whole POST and its answer, on an idle host and under load."""
import json
import os
import re
import socket
import subprocess
import time

from gateway import ROOT, TOKEN, bundle

from .bench import LINE, SMALL, milliseconds, sign, streaming_post, together
from .tools import build, need, need_module, run

SECONDS = 3  # of a turn under load


def small(bench):
    return in_turns(bench, SMALL, ['print.py'])


def warm(bench):
    return in_turns(bench, SMALL, ['print.py'], bench.warm_host)


SEED = b"""
from servo import servo

with servo() as proxy:
    print(proxy('ls'))
"""


def seed_example(bench):
    """Pairs: a whole POST of the example with one command, and an interpreter that imports what it took before."""
    need_module(bench.python, 'requests')
    archive = bundle({'print.py': SEED})

    return bench.alternate(milliseconds(lambda: bench.post(bench.warm_host, archive)), milliseconds(lambda: bench.interpret('-c', 'import json, requests')), warm_up=10)


def forty_files(bench):
    files = {'part%d.bin' % number: os.urandom(5200) for number in range(39)}
    return in_turns(bench, bundle(dict(files, **{'print.py': LINE})), ['print.py'])


def three_scripts(bench):
    names = ['a.py', 'b.py', 'c.py']
    return in_turns(bench, bundle(dict({name: LINE for name in names}, **{'data.bin': os.urandom(8000)})), names)


def in_turns(bench, archive, scripts, host=None):
    """Triples: the gateway, the bare interpreter, webhook; the last two as often as there are scripts."""
    host = host or bench.host
    script = os.path.join(bench.folder, 'print.py')
    with open(script, 'wb') as file:
        file.write(LINE)
    sign(archive)

    def ours():
        bench.post(host, archive, '+'.join(scripts))

    def bare():
        for _ in scripts:
            bench.interpret(script)

    def webhook():
        for _ in scripts:
            bench.webhook.post(SMALL)

    return bench.alternate(milliseconds(ours), milliseconds(bare), milliseconds(webhook), warm_up=10)


def in_sandbox(level, warm):
    """Measures pairs: a whole POST where scripts are in a sandbox, and where they are in none."""
    def measure(bench):
        with bench.new_host(Servo__Scripts__Sandbox=level, Servo__Scripts__Warm=warm) as inside, \
                bench.new_host(Servo__Scripts__Sandbox='None', Servo__Scripts__Warm=warm) as none:
            return bench.alternate(milliseconds(lambda: bench.post(inside, SMALL)), milliseconds(lambda: bench.post(none, SMALL)),
                                   rounds=4 * bench.rounds, warm_up=50)
    return measure


def against_python(measure):
    return lambda bench: [(ours, python) for ours, python, _ in bench.once(measure)]


def against_webhook(measure):
    return lambda bench: [(ours, webhook) for ours, _, webhook in bench.once(measure)]


def warm_runs_per_second(bench):
    return runs_per_second(bench, bench.warm_host)


def runs_per_second(bench, host=None):
    host = host or bench.host

    def under_load(port, post):
        def turn():
            count, end = [], time.perf_counter() + SECONDS

            def work(connection):
                while time.perf_counter() < end:
                    post(connection)
                    count.append(1)

            seconds = together(8, port, work)
            return len(count) / seconds
        return turn

    return bench.alternate(under_load(host.port, lambda connection: bench.post(host, SMALL, connection=connection)),
                           under_load(bench.webhook.port, lambda connection: bench.webhook.post(SMALL, connection)), rounds=bench.few)


def host_cpu(bench):
    """Milliseconds of all the host's own threads, in four parts of 250 runs: its children are not in these two fields."""
    def ticks():
        with open('/proc/%d/stat' % bench.host.process.pid) as stat:
            fields = stat.read().rpartition(')')[2].split()
        return int(fields[11]) + int(fields[12])

    parts = []
    bench.host
    for number in range(4):
        before = ticks()
        for _ in range(250):
            bench.post(bench.host, SMALL)
        parts.append(((ticks() - before) * 1000 / os.sysconf('SC_CLK_TCK') / 250, None))
        bench.say('%d of 1000 runs' % (250 * (number + 1)))
    return parts


COMMANDS = '''
import json, subprocess, time
from servo import servo

def curl():
    out = subprocess.check_output(['curl', '-sS', '-o', '/dev/null', '-w', '%%{time_total}', '-X', 'POST', '-H', 'X-Shell: ls -j',
                                   '--data-binary', '', %(url)r])
    return float(out.decode()) * 1000

with servo() as proxy:
    def command():
        begun = time.perf_counter()
        proxy('ls')
        return (time.perf_counter() - begun) * 1000

    for number in range(-5, %(rounds)d):
        pair = [command(), curl()] if number %% 2 else [curl(), command()][::-1]
        if number >= 0:
            print('pair ' + json.dumps(pair))
'''


def proxied_command(bench):
    """The script does both in turns, so that they share its machine and its moment; curl's own time is that of the exchange, without its start."""
    need('curl')
    script = COMMANDS % {'url': bench.portal.url + '/shell', 'rounds': 5 * bench.rounds}
    log = bench.post(bench.host, bundle({'print.py': script.encode()}))['log']
    return [tuple(json.loads(line[5:])) for line in log if line.startswith('pair ')]


FIRST_LINE = b'import time\nprint(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)\ntime.sleep(0.02)\n'


def first_line(bench):
    """Milliseconds from before the script's flush to the arrival of the event."""
    archive = bundle({'print.py': FIRST_LINE})
    request = streaming_post(archive)
    late = []
    for number in range(max(100, bench.rounds * 5) + 10):
        with socket.create_connection(('127.0.0.1', bench.host.port), 60) as stream:
            stream.sendall(request)
            said, arrived = b'', None
            while b'event: result' not in said:
                part = stream.recv(65536)
                now = time.clock_gettime(time.CLOCK_MONOTONIC)
                assert part, said
                said += part
                found = re.search(rb'"stdout","text":"([0-9.]+)"', said)
                if found and arrived is None:
                    arrived = now
            assert found, said
        if number >= 10:
            late.append(((arrived - float(found.group(1))) * 1000, None))
    return late


def tool(bench):
    """Both from the start of a process to its exit."""
    bench.say('publishes the tool')
    folder = os.path.join(bench.folder, 'tool')
    build('publish', os.path.join(ROOT, 'src', 'Servo.Cli'), '-o', folder)
    files = os.path.join(bench.folder, 'files')
    os.mkdir(files)
    archive = os.path.join(bench.folder, 'small.tgz')
    for path, data in ((archive, SMALL), (os.path.join(files, 'print.py'), LINE), (os.path.join(files, 'data.bin'), os.urandom(8000))):
        with open(path, 'wb') as file:
            file.write(data)
    url = 'http://127.0.0.1:%d' % bench.host.port
    environment = dict(os.environ, SERVO_URL=url, SERVO_TOKEN=TOKEN)

    def ours():
        assert 'a line' in run([os.path.join(folder, 'servo'), 'run', files, 'print.py'], timeout=60, env=environment, stderr=subprocess.DEVNULL)

    def curl():
        assert 'a line' in run([need('curl'), '-sS', '-H', 'X-Signature: ' + sign(SMALL), '-H', 'Content-Type: application/gzip',
                                '--data-binary', '@' + archive, url + '/run/print.py'], timeout=60)

    return bench.alternate(milliseconds(ours), milliseconds(curl), warm_up=2)


def start(bench):
    """Pairs of a start: seconds to the first acceptance, then MB of a host that rests after that run."""
    def once():
        begun = time.perf_counter()
        with bench.new_host() as host:
            headers = {'X-Signature': sign(SMALL), 'Prefer': 'respond-async'}
            host.connection.request('POST', '/run/print.py', SMALL, headers)
            answer = host.connection.getresponse()
            seconds = time.perf_counter() - begun
            assert answer.status == 202, answer.read()
            answer.read()
            time.sleep(5)
            with open('/proc/%d/status' % host.process.pid) as status:
                return seconds, int(re.search(r'VmRSS:\s+(\d+)', status.read()).group(1)) / 1024

    once()
    return [once() for _ in range(bench.few)]


def start_seconds(bench):
    return [(seconds, None) for seconds, _ in bench.once(start)]


def idle_memory(bench):
    return [(memory, None) for _, memory in bench.once(start)]
