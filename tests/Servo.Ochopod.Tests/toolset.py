"""Behaves as the toolset of an Ochothon portal does: looks pods up in ZooKeeper by a glob and asks their control endpoints.

    toolset.py HOST:PORT COMMAND ...

Pods are asked where their registration says, files go along as parts whose name and file name are their own, and what
comes back is shown as text, or with -j as JSON.
"""
import argparse
import concurrent.futures
import fnmatch
import json
import os
import sys
import urllib.error
import urllib.request
import uuid

import kazoo.client

INFO_TIMEOUT = 5


def lookup(zk, glob, subset=None):
    """The pods of all clusters that match, by their names; a node without data is an error, as in the original."""
    pods = {}
    for cluster in zk.get_children('/ochopod/clusters') if zk.exists('/ochopod/clusters') else []:
        if fnmatch.fnmatch(cluster, glob):
            root = '/ochopod/clusters/%s/pods' % cluster
            for child in zk.get_children(root) if zk.exists(root) else []:
                pod = json.loads(zk.get('%s/%s' % (root, child))[0].decode())
                if subset is None or pod['seq'] in subset:
                    pods['%s #%d' % (cluster, pod['seq'])] = pod
    return pods


def post(pod, path, timeout, headers=None, files=(), body=None):
    """The status and the parsed answer of a pod; None where it does not answer."""
    url = 'http://%s:%d/%s' % (pod['ip'], pod['ports'][pod['port']], path)
    headers = dict(headers or {})
    if files:
        boundary = uuid.uuid4().hex
        headers['Content-Type'] = 'multipart/form-data; boundary=' + boundary
        body = b''
        for name in files:
            with open(name, 'rb') as file:
                name = os.path.basename(name).encode()
                body += b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n' % (boundary.encode(), name, name, file.read())
        body += b'--%s--\r\n' % boundary.encode()
    request = urllib.request.Request(url, data=body or b'', headers=headers, method='POST')
    if not headers.get('Content-Type'):
        request.add_unredirected_header('Content-Type', '')
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=timeout) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return None


def ask(pods, *args, **kwargs):
    """Asks all pods at once; those that do not answer are left out."""
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        answers = {name: threads.submit(post, pod, *args, **kwargs) for name, pod in pods.items()}
    return {name: answer.result() for name, answer in answers.items() if answer.result() is not None}


def good(answers):
    return {name: js for name, (code, js) in answers.items() if code == 200}


