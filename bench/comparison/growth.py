"""What a host costs as its work grows. Each measurement yields pairs of a size and seconds; sizes take turns, up and down again."""
import contextlib
import os
import random
import selectors
import socket
import time

from gateway import bundle

from .bench import LINE, SMALL, connect, sign, signed_get, together


def over(bench, sizes, measure, rounds=None):
    pairs = []
    measure(sizes[0])
    for number in range(rounds or min(3, bench.few)):
        for size in sizes if number % 2 == 0 else sizes[::-1]:
            pairs.append((size, measure(size)))
            bench.say('%s: %.3f s' % ('{:,}'.format(size), pairs[-1][1]))
    return pairs


def seconds(action):
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def archive_size(bench):
    noise = random.Random(1).randbytes(64 << 20)
    archives = {size: bundle({'print.py': LINE, 'data.bin': noise[:size << 20]}) for size in (1, 4, 16, 64)}
    for archive in archives.values():
        sign(archive)
    return over(bench, list(archives), lambda size: seconds(lambda: bench.post(bench.host, archives[size])))


def files(bench):
    noise = random.Random(2).randbytes(2000)
    archives = {count: bundle(dict({'folder%d/%d.txt' % (number // 100, number): noise for number in range(count)}, **{'print.py': LINE}))
                for count in (100, 400, 1600, 6400, 25600)}
    return over(bench, list(archives), lambda count: seconds(lambda: bench.post(bench.host, archives[count])))


def log_lines(bench):
    def follow(lines):
        archive = bundle({'print.py': b"for number in range(%d): print('%%d %%s' %% (number, 'x' * 80))\n" % lines})
        with contextlib.closing(connect(bench.host.port)) as connection:
            connection.request('POST', '/run/print.py', archive, {'X-Signature': sign(archive), 'Accept': 'application/x-ndjson'})
            answer, tail = connection.getresponse(), b''
            while True:
                part = answer.read1(1 << 20)
                if not part:
                    break
                tail = (tail + part)[-600:]
        assert b'"ok":true' in tail, tail

    return over(bench, [10_000, 40_000, 160_000, 640_000], lambda lines: seconds(lambda: follow(lines)))


def past_runs(bench):
    """A whole run, and a page of the list, beside those that are kept."""
    pairs = []
    for past in (1_000, 10_000, 30_000):
        state = os.path.join(bench.folder, 'past-%d' % past)
        bench.say('keeps {:,} runs'.format(past))
        bench.part('state-fill', past, state)
        with bench.new_host(Servo__State__Root=state, Servo__State__MaxRuns='1000000') as host:
            def work():
                bench.post(host, SMALL)
                host.connection.request('GET', '/runs?limit=50', headers=signed_get('/runs?limit=50'))
                answer = host.connection.getresponse()
                assert answer.status == 200 and len(answer.read()) > 1000

            for _ in range(60):
                work()
            pairs += [(past, seconds(work)) for _ in range(bench.rounds)]
    return pairs


def followers(bench):
    """From the script's start to print 5,000 lines until all who follow it have the result."""
    go = os.path.join(bench.folder, 'go')
    archive = bundle({'print.py': b'''import os, time
for _ in range(12000):
    if os.path.exists(%r): break
    time.sleep(0.005)
for number in range(5000): print('%%d %%s' %% (number, 'x' * 80))
''' % go.encode()})

    def follow(count):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(go)
        host, streams, tails = bench.host, [], {}
        host.connection.request('POST', '/run/print.py', archive, {'X-Signature': sign(archive), 'Prefer': 'respond-async'})
        answer = host.connection.getresponse()
        answer.read()
        target = answer.getheader('Location') + '/events'
        headers = dict(signed_get(target), Host='127.0.0.1', Accept='application/x-ndjson')
        request = ('GET %s HTTP/1.1\r\n' % target + ''.join('%s: %s\r\n' % header for header in headers.items()) + '\r\n').encode()
        with contextlib.ExitStack() as stack:
            reading = stack.enter_context(selectors.DefaultSelector())
            for _ in range(count):
                stream = stack.enter_context(socket.create_connection(('127.0.0.1', host.port), 60))
                stream.sendall(request)
                tails[stream] = stream.recv(65536)
                assert tails[stream].startswith(b'HTTP/1.1 200'), tails[stream]
                reading.register(stream, selectors.EVENT_READ)
            begun = time.perf_counter()
            open(go, 'w').close()
            while tails:
                ready = reading.select(60)
                assert ready, 'nothing comes any more'
                for key, _ in ready:
                    part = key.fileobj.recv(1 << 18)
                    assert part, 'a stream broke off'
                    tails[key.fileobj] = (tails[key.fileobj] + part)[-600:]
                    if b'"event":"result"' in tails[key.fileobj]:
                        reading.unregister(key.fileobj)
                        del tails[key.fileobj]
            return time.perf_counter() - begun

    return over(bench, [1, 5, 20, 50, 100, 200], follow)


def clients(bench):
    """Eight runs of each client."""
    def work(connection):
        for _ in range(8):
            bench.post(bench.host, SMALL, connection=connection)

    return over(bench, [1, 4, 16, 64], lambda count: together(count, bench.host.port, work))
