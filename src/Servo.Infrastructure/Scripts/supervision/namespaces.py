"""What modules hold, to notice what something else has changed in them."""
import sys

from _operator import is_

NOTHING = object()  # where there is no such name


class Namespace(object):
    """The names of one module, as they were when last looked at."""

    def __init__(self, module):
        self.module = module
        self.known = dict(vars(module))

    def changes(self):
        """Yields each name that means something else than the last time, with what it meant; parts of a package are left out, as importing them sets those."""
        was, now = self.known, vars(self.module)
        if len(was) == len(now) and all(map(is_, was.values(), now.values())):
            return
        self.known = dict(now)
        for name in list(was) + [name for name in self.known if name not in was]:
            old = was.get(name, NOTHING)
            if old is not self.known.get(name, NOTHING) and not self._is_part(name):
                yield name, old

    def _is_part(self, name):
        part = '%s.%s' % (self.module.__name__, name)
        return part in sys.modules and vars(self.module).get(name, NOTHING) is sys.modules[part]


class Namespaces(object):
    """Those of several modules. One of another type may be lazy by its own rules, and is left to them."""

    def __init__(self, modules=()):
        self.all = {}
        for name, module in modules:
            self.add(name, module)

    def add(self, name, module):
        """Watches a module from now on."""
        if type(module) is type(sys):
            self.all[name] = Namespace(module)

    def changes(self):
        """Yields the changed names, each with its module's and with what it meant."""
        for module, namespace in list(self.all.items()):
            for name, old in namespace.changes():
                yield module, name, old


def change(module, name, value):
    """Gives a name its meaning; none, where that is NOTHING."""
    if value is NOTHING:
        vars(module).pop(name, None)
    else:
        vars(module)[name] = value