def table(head, rows):
    widths = [max(map(len, column)) for column in zip(head, [''] * len(head), *rows)]
    return ['  |  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [head, [''] * len(head)] + rows]


def replies(pods, answers):
    share = 100 * len(answers) // len(pods) if pods else 0
    return '%d pods, %d%% replies ->' % (len(answers), share)


class Toolset(object):
    def __init__(self, zk):
        self.zk = zk

    def run(self, words):
        """The exit code and the output of a command line."""
        parser = argparse.ArgumentParser(prog=words[0], add_help=False)
        parser.add_argument('-j', action='store_true')
        parser.add_argument('-i', type=int, nargs='+')
        parser.add_argument('--force', action='store_true')
        parser.add_argument('-t', type=int, default=60)
        parser.add_argument('-l', action='store_true')
        args, rest = parser.parse_known_args(words[1:])
        command = getattr(self, 'do_' + words[0], None)
        if command is None:
            return 1, 'unknown command (available commands -> exec, grep, kill, log, ls, off, on, poll, port)'
        return command(args, rest)

    def show(self, args, found, text):
        return json.dumps(found) if args.j else text

    def do_ls(self, args, rest):
        pods = lookup(self.zk, rest[0] if rest else '*')
        found = {}
        for name, js in good(ask(pods, 'info', INFO_TIMEOUT)).items():
            cluster = found.setdefault(name.split(' ')[0], {'total': 0, 'running': 0, 'status': ''})
            cluster['total'] += 1
            cluster['running'] += js['process'] == 'running'
            cluster['status'] = js.get('status', '') or cluster['status']
        return 0, self.show(args, found, '\n'.join('%s %d/%d %s' % (name, c['running'], c['total'], c['status']) for name, c in found.items()))

    def do_grep(self, args, rest):
        pods = lookup(self.zk, rest[0] if rest else '*', args.i)
        found = {name: {key: js[key] for key in ('ip', 'node', 'process', 'state')} for name, js in good(ask(pods, 'info', INFO_TIMEOUT)).items()}
        rows = [[name, js['ip'], js['node'], js['process'], js['state']] for name, js in found.items()]
        return 0, self.show(args, found, '\n'.join([replies(pods, found), ''] + table(['pod', 'pod IP', 'node', 'process', 'state'], rows)))

    def do_poll(self, args, rest):
        pods = lookup(self.zk, rest[0] if rest else '*')
        found = {name: js['metrics'] for name, js in good(ask(pods, 'info', INFO_TIMEOUT)).items()}
        rows = [[name, json.dumps(js)] for name, js in found.items()]
        return 0, self.show(args, found, '\n'.join([replies(pods, found), ''] + table(['pod', 'metrics'], rows)))

    def do_port(self, args, rest):
        pods = lookup(self.zk, rest[1] if len(rest) > 1 else '*')
        answers = good(ask(pods, 'info', INFO_TIMEOUT))
        found = {name: {'ip': js['ip'], 'public': js['public'], 'ports': str(js['ports'][rest[0]])} for name, js in answers.items() if rest[0] in js['ports']}
        return 0, self.show(args, found, json.dumps(found))

    def do_log(self, args, rest):
        if args.j:
            return 1, 'error: unrecognized arguments: -j'
        answers = good(ask(lookup(self.zk, rest[0] if rest else '*', args.i), 'log', INFO_TIMEOUT))
        return 0, '\n'.join('- %s\n\n%s' % (name, ''.join(lines if args.l else lines[-16:])) for name, lines in answers.items())

    def do_exec(self, args, rest):
        if not args.force and args.i is None:
            return 1, 'shutting down <- you must specify -i if --force is not set'
        pods = lookup(self.zk, rest[0], args.i)
        words = rest[1:]
        files = [word for word in words if os.path.isfile(word)]
        answers = ask(pods, 'exec', args.t, headers={'X-Shell': ' '.join(words)}, files=files)
        found = good(answers)
        ok = bool(answers) and len(found) == len(answers)
        lines = ['<%s> -> %d%% replies (%d pods total) ->' % (rest[0], 100 * len(answers) // len(pods) if pods else 0, len(pods))]
        for name, js in found.items():
            lines += ['- %s (exit code %d)' % (name, js['code']), ''] + [' ' + line for line in js['stdout']]
        return 0 if ok else 1, self.show(args, found, '\n'.join(lines))

    def control(self, args, rest, task, member, until):
        if not args.force and args.i is None:
            return 1, 'shutting down <- you must specify -i if --force is not set'
        pods = lookup(self.zk, rest[0], args.i)
        answers = ask(pods, 'control/%s/%d' % (task, max(args.t, 5)), max(args.t, 5))
        done = [name for name, (code, _) in answers.items() if code in until]
        ok = bool(pods) and len(done) == len(pods)
        return 0 if ok else 1, json.dumps({rest[0]: {'ok': ok, member: done}})

    def do_on(self, args, rest):
        return self.control(args, rest, 'on', 'on', (200,))

    def do_off(self, args, rest):
        return self.control(args, rest, 'off', 'off', (200,))

    def do_reset(self, args, rest):
        answers = ask(lookup(self.zk, rest[0], args.i), 'reset', INFO_TIMEOUT)
        return 0, json.dumps({rest[0]: {'ok': len(good(answers)) > 0, 'reset': sorted(good(answers))}})

    def do_kill(self, args, rest):
        """Asks until every pod says that it is dead, a bounded number of times."""
        for _ in range(5):
            code, out = self.control(args, rest, 'kill', 'down', (410,))
            if code == 0:
                break
        return code, out


def connect(hosts):
    zk = kazoo.client.KazooClient(hosts=hosts)
    zk.start(timeout=15)
    return zk


if __name__ == '__main__':
    client = connect(sys.argv[1])
    try:
        status, out = Toolset(client).run(sys.argv[2:])
    finally:
        client.stop()
        client.close()
    print(out)
    sys.exit(status)
