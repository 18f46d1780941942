"""The files of a command line, as a multipart/form-data body that is read from disk while it is sent."""
import os

from . import ServoError, _bytes, _native


def attach(shown, words, upload):
    """Replaces each word that names a file by the file's base name; returns the words and the body that holds the files and the uploads, or None."""
    words, paths = list(words), []
    for index, word in enumerate(words):
        # Only files, as in the original: a folder is sent where the script asks for it, never because a word such as a namespace is called like it.
        path = os.path.expanduser(word)
        if os.path.isfile(path):
            words[index] = os.path.basename(path)
            _add(shown, paths, words[index], path)

    for path in _asked(shown, upload):
        _add(shown, paths, _part_name(shown, path), path)
    return words, Multipart(shown, paths) if paths else None


def _asked(shown, upload):
    """The paths that the script asked for; one alone may come without a list."""
    if isinstance(upload, (bytes, type(u''))) or hasattr(upload, '__fspath__'):
        upload = [upload]
    for given in upload:
        path = given.__fspath__() if hasattr(given, '__fspath__') else given
        if not isinstance(path, (bytes, type(u''))):
            raise TypeError('upload lists paths, not %r' % (path,))
        try:
            path = _bytes(path)
        except UnicodeError:
            path = b'\0'
        # The name travels in a header.
        if any(mark in path for mark in (b'\r', b'\n', b'\0')):
            raise ServoError('"%s" cannot be sent: the path %r holds a line break or is not valid' % (shown, given))
        yield os.path.expanduser(path)


def _part_name(shown, path):
    if os.path.isfile(path):
        return os.path.basename(path)
    if not os.path.isdir(path):
        raise ServoError('"%s" cannot be sent: there is no file or folder \'%s\' to upload' % (shown, _native(path)))
    name = os.path.basename(os.path.abspath(path))
    if not name:
        raise ServoError('"%s" cannot be sent: the root folder has no name to go by' % shown)
    return name + b'.tgz'


def _add(shown, paths, name, path):
    same = [other for known, other in paths if known == name]
    if not same:
        paths.append((name, path))
    elif not os.path.samefile(same[0], path):
        raise ServoError('"%s" cannot be sent: %s and %s are different files that would both go as %s'
                         % (shown, _native(same[0]), _native(path), _native(name)))


class Multipart(object):
    """One part per file, in order; its length is known before a byte is sent."""

    def __init__(self, shown, paths):
        self._shown = shown
        self.boundary = _bytes(''.join('%02x' % byte for byte in bytearray(os.urandom(16))))
        self._end = b'--' + self.boundary + b'--\r\n'
        self._parts = []
        try:
            for name, path in paths:
                self._add(name, path)
        except EnvironmentError as error:
            self.close()
            raise ServoError('"%s" cannot be sent: %s cannot be read (%s)' % (shown, _native(path), error.strerror or error))
        self.length = sum(len(head) + size + 2 for head, _, size, _ in self._parts) + len(self._end)

    def _add(self, name, path):
        stream = _packed(path) if os.path.isdir(path) else open(path, 'rb')
        quoted = name.replace(b'\\', b'\\\\').replace(b'"', b'\\"')
        head = (b'--' + self.boundary + b'\r\nContent-Disposition: form-data; name="' + quoted + b'"; filename="' + quoted
                + b'"\r\nContent-Type: application/octet-stream\r\n\r\n')
        self._parts.append((head, stream, os.fstat(stream.fileno()).st_size, path))

    def blocks(self):
        for head, stream, left, path in self._parts:
            yield head
            while left:
                block = self._read(stream, min(left, 1 << 18), path)
                left -= len(block)
                yield block
            yield b'\r\n'
        yield self._end

    def _read(self, stream, size, path):
        try:
            block = stream.read(size)
            reason = 'it became shorter'
        except EnvironmentError as error:
            block, reason = b'', error.strerror or error
        if not block:
            raise ServoError('"%s" was not sent in full: %s cannot be read (%s)' % (self._shown, _native(path), reason))
        return block

    def close(self):
        for _, stream, _, _ in self._parts:
            stream.close()


def _packed(folder):
    """The folder's entries as a tgz, as `tar zcf <name>.tgz *` in it makes one: dot files at its top are left out."""
    import tarfile
    from gzip import GzipFile
    from tempfile import TemporaryFile

    folder = getattr(os, 'fsdecode', str)(folder)
    spool = TemporaryFile()
    try:
        with GzipFile(filename='', mode='wb', compresslevel=6, fileobj=spool) as tgz:
            with tarfile.open(mode='w', fileobj=tgz, format=tarfile.GNU_FORMAT) as archive:
                for entry in sorted(os.listdir(folder)):
                    if not entry.startswith('.'):
                        archive.add(os.path.join(folder, entry), arcname=entry)
        spool.seek(0)
        return spool
    except BaseException:
        spool.close()
        raise
