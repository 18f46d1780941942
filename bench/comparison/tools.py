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
        if program not in PACKAGES or not shutil.which('apt-get'):
            sys.exit('bench/compare needs %s, which is not in PATH: install it, and try again.' % program)
        as_root = [] if os.geteuid() == 0 else ['sudo']
        if as_root and not shutil.which('sudo'):
            sys.exit('bench/compare needs %s: install the Debian package of that name as root, and try again.' % program)
        print('installs %s' % program, file=sys.stderr)
        try:
            run(as_root + ['apt-get', 'update'], timeout=600)
            install = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '--no-install-recommends', program]
            run(as_root + install, timeout=600)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            sys.exit('apt-get cannot install %s: install it by hand, and try again.' % program)
    return shutil.which(program) or sys.exit('%s is still missing although apt-get succeeded.' % program)


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
