"""What an import may do to the interpreter outside its own module: noticed, taken back, and done again in a script.

Known are filters of warnings, functions for the exit, reducers of copyreg, loggers with their handlers, finders, attributes of the modules that
every interpreter has, the spec of another module, and further names in sys.modules. A module that warns, or that does anything else that is
looked for here, is not shared with scripts. What lasts whatever is taken back (settings.py) keeps all scripts from this interpreter.
"""
import os
import sys

import _warnings
from namespaces import NOTHING, Namespaces, change
from settings import Settings

FILTERS, ATEXIT, REDUCER, LOGGER, HANDLER, NAME = 'filters', 'atexit', 'reducer', 'logger', 'handler', 'name'
FINDERS, ATTRIBUTE, SPEC = 'finders', 'attribute', 'spec'


class Effects(object):
    """The registers of the interpreter as they were when last looked at."""

    def __init__(self, fresh):
        """`fresh` are the names of the modules that every interpreter has."""
        import atexit
        import codecs
        import copyreg
        import warnings
        self.atexit, self.copyreg, self.warnings = atexit, copyreg, warnings
        self.register, self.show = atexit.register, warnings.showwarning
        self.codecs, self.codecs_register, self.registered_codecs = codecs, (codecs.register, codecs.register_error), []
        codecs.register, codecs.register_error = [self._noting(each) for each in self.codecs_register]
        self.settings = Settings()
        self.pending, self.is_unknown = [], False
        atexit.register = self._register
        warnings.showwarning = self._warned
        # Every warning is to be seen here, for a script may have asked for it; all that is put before this one is found as well.
        warnings.filters.insert(0, ('always', None, Warning, None, 0))
        _warnings._filters_mutated()
        self.filters = list(warnings.filters)
        self.reducers = self.first_reducers = dict(copyreg.dispatch_table)
        self.callbacks = atexit._ncallbacks()
        self.names, self.count = set(sys.modules), len(sys.modules)
        self.finders, self.first_finders = list(sys.meta_path), list(sys.meta_path)
        self.lists = [(each, list(each)) for each in (sys.path, sys.path_hooks, sys.warnoptions)]
        self.namespaces = Namespaces((name, sys.modules[name]) for name in fresh if name != '__main__')
        self.variables = os.environ._data  # comparing the mapping itself would decode all of it each time
        self.environment = dict(self.variables)
        self.loggers = None
        self.threading = None

    def close(self):
        """Takes back what is not a part of a fresh interpreter's own state, which `fresh.py` restores."""
        self.atexit.register = self.register
        self.warnings.showwarning = self.show
        self.codecs.register, self.codecs.register_error = self.codecs_register
        self.copyreg.dispatch_table.clear()
        self.copyreg.dispatch_table.update(self.first_reducers)
        if self.loggers is not None:
            self.loggers.clear()
            del self.handlers[self.first_handlers:]

    def since(self, is_loaded):
        """Yields the effects since the last call; `is_loaded` tells the names that the import system itself has put into sys.modules."""
        pending, self.pending = self.pending, []
        for effect in pending:
            yield effect
        for effect in self._filters():
            yield effect
        if sys.meta_path != self.finders:
            front, back = _around(self.finders, sys.meta_path)
            self.finders = list(sys.meta_path)
            if front is None:
                self.is_unknown = True
            else:
                yield FINDERS, front, back
        if len(self.copyreg.dispatch_table) != len(self.reducers):
            now = dict(self.copyreg.dispatch_table)
            for kind in [kind for kind in now if kind not in self.reducers]:
                yield REDUCER, kind, now[kind]
            self.reducers = now
        for effect in self._loggers():
            yield effect
        if len(sys.modules) != self.count:
            for name in [name for name in sys.modules if name not in self.names and not is_loaded(name)]:
                yield NAME, name, sys.modules[name]
            self.names.update(sys.modules)
            self.count = len(sys.modules)

    def attributes(self):
        """Yields what has changed since the last call in the modules that every interpreter has."""
        for module, name, old in self.namespaces.changes():
            yield ATTRIBUTE, sys.modules[module], name, old, vars(sys.modules[module]).get(name, NOTHING)

    def unknown(self):
        """Whether something was done meanwhile that cannot be done again."""
        unknown, self.is_unknown = self.is_unknown, False
        callbacks, threading = self.atexit._ncallbacks(), len(getattr(sys.modules.get('threading'), '_threading_atexits', ()))
        unknown = unknown or callbacks != self.callbacks or threading != (self.threading or 0)
        self.callbacks, self.threading = callbacks, threading
        return self._interpreter() or unknown

    def _interpreter(self):
        """Whether something has changed what belongs to the interpreter or to the process."""
        lists = [(each, list(each)) for each, was in self.lists if each != was]
        if lists:
            self.lists = [(each, list(each)) for each, _ in self.lists]
        is_other_environment = self.variables != self.environment
        if is_other_environment:
            self.environment = dict(self.variables)
        return bool(lists) or is_other_environment

    def is_finder(self, loader):
        """Whether this was put into sys.meta_path by an import."""
        return any(loader is each for each in self.finders) and not any(loader is each for each in self.first_finders)

    def lasting(self):
        """Names what was done that cannot be taken back, so that nothing can be shared with scripts."""
        return self.settings.changed() + ['the codecs'] * bool(self.registered_codecs)

    def _noting(self, register):
        def noted(*arguments):
            self.registered_codecs.append(arguments)
            return register(*arguments)
        return noted

    def _register(self, function, *arguments, **named):
        self.pending.append((ATEXIT, function, arguments, named))
        return function

    def _warned(self, *warning):
        self.is_unknown = True

    def _filters(self):
        was, now = self.filters, list(self.warnings.filters)
        if now == was:
            return
        self.filters = now
        front, back = _around(was, now)
        if front is None:
            self.is_unknown = True
        else:
            yield FILTERS, front, back

    def _loggers(self):
        logging = sys.modules.get('logging')
        if not hasattr(logging, 'root') or not hasattr(logging.root, 'manager'):
            return
        if self.loggers is None:
            self.loggers, self.known = logging.root.manager.loggerDict, {}
            self.handlers, self.first_handlers = logging._handlerList, len(logging._handlerList)
            self.seen_handlers = self.first_handlers
            self.root = (list(logging.root.handlers), logging.root.level, logging.getLoggerClass(), dict(logging._levelToName))
        for name, logger in self.loggers.items():
            if isinstance(logger, logging.Logger) and self.known.get(name) is not logger:
                self.known[name] = logger
                yield LOGGER, name, logger
        for handler in self.handlers[self.seen_handlers:]:
            yield HANDLER, handler
        self.seen_handlers = len(self.handlers)
        if self.root != (logging.root.handlers, logging.root.level, logging.getLoggerClass(), logging._levelToName):
            self.is_unknown = True


