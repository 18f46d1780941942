"""JSON by the C scanner alone: `import json` compiles regular expressions that cost a script as much as a whole command."""


class _Grammar(object):
    # What json.JSONDecoder hands the scanner by default.
    encoding = 'utf-8'
    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {'NaN': float('nan'), 'Infinity': float('inf'), '-Infinity': float('-inf')}.__getitem__


try:
    from _json import make_scanner
    _scan = make_scanner(_Grammar)
except (ImportError, AttributeError, TypeError):
    # Not CPython, or one whose scanner asks for something else.
    _scan = None


def parse(text):
    """The value of a JSON text; ValueError where it is not one."""
    if _scan is not None:
        stripped = text.strip(u' \t\n\r')
        try:
            value, end = _scan(stripped, 0)
            if end == len(stripped):
                return value
        except (StopIteration, ValueError, SystemError):
            # The standard library words the error: in 3.10 and 3.11 the scanner fails to unless json.decoder is loaded.
            pass

    import json
    return json.loads(text)
