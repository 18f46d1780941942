"""Much at once: unpacking, decrypting, an upload of 1 GiB, 1 GB of output. What grows in memory is the host's peak over its size before."""
import hashlib
import hmac
import json
import os
import socket
import time

from gateway import TOKEN, bundle

from .bench import streaming_post
from .tools import need, run


def unpack(bench):
    need('tar')
    bench.say('unpacks, %d rounds' % bench.few)
    return bench.part('unpack', bench.few, bench.folder, '--pairs')


def decrypt(bench):
    need('openssl')
    bench.say('decrypts, %d rounds' % bench.few)
    return bench.part('decrypt', bench.few, bench.folder, '--pairs')


def part(measure, name):
    return lambda bench: bench.once(measure)[name]


def upload(bench):
    """Pairs in MB/s, and the growth in MB."""
    need('curl'), need('openssl')
    source, copy = os.path.join(bench.folder, 'source'), os.path.join(bench.folder, 'copy')
    block, digest = os.urandom(1 << 20), hmac.new(TOKEN.encode(), digestmod=hashlib.sha1)
    with open(source, 'wb') as file:
        for _ in range(1024):
            file.write(block)
            digest.update(block)

    def rate(action):
        def timed():
            os.sync()  # none is to pay for what the one before has written
            begun = time.perf_counter()
            action()
            return (1 << 30) / 1e6 / (time.perf_counter() - begun)
        return timed

    def ours():
        answer = run(['curl', '-sS', '-H', 'X-Signature: sha1=' + digest.hexdigest(), '-H', 'Accept: application/json', '-X', 'POST',
                      '-H', 'Content-Type: application/gzip', '-T', source, 'http://127.0.0.1:%d/run/none.py' % bench.host.port])
        # It is no archive, which shows that the signature matched.
        assert json.loads(answer)['failure']['kind'] == 'bad-archive', answer

    def plain():
        run(['curl', '-sS', '-o', copy, 'file://' + source])
        run(['openssl', 'dgst', '-sha1', copy])
        os.unlink(copy)

    before = bench.host.reset_peak()
    pairs = bench.alternate(rate(ours), rate(plain), rounds=bench.few)
    os.unlink(source)
    return pairs, [(bench.host.peak() - before, None)]


OUTPUT = b'''import os
block = (b'x' * 99 + b'\\n') * 10000
for _ in range(1000):
    left = memoryview(block)
    while left:
        left = left[os.write(1, left):]
'''


def output(bench):
    """MB/s of a script's output until a follower of its POST has the result, and the growth in MB."""
    archive = bundle({'print.py': OUTPUT})
    request = streaming_post(archive)
    before = bench.host.reset_peak()
    rates = []
    for number in range(min(2, bench.few)):
        bench.say('prints 1 GB, the %d. time' % (number + 1))
        begun, tail, buffer = time.perf_counter(), b'', bytearray(1 << 20)
        with socket.create_connection(('127.0.0.1', bench.host.port), 60) as stream:
            stream.sendall(request)
            while b'event: result' not in tail:
                length = stream.recv_into(buffer)
                assert length, 'the stream broke off: %r' % tail
                tail = (tail + buffer[max(0, length - 600):length])[-600:]
        assert b'"ok":true' in tail, tail
        rates.append((1000 / (time.perf_counter() - begun), None))
    return rates, [(bench.host.peak() - before, None)]


def figure(measure, index):
    return lambda bench: bench.once(measure)[index]
