using Servo.Application.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>What deployment scripts do goes on in a sandbox.</summary>
public sealed class LegitimateWorkTests
{
    /// <summary>Typical calls of tools, each a shell script in the run's own workspace.</summary>
    private static readonly Dictionary<string, string> _tools = new()
    {
        ["git"] = """
            git init -q one && cd one && echo x > f && git add f && git -c user.name=x -c user.email=x@x commit -qm x && git gc -q
            git clone -q . ../two && cd ../two && git log --oneline && git mv f g && git stash -q && git worktree add -q ../three
            """,
        ["ssh-keygen"] = "mkdir -m 700 $HOME/.ssh && ssh-keygen -q -t ed25519 -N '' -f $HOME/.ssh/key && ssh-keygen -y -f $HOME/.ssh/key > /dev/null",
        ["openssl"] = "openssl req -x509 -newkey rsa:2048 -nodes -keyout k -out c -subj /CN=x 2> /dev/null && openssl x509 -in c -noout -subject",
        ["tar"] = "mkdir d && touch d/f && ln -s f d/l && ln d/f d/h && tar czf d.tgz d && rm -r d && tar xzf d.tgz && tar tf d.tgz | wc -l && gzip -dc d.tgz > /dev/null",
        ["zip, xz and zstd"] = """
            echo x > f && zip -q f.zip f && python3 -m zipfile -t f.zip
            xz -k f && xz -dc f.xz | cmp - f && zstd -q f && zstd -qdc f.zst | cmp - f
            """,
        ["gpg"] = """
            gpg --batch -q --pinentry-mode loopback --passphrase '' --quick-gen-key deployer@example.org default default never
            echo secret | gpg --batch -q --trust-model always -e -r deployer@example.org | gpg --batch -q -d | grep -q secret
            gpgconf --kill all
            """,
        ["ssh-agent"] = """
            ssh-keygen -q -t ed25519 -N '' -f key && eval $(ssh-agent -s) > /dev/null && ssh-add -q key
            ssh-add -l | grep -q ED25519 && ssh-agent -k > /dev/null
            """,
        ["kubectl"] = """
            kubectl create deployment web --image=web:1 --dry-run=client -o yaml | grep -q 'image: web:1'
            kubectl config set-cluster here --server=https://127.0.0.1:6443 > /dev/null && kubectl config view -o json | grep -q 6443
            """,
        ["ansible"] = """
            printf -- '- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n  - copy: {content: x, dest: %s/made}\n  - command: test -s %s/made\n' $PWD $PWD > play.yml
            export ANSIBLE_REMOTE_TEMP=$TMPDIR
            ansible-playbook -i localhost, play.yml > said 2>&1 || { cat said; exit 1; }
            grep -q 'ok=2 ' said
            """,
        ["make"] = "printf 'all: a\\na:\\n\\tdate > a\\n\\tsh -c \"sleep 0\" & wait\\n' > Makefile && make -j2 -s && test -s a",
        ["mktemp"] = "a=$(mktemp) && b=$(mktemp -d) && c=$(mktemp -p /tmp) && mv $a $b/x && mv $c $b/y && mv $b/y /tmp/servo-test-$$ && rm /tmp/servo-test-$$",
        ["sqlite3"] = "sqlite3 x.db 'pragma journal_mode=wal; create table t(a); insert into t values (1); select * from t' && sqlite3 x.db .dump > /dev/null",
        ["curl"] = """
            echo served > page
            touch log
            port=$(cat port)
            python3 -u -m http.server --bind 127.0.0.1 $port > log 2>&1 &
            for i in $(seq 600); do grep -q Serving log && break; sleep 0.05; done
            curl -sSf -o got http://127.0.0.1:$port/page && cmp page got && curl -sSf file://$PWD/page; result=$?; kill $!; exit $result
            """,
        ["pip"] = """
            python3 - <<'EOF'
            import zipfile
            with zipfile.ZipFile('tiny-1.0-py3-none-any.whl', 'w') as wheel:
                wheel.writestr('tiny.py', 'value = 1')
                wheel.writestr('tiny-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n')
                wheel.writestr('tiny-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
                wheel.writestr('tiny-1.0.dist-info/RECORD', '')
            EOF
            python3 -m venv v && v/bin/pip install -q --no-index --find-links . tiny && v/bin/python -c 'import tiny; assert tiny.value'
            """,
        ["devices"] = "echo x > /dev/null && head -c 9 /dev/urandom > r && echo x > /dev/shm/servo-test-$$ && rm /dev/shm/servo-test-$$ && echo x > /dev/stderr && script -qec true /dev/null",
        ["processes"] = "sleep 60 & kill -0 $! && cat /proc/$!/environ /proc/self/environ > /dev/null && ls /proc/$!/cwd/ /proc/self/fd > /dev/null && kill $!",
        ["the user's own home"] = "f=$(getent passwd $(id -u) | cut -d: -f6)/.servo-test-$$ && echo x > $f && rm $f",
        ["places of the run"] = "cd .. && ls && echo x > tmp/new && mv tmp/new bundle/new && mkdir home/a tmp/a && mv home/a/ tmp/a/b && ls home tmp bundle",
    };

