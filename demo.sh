#!/usr/bin/env bash
# Shows Servo at work on this machine alone: see --help.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sample_token=demo-token-not-a-secret # published with samples/hello: it opens nothing but the sample's settings

usage() {
  cat <<'HELP'
usage: ./demo.sh                    run the two scripts of samples/hello
       ./demo.sh DIR SCRIPT...      run your own scripts, in that order; all of DIR but its hidden files is uploaded

Builds Servo, starts it on a free port of 127.0.0.1 with its simulated cluster, signs and posts the bundle with curl,
prints the answer as it comes, shows what is kept of the run, and stops Servo again. The exit code is 0 if the run succeeded, else 1.
The first build takes about a minute, as it downloads packages.

The token of a run of your own is drawn for the occasion; set SERVO_TOKEN if DIR holds *.aes files that it must open.
Needs the .NET SDK (version 10), Python 3, curl and openssl.
HELP
}

# Prints a command line that a shell would read as the same words.
show() {
  local word line=()
  for word; do
    [[ $word =~ ^[A-Za-z0-9_@%+=:,./-]+$ ]] || word=${word@Q}
    line+=("$word")
  done
  echo "${line[*]}"
}

die() {
  echo "demo.sh: $*" >&2
  exit 1
}

# Whatever can be known before the build is said before it.
check() {
  local tool script
  for tool in dotnet python3 curl openssl tar; do
    command -v "$tool" > /dev/null || die "$tool is not installed"
  done
  (cd "$here" && dotnet --version) > /dev/null 2>&1 ||
    die "the .NET SDK that global.json asks for, 10.0, is not installed (there is: $(cd / && dotnet --list-sdks 2> /dev/null | cut -d' ' -f1 | paste -sd' ' - || true))"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2> /dev/null || die "$(command -v python3) is not Python 3.6 or later"

  ((${#scripts[@]})) || { usage >&2; die "name the scripts to run after '$directory'"; }
  [[ -d $directory ]] || die "there is no directory '$directory'"
  for script in "${scripts[@]}"; do
    [[ -e $directory/$script ]] || die "there is no '$script' in '$directory'"
  done
}

case ${1-} in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; die "there is no option '$1'" ;;
  "") directory=$here/samples/hello scripts=(deploy.py check.py) ;;
  *) directory=$1 scripts=("${@:2}") token=${SERVO_TOKEN-} ;;
esac
[[ ! $directory -ef $here/samples/hello ]] || token=$sample_token

check
[[ -n $token ]] || token=$(openssl rand -hex 16)

work=$(mktemp -d)
host=""
stop() {
  local code=$?
  if [[ -n $host ]]; then
    # Asked politely, the host lets a run go on for a while; who interrupts the demo does not want to wait for it.
    kill -"$( ((code > 128)) && echo KILL || echo TERM)" "$host" 2> /dev/null || true
    wait "$host" 2> /dev/null || true
  fi
  rm -rf "$work" || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ -e $here/artifacts/demo/Servo.WebHost.dll ]]; then
  echo "== building"
else
  echo "== building: the first time takes about a minute"
fi
# A line for each project that is done; on a terminal the build shows what it is at.
dotnet publish "$here/src/Servo.WebHost" -c Release -o "$here/artifacts/demo" --nologo -v minimal || die "the build failed"
dotnet publish "$here/src/Servo.Cli" -c Release -o "$here/artifacts/demo-tool" --nologo -v minimal || die "the build failed"

# Nothing of this shell's own configuration of Servo has a say, and no proxy stands before loopback.
for name in "${!Servo__@}" "${!ASPNETCORE_@}"; do unset "$name"; done
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
address=http://127.0.0.1:$port
echo "== starting the host on $address"
Servo__Token=$token Servo__Portal__Mode=Embedded Servo__Workspace__Root=$work Servo__State__Root=$work/state DOTNET_ENVIRONMENT=Production \
  dotnet "$here/artifacts/demo/Servo.WebHost.dll" --urls "$address" > "$work/host.log" 2>&1 &
host=$!

# Whichever comes first: the host is ready, or it has ended.
curl -sS -f -o /dev/null --retry 60 --retry-delay 1 --retry-connrefused --retry-max-time 60 "$address/ready" 2> "$work/ready.log" &
ready=$!
if ! wait -n "$host" "$ready" || ! kill -0 "$host" 2> /dev/null; then
  kill "$ready" 2> /dev/null || true
  cat "$work/host.log" "$work/ready.log" >&2
  die "the host did not become ready"
fi

echo "== packing and signing $directory"
(cd "$directory" && tar zcf "$work/upload.tgz" -- *)
digest=$(openssl dgst -sha256 -hmac "$token" "$work/upload.tgz")
names=$(python3 -c 'import sys, urllib.parse as u; print("+".join(u.quote(name, safe="") for name in sys.argv[1:]))' "${scripts[@]}")
request=(curl -sS -N -H 'Accept: application/x-ndjson' -F "tgz=@$work/upload.tgz" -H "X-Signature: sha256=${digest##* }" "$address/run/$names")

# Reads the answer as it comes: prints the lines, then the rest of the outcome.
cat > "$work/follow.py" <<'PYTHON'
import json
import sys

result = {}
for line in sys.stdin.buffer:
    text = line.decode('utf-8', 'replace').rstrip('\n')
    try:
        event = json.loads(text)
    except ValueError:
        print(text, flush=True)
        continue
    kind = event.pop('event', None)
    if kind == 'line':
        print(event['text'], flush=True)
    elif kind == 'result':
        event.pop('seq', None)
        result = event
        print('== the outcome', json.dumps(event, indent=2, ensure_ascii=False), sep='\n', flush=True)
if not result:
    print('demo.sh: the answer has no outcome', file=sys.stderr)
sys.exit(0 if result.get('ok') is True else 1)
PYTHON

echo "== posting it"
show "${request[@]}"
echo "== the answer, line by line as it comes"
{ "${request[@]}" | PYTHONIOENCODING=utf-8 python3 "$work/follow.py"; } &
code=0
wait $! || code=$?
((code <= 128)) || exit "$code"

# What the gateway keeps of it, for who asks later.
servo() {
  SERVO_URL=$address SERVO_TOKEN=$token dotnet "$here/artifacts/demo-tool/servo.dll" "$@"
}
echo "== what the gateway keeps: servo ps"
servo ps
id=$(servo ps --limit 1 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["runs"][0]["id"])')
echo "== its log: servo logs $id"
servo logs "$id"
exit "$code"
