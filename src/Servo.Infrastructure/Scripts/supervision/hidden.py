"""Gives a script the modules that were loaded ahead, when it imports them and not before.

The interpreter finds a module as ever, so what the script's own path has comes first. When it is about to load what it found, it gets the
module loaded ahead if that came from the same file, and if this holds for everything that the import would load and `sys.modules` does
not have yet. Then `sys.modules`, the parents' attributes and the interpreter's registers change as the import would have changed
them, in the same order. In any other case the import takes its usual way.
"""
import _frozen_importlib
import _frozen_importlib_external
import _thread
import builtins
import os
import sys
import time

import effects
from preload import EFFECT, FAILED, IMPORT


class Differs(Exception):
    """What an import would do here is not what was recorded."""


class Hidden(object):
    """The modules loaded ahead, by their names."""

    def __init__(self, records, failed, snapshot):
        self.failed = failed
        self.snapshot = snapshot
        self.load_unlocked = _frozen_importlib._load_unlocked
        self.records = {}
        self.originals = {}  # name -> the module loaded ahead, also once a script has it
        for name, record in records.items():
            record.stamp = stamp(record.spec)
            self.originals[name] = record.module
            self.records[name] = record
            # What a module has put there by itself.
            self.originals.update(value[1:] for kind, value in record.events if kind == EFFECT and value[0] == effects.NAME)
        self.originals.update(snapshot.modules)
        self.attributes = {name for name in self.records if self._detach(name)}
        self.main_thread = _thread.get_ident()

    def _detach(self, name):
        """Removes a module from its parent, where its import has put it; says whether it was there."""
        parent, _, child = name.rpartition('.')
        namespace = vars(self.originals[parent]) if parent in self.originals else {}
        if namespace.get(child) is not self.originals[name] or not self.records[name].is_added:
            return False
        del namespace[child]
        return True

    def files(self):
        """Yields the files that were loaded."""
        return [record.spec.origin for record in self.records.values() if record.spec.has_location]

    def install(self):
        """Lets the import system of this process, a script's, find what is hidden."""
        for name in ('logging', 'threading'):
            if name in sys.modules:
                begin_anew(name, sys.modules[name])
        self.builtin_import, self.meta_path, self.path_hooks = builtins.__import__, list(sys.meta_path), list(sys.path_hooks)
        _frozen_importlib._load_unlocked = type('function', (), {'__call__': property(lambda _: self._chosen(sys._getframe(1).f_locals['spec']))})()

    def _chosen(self, spec):
        """What loads a module. The frame of this choice is gone when the module's body runs."""
        record = self.records.get(spec.name)
        if record is None or not self._is_usual():
            return self.load_unlocked
        try:
            plan = Plan(self, spec)
        except Differs:
            return self.load_unlocked
        plan.carry_out()
        return lambda spec: record.module

    def _is_usual(self):
        """Whether nothing that an import would call is the script's own, or watches it."""
        return (builtins.__import__ is self.builtin_import and sys.meta_path == self.meta_path and sys.path_hooks == self.path_hooks
                and sys.gettrace() is None and sys.getprofile() is None and not _is_monitored() and _thread.get_ident() == self.main_thread)


class Plan(object):
    """What the import of one module would do in this script, as far as its modules are not there yet."""

    def __init__(self, hidden, spec):
        self.hidden = hidden
        self.begun = set()
        self.steps = []  # records to add and effects to repeat, in order
        self.found = spec
        self._import(spec.name)

    def _import(self, name):
        if name in self.begun or self._is_present(name):
            return
        parent = name.rpartition('.')[0]
        if parent:
            self._search(parent)
            if name in self.begun:
                return
        record = self.hidden.records.get(name)
        if record is None or not record.shared:
            raise Differs(name)
        self.begun.add(name)
        # What a package brings is found by the package, which has been found in its place.
        spec = self.found if name == self.found.name else record.spec if parent else _frozen_importlib._find_spec(name, None)
        if spec is None or spec.origin != record.spec.origin or type(spec.loader) is not type(record.spec.loader) or stamp(spec) != record.stamp:
            raise Differs(name)
        self._run(record)
        self.steps.append(record)

    def _search(self, package):
        """Imports a package and enters its folders into sys.path_importer_cache, as the search for a part of it does."""
        self._import(package)
        for folder in getattr(self.hidden.originals[package], '__path__', ()):
            _frozen_importlib_external.PathFinder._path_importer_cache(folder)

    def _is_present(self, name):
        module = sys.modules.get(name)
        if module is None and name not in sys.modules:
            return False
        if module is not self.hidden.originals.get(name):
            raise Differs(name)
        return True

    def _run(self, record):
        for kind, value in record.events:
            if kind == IMPORT:
                self._import(value)
            elif kind == EFFECT:
                if not effects.possible(value, self.hidden.originals):
                    raise Differs(value)
                self.begun.update(value[1:2] if value[0] == effects.NAME else ())
                self.steps.append(value)
            elif kind == FAILED:
                if '.' in value:
                    self._search(value.rpartition('.')[0])
                self._run(self.hidden.failed[value])
            elif self._is_there(value):
                raise Differs(value)

    def _is_there(self, name):
        """Whether a module can be imported now that could not be when the record was made."""
        parent = name.rpartition('.')[0]
        if parent:
            self._search(parent)
            return False
        return name in sys.modules or _frozen_importlib._find_spec(name, None) is not None

    def carry_out(self):
        for step in self.steps:
            if isinstance(step, tuple):
                effects.repeat(step, self.hidden.originals if step[0] != effects.NAME else sys.modules)
                if step[0] == effects.FINDERS:
                    self.hidden.meta_path = list(sys.meta_path)
                continue
            name = step.spec.name
            sys.modules[name] = self.hidden.records.pop(name).module
            begin_anew(name, step.module)
            # The import system sets the last one itself.
            if name in self.hidden.attributes and name != self.found.name:
                parent, _, child = name.rpartition('.')
                setattr(self.hidden.originals[parent], child, step.module)


def begin_anew(name, module):
    """Has a module take again what its import has taken from the process or the moment."""
    if name == 'logging':
        module._startTime = time.time_ns() if isinstance(module._startTime, int) else time.time()
    elif name == 'threading' and hasattr(module.main_thread(), '_set_native_id'):
        module.main_thread()._set_native_id()


def stamp(spec):
    """The size and time of a module's file; nothing for one that is built in."""
    if not spec.has_location:
        return None
    try:
        status = os.stat(spec.origin)
    except OSError:
        return 'gone'
    return status.st_mtime_ns, status.st_size


def _is_monitored():
    monitoring = getattr(sys, 'monitoring', None)
    return monitoring is not None and any(monitoring.get_tool(number) is not None for number in range(6))
