"""What an interpreter holds that has just started, and how a fork of a busier one gets back to it.

Imports nothing that such an interpreter does not have already.
"""
import builtins
import os
import sys

import _warnings


class Snapshot(object):
    """The state that every script begins with, taken before anything was imported."""

    def __init__(self, modules, path, importers):
        self.modules = modules
        self.path = path
        self.importers = importers
        self.main = {name: value for name, value in vars(modules['__main__']).items() if name in MAIN}
        self.values = [(vars(module), dict(vars(module))) for name, module in modules.items() if name != '__main__' and isinstance(module, type(sys))]
        self.lists = [(each, list(each)) for each in (sys.meta_path, sys.path_hooks, sys.warnoptions, _warnings.filters)]
        self.codecs = dict(sys.modules['encodings']._cache)
        self.environment = dict(os.environb)
        self.builtin_import = builtins.__import__

    def check(self):
        """Raises where scripts must not be forked from this process."""
        if len(os.listdir('/proc/self/task')) > 1:
            raise RuntimeError('what is loaded starts threads')
        if os.fstat(1).st_size or os.fstat(2).st_size:
            raise RuntimeError('what is loaded prints')
        if _hides_processes():
            raise RuntimeError('/proc hides what waits for a script (hidepid)')

    def restore(self):
        """Takes back what imports have left in the modules of a fresh interpreter, and in the interpreter itself."""
        for namespace, values in self.values:
            for name in [name for name in namespace if name not in values]:
                del namespace[name]
            namespace.update((name, value) for name, value in values.items() if namespace.get(name) is not value)
        del self.values
        for current, was in self.lists:
            current[:] = was
        _warnings._filters_mutated()
        sys.path[:] = self.path
        sys.path_importer_cache.clear()
        sys.path_importer_cache.update(self.importers)
        self._forget_codecs()
        self._restore_modules()

    def _forget_codecs(self):
        encodings = self.modules['encodings']
        encodings._cache.clear()
        encodings._cache.update(self.codecs)
        codecs = self.modules['codecs']
        if hasattr(codecs, 'unregister'):
            # Empties the interpreter's own cache as well.
            codecs.unregister(encodings.search_function)
            codecs.register(encodings.search_function)

    def begin_main(self):
        """Leaves a script a `__main__` of its own, which no frame of this program holds."""
        main = type(sys)('__main__')
        vars(main).clear()
        vars(main).update(self.main)
        vars(main).update(__doc__=None, __annotations__={})
        if len(sys.modules) != len(self.modules):
            self._restore_modules()  # something was imported since
        sys.modules['__main__'] = main

    def _restore_modules(self):
        sys.modules.clear()
        sys.modules.update(self.modules)


def _hides_processes():
    """Whether /proc shows a process to nobody but those who may trace it: a supervisor could not look after what it has forked."""
    with open('/proc/self/mountinfo', 'rb') as file:
        mounts = [line.split() for line in file]
    options = [fields[-1].split(b',') for fields in mounts if fields[4] == b'/proc']
    return any(option.startswith(b'hidepid=') and option[8:] not in (b'0', b'off') for each in options[-1:] for option in each)


# What `__main__` has before a script is run in it.
MAIN = ('__name__', '__doc__', '__package__', '__loader__', '__spec__', '__annotations__', '__builtins__')
