"""The fork server in an interpreter that is started as scripts are, so that it can fork scripts as well: a warm start (docs/decisions/0027).

    warm.py HOST_PID PROCESSORS MODULE...

It has the scripts' own environment and no options, so `site`, .pth files and a virtual environment have had their say already. What it holds before it
imports anything is what a script is to find; the modules named, and all that this program needs itself, are loaded afterwards and hidden
from scripts until they import them. A forked script leaves every frame of this file behind: the last line raises, and the interpreter calls
what `script.become` returned as its `sys.excepthook`, with nothing below it.

Where any of this is not possible the first answer is {"cold": reason}, and the host starts forkserver.py instead. This file has to be valid for every Python.
"""
import os
import sys

OLDEST = (3, 9)  # before, C has no way to take back the depth of the calls below the script


class Ready(Exception):
    """Ends this program in a forked script."""


def main():
    warmth = load_ahead()
    if warmth is None:
        return None
    forked, become = warmth.serve()
    return forked and become(forked)


def load_ahead():
    """Returns what scripts are forked with; None where that is not possible, which the host is told."""
    modules, path, importers = dict(sys.modules), sys.path[1:], dict(sys.path_importer_cache)
    importers.pop(sys.argv[0], None)
    folder, sys.path[0:1] = sys.path[0], []
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    own = {}
    names = [os.path.splitext(name)[0] for name in os.listdir(folder)]

    def load(name):
        """Imports a module of this folder, whatever else has its name or that of one that it imports, and leaves no compiled file."""
        others = dict((each, sys.modules.pop(each)) for each in names if each in sys.modules)
        sys.modules.update(own)
        sys.path.insert(0, folder)
        try:
            return __import__(name)
        finally:
            sys.path.remove(folder)
            own.update((each, sys.modules.pop(each)) for each in names if each in sys.modules)
            sys.modules.update(others)

    def refuse(reason):
        load('channel').Channel(0).say(cold=reason)

    if sys.version_info < OLDEST or sys.implementation.name != 'cpython':
        return refuse('Python %d.%d is older than %d.%d or another one than CPython' % (sys.version_info[:2] + OLDEST))

    snapshot = load('fresh').Snapshot(modules, path, importers)
    recorder = load('preload').Recorder(folder, modules, load)
    try:
        with recorder:
            sys.dont_write_bytecode = writes
            recorder.load(sys.argv[3:])
            sys.dont_write_bytecode = True
            script, hidden = load('script'), load('hidden')
            recorder.check()
        snapshot.check()
    except BaseException as e:
        return refuse('%s: %s' % (type(e).__name__, e))

    store = hidden.Hidden(recorder.records, recorder.failed, snapshot)
    snapshot.restore()
    sys.dont_write_bytecode = writes
    return script.Warmth(snapshot, store)


hook = main()
if hook:
    sys.excepthook = hook
    raise Ready
