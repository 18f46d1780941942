"""Loads modules ahead of scripts, and records what a script's own import of them would do.

A module's record has what its body did, in order: the imports that it asked for, whether or not they were loaded already, those that failed, and its
effects on what is not its own (effects.py). `hidden.py` repeats that in a script.
Imports nothing at first that a fresh interpreter does not have: what comes later is recorded itself.
"""
import builtins
import os
import sys

import _frozen_importlib

IMPORT, MISSING, FAILED, EFFECT = 'import', 'missing', 'failed', 'effect'

# Their import takes something of the process or of its state that belongs to one run: a key, a list of what ends at exit.
NEVER = ('multiprocessing', 'concurrent.futures.thread', 'concurrent.futures.process', 'asyncio', 'readline', 'faulthandler')


class Record(object):
    """What the import of one module did."""

    def __init__(self, spec):
        self.spec = spec
        self.module = None
        parent, _, child = spec.name.rpartition('.')
        self.is_added = parent in sys.modules and child not in vars(sys.modules[parent])  # to its package, by its import and by nothing before
        self.events = []
        self.shared = True  # whether scripts may have this very module

    def note(self, kind, value):
        if (kind, value) not in self.events or kind == EFFECT:
            self.events.append((kind, value))


class Asked(object):
    """Notes that the body of a module asks for another one, and how that went."""

    def __init__(self, recorder, name):
        self.recorder, self.record, self.name = recorder, recorder.loading[-1] if recorder.loading else None, name

    def __enter__(self):
        if self.record:
            self.recorder.settle()
            self.before = len(self.record.events)
            self.record.note(IMPORT, self.name)

    def __exit__(self, kind, error, trace):
        if not self.record or error is None:
            return
        del self.record.events[self.before:]
        if isinstance(error, ModuleNotFoundError) and (self.name + '.').startswith((error.name or '?') + '.'):
            self.record.note(MISSING, error.name)
        elif isinstance(error, ImportError) and self.name in sys.modules:
            self.record.note(IMPORT, self.name)  # it is there, and lacks what was to come from it
        elif isinstance(error, ImportError) and self.name in self.recorder.failed:
            self.record.note(FAILED, self.name)
        else:
            self.record.shared = False


class Recorder(object):
    """Watches every import while it is entered."""

    def __init__(self, folder, fresh, load_own):
        self.fresh = fresh  # the names of the modules that every interpreter has
        self.folder, self.load_own = os.path.join(folder, ''), load_own  # this program's own modules, which no script is to see
        self.own = set()
        self.records = {}
        self.failed = {}  # the records of those whose bodies have raised
        self.loading = []  # the records of the modules whose bodies run
        self.renamed = []  # the modules whose specs others have replaced
        self.effects = None

    def __enter__(self):
        self.original = builtins.__import__, _frozen_importlib._load_unlocked, _frozen_importlib._gcd_import
        builtins.__import__ = self._import
        _frozen_importlib._load_unlocked = self._load
        _frozen_importlib._gcd_import = self._gcd_import
        effects = self.load_own('effects')
        self.effects, self.spec_effect = effects.Effects(self.fresh), effects.SPEC
        self.namespaces = self.load_own('namespaces').Namespaces()
        return self

    def __exit__(self, *error):
        builtins.__import__, _frozen_importlib._load_unlocked, _frozen_importlib._gcd_import = self.original
        if self.effects:
            self.effects.close()
        for name in self.renamed:
            self.records[name].module.__spec__ = self.records[name].spec

    def load(self, names):
        """Loads modules, those that are there."""
        for name in names:
            try:
                __import__(name)
            except ModuleNotFoundError as e:
                if not (name + '.').startswith((e.name or '?') + '.'):
                    raise

    def check(self):
        """Raises where scripts must not be forked from what is loaded."""
        self._keep_changed()
        for changed in self.effects.lasting():
            raise RuntimeError('what is loaded changes %s' % changed)

    def _keep_changed(self):
        """Looks whether a module has changed another one."""
        for name, _, _ in self.namespaces.changes():
            self._keep(name)

    def _keep(self, name):
        """Keeps from scripts a module that was changed, and all that may have done it."""
        loaded = list(self.records)
        for record in [self.records[each] for each in loaded[loaded.index(name):]] + self.loading:
            record.shared = False

    def _load(self, spec):
        record = Record(spec)
        if self.loading and (IMPORT, spec.name) not in self.loading[-1].events:
            self._note(IMPORT, spec.name)
        self.settle(attributes=True)
        self.loading.append(record)
        is_foreign = self.effects is not None and self.effects.is_finder(spec.loader)
        if is_foreign:
            self._keep_changed()
        try:
            record.module = self.original[1](spec)
        except ImportError:
            self.failed[spec.name] = record
            raise
        finally:
            self.settle(attributes=True)
            self.loading.pop()
        if is_foreign:
            self._note_specs(record)
        if (spec.origin or '').startswith(self.folder):
            self.own.add(spec.name)
            return record.module
        self.records[spec.name] = record
        record.shared = record.shared and (is_foreign or spec.origin is not None) and _is_known(spec) and sys.modules.get(spec.name) is record.module
        if self.effects is not None and not is_foreign:
            self.namespaces.add(spec.name, record.module)
        return record.module

    def _note_specs(self, record):
        """Notes that a loader has answered with a module that has been loaded already: the import system gives that one the new spec."""
        for name, changed, _ in self.namespaces.changes():
            if changed == '__spec__' and sys.modules.get(name) is record.module:
                self.renamed.append(name)
                record.note(EFFECT, (self.spec_effect, record.module, record.spec))
            else:
                self._keep(name)
                record.shared = False

    def _import(self, name, globals=None, locals=None, fromlist=(), level=0):
        absolute = name if not level else _frozen_importlib._resolve_name(name, _package(globals), level) if name else _ancestor(globals, level)
        with Asked(self, absolute):
            module = self.original[0](name, globals, locals, fromlist, level)
        for item in fromlist or ():
            for child in getattr(sys.modules[absolute], '__all__', ()) if item == '*' else (item,):
                nested = sys.modules.get('%s.%s' % (absolute, child))
                if nested is not None and getattr(sys.modules[absolute], child, None) is nested:
                    self._note(IMPORT, '%s.%s' % (absolute, child))
        return module

    def _gcd_import(self, name, package=None, level=0):
        absolute = _frozen_importlib._resolve_name(name, package, level) if level else name
        with Asked(self, absolute):
            return self.original[2](name, package, level)

    def _note(self, kind, value):
        if self.loading:
            self.loading[-1].note(kind, value)

    def _is_loaded(self, name):
        return name in self.records or name in self.own or any(record.spec.name == name for record in self.loading)

    def settle(self, attributes=False):
        """Counts what has happened to the interpreter's registers since the last time as effects of the module whose body runs."""
        if self.effects is None:
            return
        for effect in list(self.effects.since(self._is_loaded)) + list(self.effects.attributes() if attributes else ()):
            self._note(EFFECT, effect)
        if self.effects.unknown() and self.loading:
            self.loading[-1].shared = False


def _package(globals):
    return _frozen_importlib._calc___package__(globals)


def _ancestor(globals, level):
    return _package(globals).rsplit('.', level - 1)[0] if level > 1 else _package(globals)


def _is_known(spec):
    """Whether scripts may share it, as far as its name tells."""
    name = spec.name + '.'
    return spec.loader is not None and not any(name.startswith(each + '.') for each in NEVER)
