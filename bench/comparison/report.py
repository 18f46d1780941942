"""docs/performance.md: the machine, the table, and a plot for each row about growth."""
import math
import os
import platform
import re
import subprocess
import tempfile
import time

from gateway import ROOT

from .bench import START
from .judges import EXPONENT, MORE, RATIO, fit, medians

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 560, 340, 70, 50, 40, 20


def unit_of_goal(row):
    return '' if row.judge in (RATIO, EXPONENT) else row.unit + (' more' if row.judge is MORE else '')


def machine(arguments, load):
    """What the figures depend on."""
    with open('/proc/cpuinfo') as file:
        model = re.search(r'model name\s*:\s*(.*)', file.read())
    with open('/proc/meminfo') as file:
        memory = int(re.search(r'MemTotal:\s+(\d+)', file.read()).group(1)) / (1 << 20)
    return {
        'date': time.strftime('%Y-%m-%d'),
        'processor': model.group(1) if model else platform.machine(),
        'cores': len(os.sched_getaffinity(0)),
        'memory': '%.0f GB' % memory,
        'kernel': platform.release(),
        'python': said(arguments.python, '--version'),
        'dotnet': said('dotnet', '--version'),
        'webhook': said('webhook', '-version') or 'no webhook',
        'openssl': said('openssl', 'version'),
        'files': said('stat', '-f', '-c', '%T', tempfile.gettempdir()),
        'rounds': arguments.rounds,
        'load': load,
    }


def said(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=60).stdout.decode().strip()
    except (OSError, subprocess.TimeoutExpired):
        return ''


def write(about, results):
    folder = os.path.join(ROOT, 'docs', 'performance')
    os.makedirs(folder, exist_ok=True)
    plots = [result for result in results if result['row'].startswith('growth-') and result['pairs']]
    for result in plots:
        with open(os.path.join(folder, result['row'] + '.svg'), 'w') as file:
            file.write(plot(result))
    with open(os.path.join(ROOT, 'docs', 'performance.md'), 'w') as file:
        file.write(page(about, results, plots))


def page(about, results, plots):
    loads = [result['load'] for result in results]
    text = [
        '# Performance', '', 'Measured and written by `bench/compare --report`: do not edit this page.', '',
        '%(date)s: %(processor)s, %(cores)s cores, %(memory)s; Linux %(kernel)s; %(python)s; .NET SDK %(dotnet)s; %(webhook)s; %(openssl)s; all files on %(files)s.' % about,
        '%d rounds. The load of the machine as rows began, their own included: %.1f to %.1f (%.1f before the first).' % (
            about['rounds'], min(loads), max(loads), about['load']), '',
        'Servo and the other take turns, and change their order from round to round. A ratio is the median of the ratios pair by pair.',
        'A row of growth is the exponent of a straight line on logarithmic axes (1 is linear, 0 is flat), through all sizes or the',
        'largest three, whichever is more; its time is that of the largest size.',
        'A goal in milliseconds or seconds was set where a bare `python3 script.py` takes %g ms; where that took n times as long when the row began,' % START,
        'the goal is so many times as much (`x n`).', '',
        '| row | work | Servo, p50 | the other, p50 | result | goal | |', '| --- | --- | --- | --- | --- | --- | --- |']
    for result in results:
        other = '%s (%s)' % (result['theirs'], result['other']) if result['other'] else ''
        cells = (result['row'], result['what'], result['ours'], other, result['result'], result['goal'], result['verdict'])
        text.append('| %s |' % ' | '.join(cells))
    if plots:
        text += ['', '## As work grows', '']
        for result in plots:
            text.append('![%s](performance/%s.svg)' % (result['what'], result['row']))
    return '\n'.join(text) + '\n'


def plot(result):
    """Points and the line through them, both axes logarithmic, as SVG."""
    points = medians(result['pairs'])
    slope, factor = fit(points)
    low, high = points[0][0], points[-1][0]
    line = [(size, factor * size ** slope) for size in (low, high)]
    values = [value for _, value in points + line]
    bottom, top = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    top += top == bottom

    def x(size):
        return LEFT + (math.log(size) - math.log(low)) / (math.log(high) - math.log(low)) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - (math.log10(value) - bottom) / (top - bottom) * (HEIGHT - BOTTOM - TOP)

    def text(left, above, anchor, words):
        return '<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>' % (left, above, anchor, words)

    title = '%s: seconds, exponent %.2f' % (result['what'], result['value'])
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">' % (WIDTH, HEIGHT),
             '<rect width="100%" height="100%" fill="white"/>', text(LEFT, 22, 'start', title)]
    for power in range(bottom, top + 1):
        parts.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/>' % (LEFT, WIDTH - RIGHT, y(10 ** power), y(10 ** power)))
        parts.append(text(LEFT - 8, y(10 ** power) + 4, 'end', '%g s' % 10 ** power))
    for size, _ in points:
        parts.append(text(x(size), HEIGHT - BOTTOM + 20, 'middle', '{:,}'.format(size)))
    ends = ' '.join('%.1f,%.1f' % (x(size), y(value)) for size, value in line)
    parts.append('<polyline fill="none" stroke="#888" stroke-dasharray="4" points="%s"/>' % ends)
    parts += ['<circle cx="%.1f" cy="%.1f" r="4" fill="#1565c0"/>' % (x(size), y(value)) for size, value in points]
    return '\n'.join(parts + ['</svg>']) + '\n'
