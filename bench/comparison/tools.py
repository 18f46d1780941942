"""The programs that Servo is held against: found, installed where Debian has them, run within a limit of time."""
import os
import shutil
import signal
import subprocess
import sys

PACKAGES = ('curl', 'openssl', 'tar', 'webhook')


def need(program):
    """The path of a program; one that is missing is installed, and never left out."""
    if not shutil.which(program):
        if program not in PACKAGES:
            sys.exit('bench/compare needs %s, which is not in PATH: install it, and try again.' % program)
        install(program)
    return shutil.which(program) or sys.exit('%s is still missing although apt-get succeeded.' % program)


def need_module(python, module):
    """Makes sure that this interpreter can import the module; Debian's own gets Debian's package."""
    imports = [python, '-c', 'import ' + module]
    if subprocess.call(imports, stderr=subprocess.DEVNULL, timeout=60):
        if python != '/usr/bin/python3':
            sys.exit("bench/compare needs the module %s for %s: install it, and try again." % (module, python))
        install('python3-' + module)
        run(imports)


def install(package):
    """Installs a package of Debian, or says what to do."""
    as_root = [] if os.geteuid() == 0 else ['sudo']
    if not all(shutil.which(program) for program in ['apt-get'] + as_root):
        sys.exit('bench/compare needs the Debian package %s: install it as root, and try again.' % package)
    print('installs %s' % package, file=sys.stderr)
    try:
        run(as_root + ['apt-get', 'update'], timeout=600)
        run(as_root + ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '--no-install-recommends', package], timeout=600)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        sys.exit('apt-get cannot install %s: install it by hand, and try again.' % package)


def run(command, timeout=300, **options):
    """Runs a command to its end and returns its output; it and what it started end with this program."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True, **options)
    try:
        output, _ = process.communicate(timeout=timeout)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    if process.returncode:
        sys.stderr.write(output.decode(errors='replace')[-4000:])
        raise subprocess.CalledProcessError(process.returncode, command)
    return output.decode(errors='replace')


def build(what, project, *options):
    """Builds or publishes a project, and leaves no build server behind."""
    run([need('dotnet'), what, project, '-c', 'Release', '-v', 'q', '-p:RunAnalyzers=false', '-m:1', '-nodeReuse:false',
         '-p:UseSharedCompilation=false', *options], timeout=900)