    /// <summary>What Python's own library does with processes, sockets and files.</summary>
    private static readonly Dictionary<string, string> _python = new()
    {
        ["multiprocessing"] = """
            import multiprocessing, concurrent.futures
            from multiprocessing import shared_memory
            def double(x): return 2 * x
            if __name__ == '__main__':
                with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(double, range(3)))
                with multiprocessing.Manager() as manager: print(manager.dict(a=1))
                memory = shared_memory.SharedMemory(create=True, size=10); memory.close(); memory.unlink()
                multiprocessing.Lock().acquire()
            """,
        ["a socket of another program, such as docker's"] = """
            import socket
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(open('address').read())
            connection.sendall(b'GET /version HTTP/1.0\r\n\r\n')
            assert connection.recv(9) == b'HTTP/1.1 '
            """,
        ["docker's client"] = """
            import docker
            client = docker.DockerClient(base_url='unix://' + open('address').read(), version='1.41')
            print(client.version()['Version'], client.containers.list())
            """,
        ["debugging its own child"] = """
            import ctypes, os, signal
            child = os.fork()
            if child == 0: signal.pause()
            libc = ctypes.CDLL(None, use_errno=True)
            libc.ptrace.argtypes = (ctypes.c_long,) * 4
            assert libc.ptrace(16, child, 0, 0) == 0, os.strerror(ctypes.get_errno())
            os.waitpid(child, 0)
            os.kill(child, signal.SIGKILL)
            """,
        ["abstract sockets of its own"] = """
            import os, socket
            server = socket.socket(socket.AF_UNIX); server.bind('\\0mine-%d' % os.getpid()); server.listen(1)
            if os.fork() == 0:
                socket.socket(socket.AF_UNIX).connect('\\0mine-%d' % os.getppid()); os._exit(0)
            server.accept(); assert os.wait()[1] == 0
            """,
    };

    // Of what the stricter level is there to keep from scripts.
    private static readonly string[] _notAtStrict = ["the user's own home", "debugging its own child"];

    public static TheoryData<string, bool, ScriptSandbox> Work =>
    [
        .. from name in _tools.Keys.Concat(_python.Keys) from warm in (bool[])[true, false] select (name, warm, ScriptSandbox.Neighbours),
        .. from name in _tools.Keys.Concat(_python.Keys).Except(_notAtStrict) select (name, true, ScriptSandbox.Strict),
        .. from name in _tools.Keys.Concat(_python.Keys).Except(_notAtStrict) select (name, false, ScriptSandbox.Bubblewrap),
    ];

    [Theory]
    [MemberData(nameof(Work))]
    public async Task Goes_on(string name, bool warm, ScriptSandbox level)
    {
        var port = LoopbackPorts.Free();
        using var elsewhere = new TempDirectory();
        await using var neighbourhood = level switch
        {
            ScriptSandbox.Strict => await Neighbourhood.StartAsync(warm, level, ["/tmp", "/dev/shm"], connect: [port]),
            ScriptSandbox.Bubblewrap => await Neighbourhood.StartAsync(warm, level, [elsewhere.Path], connect: [port]),
            _ => await Neighbourhood.StartAsync(warm, level),
        };
        File.WriteAllText(Path.Join(neighbourhood.Own.BundleDirectory, "port"), $"{port}");
        await using var daemon = new DaemonSocket(elsewhere.File("socket"));
        File.WriteAllText(Path.Join(neighbourhood.Own.BundleDirectory, "address"), elsewhere.File("socket"));
        File.WriteAllText(Path.Join(neighbourhood.Own.BundleDirectory, "tool.sh"), _tools.GetValueOrDefault(name, ""));

        await neighbourhood.RunAsync(_python.GetValueOrDefault(name, "import subprocess\nsubprocess.run(['sh', '-eux', 'tool.sh'], check=True)"));

        neighbourhood.IsUnharmed.ShouldBeTrue();
    }
}
