"""What a process and its interpreter are set to: what an import must leave as it was, as nothing can be shared with scripts where it does not."""
import gc
import os
import sys

import _codecs
import _locale
import _signal

SIGNALS = range(1, 65)


class Settings(object):
    """The settings as they are now."""

    def __init__(self):
        mask = os.umask(0o77)
        os.umask(mask)
        self.values = {
            'the directory': os.getcwd(),
            'the mode of new files': mask,
            'the locale': _locale.setlocale(_locale.LC_ALL, None),
            'a signal': [_handler(number) for number in SIGNALS] + [_signal.getitimer(_signal.ITIMER_REAL)],
            'the collector': (gc.isenabled(), gc.get_threshold(), gc.get_debug(), list(gc.callbacks)),
            'the recursion limit': sys.getrecursionlimit(),
            'the switch interval': sys.getswitchinterval(),
            'a trace': (sys.gettrace(), sys.getprofile()),
            'the timeout of sockets': sys.modules['socket'].getdefaulttimeout() if 'socket' in sys.modules else None,
        }

    def changed(self):
        """Names what is not as it was."""
        now = Settings().values
        return [name for name, value in self.values.items() if value != now[name]]


def _handler(number):
    try:
        return _signal.getsignal(number)
    except (OSError, ValueError):
        return None
