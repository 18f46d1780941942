"""Ends a script's process at once where nothing that is alive would notice.

The end of an interpreter takes everything apart; a fork copies the pages of all that was loaded ahead for it, which is more work than most scripts are.
A script hears of it by what has last words: `__del__`, callbacks of weak references, `finally` in generators, files that write what they
hold, libraries in C. So all that is alive is looked at when the functions for the exit have run, and where one thing is of another kind
than those here, the interpreter ends as ever.
"""
import _thread
import atexit
import collections
import ctypes
import functools
import gc
import importlib.machinery
import io
import operator
import os
import re
import sys
import types
import weakref

# These say nothing at their end. What they hold is looked at itself, as the collector knows everything of every class that is written in Python.
SILENT = {
    object, type, super, slice, property, classmethod, staticmethod, dict, list, tuple, set, frozenset, str, bytes, bytearray, int, float, complex, memoryview,
    collections.OrderedDict, collections.defaultdict, collections.deque, functools.partial, type(functools.lru_cache(len)), io.BytesIO, io.StringIO,
    operator.itemgetter, operator.attrgetter, operator.methodcaller, re.Pattern, re.Match, map, filter, zip, enumerate, type(iter(())), type(iter([])), type(iter({})),
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.CodeType, types.CellType, types.SimpleNamespace, types.GenericAlias,
    types.MappingProxyType, types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType, types.MethodDescriptorType,
    types.ClassMethodDescriptorType, types.MethodWrapperType, type(io.IOBase._abc_impl), _thread.LockType, _thread.RLock, _thread._local,
}

# The modules whose callbacks of weak references only forget what is gone. Themselves and not their names: a bundle may have a `logging.py`.
KEEPERS = [vars(sys.modules[name]) for name in ('weakref', '_weakrefset', 'logging') if name in sys.modules]

_DEALLOCATOR = 48  # where tp_dealloc is in a type

# Not by `vars` and the like, which call what a metaclass has for that.
_members, _bases = (type.__dict__[name].__get__ for name in ('__dict__', '__mro__'))


class Ending(object):
    """The end of one script."""

    def __init__(self):
        self.steps, self.last = [], os._exit

    def register(self):
        """Makes what is called last: what is registered first. In C alone, so that a script that traces its end does not see it."""
        gc.freeze()  # all that is alive by now is not the script's
        self.stdout, self.stderr = sys.stdout, sys.stderr
        atexit.register(collections.deque, map(functools.partial.__call__, self.steps), 0)

    def script_succeeded(self):
        """Has the process end at once with 0 if it can, when the functions for the exit have run."""
        if sys.gettrace() is None and sys.getprofile() is None:
            self.steps.append(functools.partial(self._end_at_once))

    def _end_at_once(self):
        try:
            if sys.stdout is self.stdout and sys.stderr is self.stderr and not self._is_heard():
                sys.stdout.flush()
                sys.stderr.flush()
                self.last(0)
        except Exception:
            pass  # so it is heard; the interpreter says once more which stream takes nothing, and ends with its exit code for that

    @staticmethod
    def _is_heard():
        if gc.get_debug() or gc.callbacks or gc.garbage or 'ctypes' in sys.modules:
            return True
        silent = set(SILENT)
        for thing in gc.get_objects():
            kind = type(thing)
            if kind in CHECKS:
                if not CHECKS[kind](thing):
                    return True
            elif kind not in silent:
                if not _is_silent(kind):
                    return True
                silent.add(kind)
        return False


def _is_silent(kind):
    """Whether things of a kind that a script has made say nothing at their end."""
    return all(base in SILENT or base in _EXCEPTIONS or _deallocator(base) == _deallocator(Ending) and '__del__' not in _members(base)
               for base in _bases(kind))


def _only_forgets(reference):
    callback = reference.__callback__
    if type(callback) is types.FunctionType:
        return any(callback.__globals__ is keeper for keeper in KEEPERS)
    return callback is None or type(callback) is types.BuiltinFunctionType and callback.__name__ == '_destroy'  # of `_abc`


def _is_running(frame):
    running = sys._getframe()
    while running is not None and running is not frame:
        running = running.f_back
    return running is not None


def _deallocator(kind):
    return ctypes.c_void_p.from_address(id(kind) + _DEALLOCATOR).value


def _subclasses(kind):
    return {kind}.union(*map(_subclasses, type.__subclasses__(kind)))


_EXCEPTIONS = {kind for kind in _subclasses(BaseException) if _deallocator(kind) != _deallocator(Ending)}

# For kinds of which some things are silent and others are not: what tells which.
CHECKS = {
    types.ModuleType: lambda module: type(vars(module).get('__loader__')) is not importlib.machinery.ExtensionFileLoader,
    weakref.ref: _only_forgets,
    weakref.KeyedRef: _only_forgets,
    types.FrameType: _is_running,
}
