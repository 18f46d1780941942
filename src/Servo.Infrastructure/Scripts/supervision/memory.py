"""Takes the memory that a script's process will use for its own at once: each page that a fork shares costs a fault when it is used, which takes many times what
copying it does."""
import array
import ctypes
import struct

MADV_POPULATE_READ = 22
MADV_POPULATE_WRITE = 23  # Linux 5.14

# proc(5), /proc/PID/pagemap
PRESENT = 1 << 63
FILE = 1 << 61
EXCLUSIVE = 1 << 56

GAP = 3  # pages between two that are used, which cost less than a call does

REGION = struct.Struct('=QQB')  # start, length and advice

_libc = ctypes.CDLL(None, use_errno=True)
_libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_PAGE = _libc.getpagesize()


def used():
    """Returns the regions, packed, that this process, a fork, has used so far: what it has written, and what it has read of files."""
    found = b''
    with open('/proc/self/maps', 'rb') as maps, open('/proc/self/pagemap', 'rb') as pagemap:
        for line in maps:
            addresses, rights = line.split()[:2]
            start, end = (int(each, 16) // _PAGE for each in addresses.split(b'-'))
            if rights[3:4] != b'p' or start >= 1 << 51:  # the kernel's own page is not in pagemap
                continue
            pagemap.seek(start * 8)
            pages = array.array('Q', pagemap.read((end - start) * 8))
            for is_used, advice in (_written, MADV_POPULATE_WRITE), (_read, MADV_POPULATE_READ):
                if advice == MADV_POPULATE_READ or rights[1:2] == b'w':
                    found += b''.join(REGION.pack(first * _PAGE, count * _PAGE, advice) for first, count in _runs(start, map(is_used, pages)))
    return found


def _written(page):
    return page & PRESENT and page & EXCLUSIVE and not page & FILE


def _read(page):
    return page & PRESENT and page & FILE


def _runs(start, pages):
    """Yields where pages that are used begin and how many they are, with the small gaps between them."""
    first = last = None
    for number, is_used in enumerate(pages, start):
        if not is_used:
            continue
        if last is None or number - last > GAP:
            if last is not None:
                yield first, last - first + 1
            first = number
        last = number
    if last is not None:
        yield first, last - first + 1


def populate(regions):
    """Takes packed regions; without effect where the kernel cannot."""
    for start, length, advice in REGION.iter_unpack(regions):
        _libc.madvise(start, length, advice)
