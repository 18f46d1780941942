#!/usr/bin/env python3
"""Measures runs per second from several clients, of one host or of two side by side.

    bench/throughput.py [--against OTHER/Servo.WebHost.dll] [--clients 8] [--turns 6] [--seconds 4]

Each client posts an 8 KB bundle with a script that prints a line, waits for the answer and posts again, on a connection of its own. Two hosts
take turns of a few seconds, so that the noise of the machine hits both alike; the ratio is the median over the pairs of turns.
"""
import argparse
import http.client
import hashlib
import hmac
import json
import os
import statistics
import tempfile
import threading
import time

from gateway import ROOT, TOKEN, Host, bundle

ARCHIVE = bundle({'print.py': b"print('a line')\n", 'data.bin': os.urandom(8000)})
HEADERS = {'X-Signature': 'sha1=' + hmac.new(TOKEN.encode(), ARCHIVE, hashlib.sha1).hexdigest(), 'Accept': 'application/json'}


def turn(port, clients, seconds):
    """Returns runs per second."""
    counts, end = [0] * clients, time.perf_counter() + seconds

    def client(number):
        connection = http.client.HTTPConnection('127.0.0.1', port)
        while time.perf_counter() < end:
            connection.request('POST', '/run/print.py', ARCHIVE, HEADERS)
            answer = json.loads(connection.getresponse().read().decode())
            assert answer['ok'] and 'a line' in answer['log'], answer
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--against', help='the assembly of another host')
    parser.add_argument('--clients', type=int, default=8)
    parser.add_argument('--turns', type=int, default=6)
    parser.add_argument('--seconds', type=float, default=4)
    parser.add_argument('--python', default='/usr/bin/python3')
    arguments = parser.parse_args()

    assemblies = [os.path.join(ROOT, 'artifacts', 'host', 'Servo.WebHost.dll')] + ([arguments.against] if arguments.against else [])
    with tempfile.TemporaryDirectory() as folder:
        hosts = []
        try:
            for assembly in assemblies:
                root = os.path.join(folder, str(len(hosts)))
                os.mkdir(root)
                hosts.append(Host(arguments.python, root, assembly))
            for host in hosts:
                turn(host.port, arguments.clients, 2)  # warms up
            rates = [[] for _ in hosts]
            for number in range(arguments.turns):
                for index in (range(len(hosts)) if number % 2 == 0 else reversed(range(len(hosts)))):
                    rates[index].append(turn(hosts[index].port, arguments.clients, arguments.seconds))
        finally:
            for host in hosts:
                host.close()

    for name, each in zip(('this host', 'the other'), rates):
        print('%s: %.1f runs/s (%.1f to %.1f)' % (name, statistics.median(each), min(each), max(each)))
    if len(rates) == 2:
        print('ratio %.2f' % statistics.median(a / b for a, b in zip(*rates)))


if __name__ == '__main__':
    main()