def _around(was, now):
    """What was put before and behind the entries of a list; None, None where they are not together any more."""
    first = now.index(was[0]) if was[0] in now else -1
    if first < 0 or now[first:first + len(was)] != was:
        return None, None
    return now[:first], now[first + len(was):]


def possible(effect, modules):
    """Whether it can be done in a script that has these modules, so that nobody can tell it from the module's own doing."""
    if effect[0] == ATTRIBUTE:
        return vars(effect[1]).get(effect[2], NOTHING) is effect[3]
    if effect[0] != LOGGER:
        return True
    logging = modules['logging']
    manager = logging.Logger.manager
    standard = manager.loggerClass is None and manager.logRecordFactory is None and logging._loggerClass is logging.Logger
    return standard and not isinstance(manager.loggerDict.get(effect[1]), logging.Logger)


def repeat(effect, modules):
    """Does in a script what an import of the module would have done."""
    kind, details = effect[0], effect[1:]
    if kind == FILTERS:
        _repeat_filters(modules['warnings'].filters, *details)
    elif kind == ATEXIT:
        modules['atexit'].register(details[0], *details[1], **details[2])
    elif kind == REDUCER:
        modules['copyreg'].dispatch_table[details[0]] = details[1]
    elif kind == LOGGER:
        _repeat_logger(modules['logging'], *details)
    elif kind == HANDLER:
        modules['logging']._handlerList.append(details[0])
    elif kind == FINDERS:
        sys.meta_path[:] = details[0] + sys.meta_path + details[1]
    elif kind == ATTRIBUTE:
        change(details[0], details[1], details[3])
    elif kind == SPEC:
        details[0].__spec__ = details[1]
    elif kind == NAME:
        modules[details[0]] = details[1]


def _repeat_filters(filters, front, back):
    for each in reversed(front):
        if each in filters:
            filters.remove(each)
        filters.insert(0, each)
    filters.extend(each for each in back if each not in filters)
    _warnings._filters_mutated()


def _repeat_logger(logging, name, logger):
    manager = logging.Logger.manager
    placeholder = manager.loggerDict.get(name)
    logger._cache.clear()
    manager.loggerDict[name] = logger
    if placeholder is not None:
        manager._fixupChildren(placeholder, logger)
    manager._fixupParents(logger)
