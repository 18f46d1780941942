#!/usr/bin/env python3
"""Measures how the client packs folders against `tar zcf` at gzip's level 6, in turns within one run.

    dotnet build bench/Servo.Bench -c Release
    bench/packing.py few many memory [--rounds 9] [--place /dev/shm]

few     300 MB in six files, text and noise in runs of 512 KiB
many    5,000 small files
memory  the most memory that a process needs to pack a folder of 1 GiB

Each round of ours is a process of its own, as tar's is: `process` is its whole time, with the start of .NET; `pack` is what it measured itself, warmed up by one
round before it, as in a build that stays up.
"""
import argparse
import os
import random
import statistics
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BENCH = ['dotnet', os.path.join(ROOT, 'bench', 'Servo.Bench', 'bin', 'Release', 'net10.0', 'Servo.Bench.dll')]


def text(source, length):
    words = ['%x' % (source.randrange(3000) * 7919) for _ in range(length // 4)]
    return ' '.join(words).encode()[:length]


def write_large(folder, megabytes, files):
    source = random.Random(1)
    words = text(source, 4 << 20)
    half = 512 * 1024
    for number in range(files):
        with open(os.path.join(folder, '%d.bin' % number), 'wb') as file:
            for _ in range(megabytes // files):
                file.write(source.getrandbits(8 * half).to_bytes(half, 'little'))
                start = source.randrange(len(words) - half)
                file.write(words[start:start + half])


def write_small(folder):
    source = random.Random(2)
    words = text(source, 1 << 20)
    for number in range(5000):
        into = os.path.join(folder, 'folder%d' % (number // 100))
        os.makedirs(into, exist_ok=True)
        start = source.randrange(len(words) - 9000)
        with open(os.path.join(into, 'file%d.txt' % number), 'wb') as file:
            file.write(words[start:start + source.randrange(100, 9000)])


def ours(folder, archive, rounds):
    lines = subprocess.check_output(BENCH + ['pack', folder, archive, str(rounds)], universal_newlines=True).split()
    return float(lines[-1])


def timed(action):
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def compare(name, folder, archive, rounds):
    def tar():
        subprocess.check_call(['tar', '-I', 'gzip -6', '-cf', archive, '-C', folder, '.'])

    tars, processes, packs = [], [], []
    for turn in range(-1, rounds):
        for what in ('tar', 'process', 'pack') if turn % 2 else ('pack', 'process', 'tar'):
            took = timed(tar) if what == 'tar' else timed(lambda: ours(folder, archive, 1)) if what == 'process' else ours(folder, archive, 2)
            if turn >= 0:
                {'tar': tars, 'process': processes, 'pack': packs}[what].append(took)
            if what == 'tar':
                theirs = os.path.getsize(archive)
            else:
                size = os.path.getsize(archive)
    for label, times in (('pack', packs), ('process', processes)):
        print('%s, %s: servo median %.0f ms (best %.0f), tar zcf median %.0f ms (best %.0f), ratio of medians %.2f' % (
            name, label, statistics.median(times), min(times), statistics.median(tars), min(tars), statistics.median(times) / statistics.median(tars)))
    print('%s: %.1f MB, tar zcf %.1f MB' % (name, size / 1e6, theirs / 1e6))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('what', nargs='+', choices=['few', 'many', 'memory'])
    parser.add_argument('--rounds', type=int, default=9, help='counted rounds, after a warm-up')
    parser.add_argument('--place', help='where the files lie; the temporary directory by default')
    arguments = parser.parse_args()

    for what in arguments.what:
        with tempfile.TemporaryDirectory(dir=arguments.place) as place:
            folder, archive = os.path.join(place, 'source'), os.path.join(place, 'archive')
            os.mkdir(folder)
            if what == 'few':
                write_large(folder, 300, 6)
                compare('300 MB in six files', folder, archive, arguments.rounds)
            elif what == 'many':
                write_small(folder)
                compare('5,000 small files', folder, archive, arguments.rounds)
            else:
                write_large(folder, 1024, 4)
                print('1 GiB in four files: ' + ' ms, '.join(subprocess.check_output(BENCH + ['pack-memory', folder, archive], universal_newlines=True).splitlines()))


if __name__ == '__main__':
    main()
