"""The goals: each row is a name, what is measured against what, and the goal that its pairs must hold.

A new goal is a row here and a function that takes the bench and yields pairs: ours and the other's, or a size and what it cost.
"""
import typing

from . import bulk, growth, whole_runs
from .judges import EXPONENT, LARGEST, MEAN, MEDIAN, MORE, P99, RATIO, Goal, Judge, at_least, at_most, within
from .whole_runs import against_python, against_webhook


class Row(typing.NamedTuple):
    name: str
    what: str
    other: str     # empty where a figure stands for itself
    unit: str
    judge: Judge
    goal: Goal
    pairs: typing.Callable


ROWS = (
    Row('cold-python', 'whole POST, 8 KB bundle', 'python3 script.py', 'ms', RATIO, at_most(1.15), against_python(whole_runs.small)),
    Row('cold-webhook', 'whole POST, 8 KB bundle', 'webhook', 'ms', RATIO, at_most(1.0), against_webhook(whole_runs.small)),
    Row('warm-python', 'the same, warm', 'python3 script.py', 'ms', RATIO, at_most(0.45), against_python(whole_runs.warm)),
    Row('warm-seed', 'one command, warm', 'import json, requests', 'ms', RATIO, at_most(0.15), whole_runs.seed_example),
    Row('files-python', 'whole POST, 200 KB in 40 files', 'python3 script.py', 'ms', RATIO, at_most(1.15), against_python(whole_runs.forty_files)),
    Row('files-webhook', 'whole POST, 200 KB in 40 files', 'webhook', 'ms', RATIO, at_most(1.0), against_webhook(whole_runs.forty_files)),
    Row('three-python', 'whole POST, three scripts', 'python3 script.py x 3', 'ms', RATIO, at_most(1.15), against_python(whole_runs.three_scripts)),
    Row('three-webhook', 'whole POST, three scripts', 'webhook x 3', 'ms', RATIO, at_most(1.0), against_webhook(whole_runs.three_scripts)),
    Row('throughput-cold', 'runs from 8 clients', 'webhook', '1/s', RATIO, at_least(1.0), whole_runs.runs_per_second),
    Row('throughput-warm', 'the same, warm', 'webhook', '1/s', RATIO, at_least(2.5), whole_runs.warm_runs_per_second),
    Row('sandbox-warm', 'at Neighbours, warm', 'at None', 'ms', MORE, within(0.5), whole_runs.in_sandbox('Neighbours', 'true')),
    Row('sandbox-cold', 'at Neighbours, cold', 'at None', 'ms', MORE, within(0.5), whole_runs.in_sandbox('Neighbours', 'false')),
    Row('strict-warm', 'at Strict, warm', 'at None', 'ms', MORE, within(0.8), whole_runs.in_sandbox('Strict', 'true')),
    Row('strict-cold', 'at Strict, cold', 'at None', 'ms', MORE, within(0.8), whole_runs.in_sandbox('Strict', 'false')),
    Row('bubblewrap-cold', 'at Bubblewrap', 'at None, cold', 'ms', MORE, within(4), whole_runs.in_sandbox('Bubblewrap', 'false')),
    Row('host-cpu', 'CPU of the host itself, a run', '', 'ms', MEAN, within(1.5), whole_runs.host_cpu),
    Row('command', 'one proxied command', 'the POST by curl', 'ms', MORE, within(1.0), whole_runs.proxied_command),
    Row('first-line', 'first line, flush to SSE client', '', 'ms', MEDIAN, within(2), lambda bench: bench.once(whole_runs.first_line)),
    Row('first-line-p99', 'first line, flush to SSE client', '', 'ms', P99, within(20), lambda bench: bench.once(whole_runs.first_line)),
    Row('unpack-large', 'unpack 260 MB in four files', 'tar zxf', 'ms', RATIO, at_most(0.4), bulk.part(bulk.unpack, '260 MB in four files')),
    Row('unpack-small', 'unpack 5,000 small files', 'tar zxf', 'ms', RATIO, at_most(0.6), bulk.part(bulk.unpack, '5,000 small files')),
    Row('decrypt', 'decrypt 100 MB', 'openssl enc -d', 'ms', RATIO, at_most(1.0), bulk.part(bulk.decrypt, '100 MB')),
    Row('decrypt-base64', 'decrypt 100 MB in base64', 'openssl enc -d', 'ms', RATIO, at_most(1.0), bulk.part(bulk.decrypt, '100 MB in base64')),
    Row('upload', 'upload 1 GiB and verify', 'curl, openssl dgst', 'MB/s', RATIO, at_least(0.9), bulk.figure(bulk.upload, 0)),
    Row('upload-memory', 'growth of the host by it', '', 'MB', LARGEST, at_most(64), bulk.figure(bulk.upload, 1)),
    Row('output', '1 GB of output to log and stream', '', 'MB/s', MEDIAN, at_least(200), bulk.figure(bulk.output, 0)),
    Row('output-memory', 'growth of the host by it', '', 'MB', LARGEST, at_most(64), bulk.figure(bulk.output, 1)),
    Row('start', 'start to the first accepted run', '', 's', MEDIAN, within(0.5), whole_runs.start_seconds),
    Row('idle-memory', 'resident memory of an idle host', '', 'MB', MEDIAN, at_most(70), whole_runs.idle_memory),
    Row('tool', '`servo run`, start to exit', 'curl', 'ms', MORE, within(150), whole_runs.tool),
    Row('growth-archive', 'a run, by MB of its archive', '', 's', EXPONENT, at_most(1.1), growth.archive_size),
    Row('growth-files', 'a run, by files of its archive', '', 's', EXPONENT, at_most(1.1), growth.files),
    Row('growth-log', 'a run, by lines of its log', '', 's', EXPONENT, at_most(1.1), growth.log_lines),
    Row('growth-past', 'a run and a list, by past runs', '', 's', EXPONENT, at_most(1.1), growth.past_runs),
    Row('growth-followers', '5,000 lines, by followers', '', 's', EXPONENT, at_most(1.1), growth.followers),
    Row('growth-clients', '8 runs of each, by clients', '', 's', EXPONENT, at_most(1.1), growth.clients),
)
