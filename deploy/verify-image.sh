#!/usr/bin/env bash
# Builds deploy/Dockerfile and runs the image where no image can be pulled: see --help.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dockerfile=$root/deploy/Dockerfile
token=demo-token-not-a-secret # published with samples/hello: it opens nothing but the sample's settings

usage() {
  cat <<'HELP'
usage: deploy/verify-image.sh [SUITE...]      such as bookworm, or bookworm trixie; this machine's own if none is named

Builds deploy/Dockerfile, step by step as it stands, with podman, and runs the image read-only, without capabilities and as its own user;
first with the tmpfs options of docker-compose.yml, then as Kubernetes mounts a volume. In it, over its own loopback, the release engineer's
commands upload samples/hello. Nothing is pulled: under the names of the base images stand a Debian of that suite (debootstrap) with this
machine's .NET in it. So Ubuntu's own packages and the contents of the true base images are not proven: with an engine that can pull, build the
Dockerfile itself.

Needs root, debootstrap, podman, runc, the .NET SDK, and Debian's mirror from this machine's apt. Takes about three minutes and 4 GB of $TMPDIR
for each suite; leaves nothing behind.
HELP
}

die() {
  echo "verify-image.sh: $*" >&2
  exit 1
}

say() {
  printf '\n== %s\n' "$*"
}

case ${1-} in -h | --help) usage; exit 0 ;; esac
((EUID == 0)) || die "run it as root: debootstrap needs it"
for tool in debootstrap podman runc dotnet curl; do
  command -v "$tool" > /dev/null || die "$tool is not installed"
done

# The first Debian archive that apt knows.
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)' 'Identifier: Packages' | sed -n '/^Debian|/{s/^[^|]*|//;/security/!{p;q}}')
[[ -n $mirror ]] || die "apt knows no Debian archive; run 'apt-get update' first"
suites=("$@")
((${#suites[@]})) || mapfile -t suites < <(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mapfile -t bases < <(sed -nE 's/^FROM +([^ ]+).*/\1/p' "$dockerfile")
((${#bases[@]} == 2)) || die "the Dockerfile has not two stages: ${bases[*]}"
sdk_base=${bases[0]} runtime_base=${bases[1]}
dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}

# The machine's own images and containers are left alone: all of it lives in one folder. No systemd is needed to time health checks.
work=$(mktemp -d)
container=""
engine() {
  DISABLE_HC_SYSTEMD=true podman --root "$work/store" --runroot "$work/run" --runtime runc --cgroup-manager cgroupfs "$@"
}
clean() {
  local code=$?
  [[ -z $container ]] || engine rm --force --time 0 "$container" > /dev/null 2>&1 || true
  engine rmi --all --force > /dev/null 2>&1 || true
  umount "$work"/workspace 2> /dev/null || true
  rm -rf "$work" || true
  exit "$code"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# As the base images set them, as far as it matters here; ICU has a package of another name in each suite, and the host does without.
base_settings=(--change "ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1" --change "ENV APP_UID=1654" --change "ENV ASPNETCORE_HTTP_PORTS=8080" --change "ENV DOTNET_RUNNING_IN_CONTAINER=true"
  --change "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")

stand_in() { # NAME SUITE PART_OF_DOTNET...
  local name=$1 tree=$work/$2
  rm -rf "${tree:?}/usr/share/dotnet"
  mkdir -p "$tree/usr/share/dotnet"
  for part in "${@:3}"; do cp -a --parents -t "$tree/usr/share/dotnet" "$part"; done
  ln -sf ../share/dotnet/dotnet "$tree/usr/bin/dotnet"
  tar -C "$tree" -c . | engine import "${base_settings[@]}" - "$name" > /dev/null
}

inside() {
  engine exec "$container" "$@"
}

check() { # WHAT COMMAND...
  if "${@:2}" > "$work/check" 2>&1; then
    echo "ok      $1"
  else
    echo "FAILED  $1"
    cat "$work/check"
    engine logs "$container" || true
    exit 1
  fi
}

refuses() {
  ! "$@"
}

# What a release engineer types, in the container: its own tar, openssl and curl.
upload='set -eu
cd /bundle
tar zcf /tmp/upload.tgz *
HASH=$(openssl dgst -sha256 -hmac "$1" /tmp/upload.tgz)
curl --silent --show-error --fail --form tgz=@/tmp/upload.tgz --header "X-Signature: sha256=${HASH##* }" "http://127.0.0.1:5000/run/$2"'

ran() { # FOLDER SCRIPTS
  inside cp -rT "/samples/$1" /bundle
  inside sh -c "$upload" sh "$token" "$2" | tee "$work/answer"
  grep -q '"ok": *true' "$work/answer"
}

ready() {
  inside curl --silent --show-error --fail --retry 30 --retry-delay 1 --retry-connrefused http://127.0.0.1:5000/ready
}

quiet() {
  engine logs "$container" > "$work/log" 2>&1
  ! grep -E '(warn|fail|crit):' "$work/log"
}

stops() {
  engine stop --time 35 "$container"
  [[ $(engine inspect --format '{{.State.ExitCode}}' "$container") == 0 ]]
}

samples() {
  mkdir -p "$work/samples/world"
  cp -r "$root/samples/hello" "$work/samples/hello"
  cat > "$work/samples/world/world.py" <<'PYTHON'
import os
import subprocess
import sys
import tempfile

import requests
import yaml

print(sys.version.split()[0], requests.__version__, yaml.__version__)
assert os.getuid() == os.getgid() == 10001
assert not os.access('/', os.W_OK) and not os.access('/opt/servo', os.W_OK)
with tempfile.TemporaryFile():
    pass
try:
    open('/proc/1/environ').close()
    sys.exit('the host\'s environment can be read')
except PermissionError:
    pass
# An executable file: the workspace is not mounted noexec.
with open('tool', 'w') as tool:
    tool.write('#!/bin/sh\necho executable\n')
os.chmod('tool', 0o755)
assert subprocess.check_output(['./tool']) == b'executable\n'
# Two generations of children that nobody waits for.
subprocess.Popen(['sh', '-c', 'sleep 4321 & sleep 4321 & exit 0'], start_new_session=True)
PYTHON
}

nothing_lives_on() {
  inside sh -c 'for process in /proc/[0-9]*; do read -r line < $process/stat && case $line in *"(sleep)"* | *") Z "*) echo "$line"; exit 1 ;; esac; done; exit 0'
}

run_image() { # TITLE WORKSPACE_OPTIONS
  say "$suite: run it, $1"
  local limit
  limit=$(ulimit -Hn)
  # Docker knows uid= and gid= of a tmpfs; podman 4 does not, so the kernel gets them here.
  mkdir "$work/workspace"
  mount -t tmpfs -o "$2" tmpfs "$work/workspace"
  container=$(engine run --detach --read-only --read-only-tmpfs=false --cap-drop all --security-opt no-new-privileges --network none \
    --ulimit "nofile=$limit:$limit" --ulimit nproc=4096:4096 --volume "$work/samples:/samples:ro" \
    --volume "$work/workspace:/var/lib/servo:rw,exec,nosuid,nodev" --tmpfs /tmp:nosuid,nodev,size=64m,mode=1777 --tmpfs /bundle:size=16m,mode=1777 \
    --env "Servo__Token=$token" --env Servo__Portal__Mode=Embedded servo:verified)

  check "the host gets ready" ready
  check "the image's health check passes" engine healthcheck run "$container"
  check "the first process is the host" inside grep -q Servo.WebHost.dll /proc/1/cmdline
  check "it runs as 10001:10001, without capabilities, and cannot gain any" inside sh -c 'test "$(id -u):$(id -g)" = 10001:10001 && grep -q "^CapBnd:\s*0*$" /proc/1/status && grep -q "^NoNewPrivs:\s*1$" /proc/1/status'
  check "its environment is closed to its own user" refuses inside cat /proc/1/environ
  check "the file system is read-only" refuses inside touch /opt/servo/x
  check "python3 imports requests and yaml" inside python3 -c 'import requests, yaml'
  check "curl, openssl, tar and gzip are there" inside sh -c 'curl --version && openssl version && tar --version && gzip --version'
  check "port 5000 answers, and no other" inside sh -c 'curl -sf http://127.0.0.1:5000/health && ! curl -s http://127.0.0.1:8080/'
  check "samples/hello deploys and checks" ran hello deploy.py+check.py
  cat "$work/answer"
  echo
  inside sh -c 'rm -rf /bundle/*'
  check "a script finds the world that it was promised" ran world world.py
  check "what it left running is gone, and no zombie is left" nothing_lives_on
  check "no run is left in the workspace" inside sh -c 'test -z "$(ls -A /var/lib/servo/servo-*/runs)"'
  check "nothing in the host's log warns" quiet
  check "an upload without a signature is refused" inside sh -c 'test "$(curl -s -o /dev/null -w "%{http_code}" -X POST --data-binary x http://127.0.0.1:5000/run/a.py)" = 403'
  check "it stops when told, with exit code 0" stops
  check "and leaves its workspace empty" test -z "$(ls -A "$work/workspace")"
  engine rm "$container" > /dev/null
  container=""
  umount "$work/workspace"
  rmdir "$work/workspace"
}

samples
for suite in "${suites[@]}"; do
  say "$suite: bootstrap a Debian in place of the base images"
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6,tzdata "$suite" "$work/$suite" "$mirror" > "$work/debootstrap.log" 2>&1 \
    || { tail -20 "$work/debootstrap.log" >&2; die "debootstrap failed"; }
  cd "$dotnet_root"
  runtime=$(basename "$(printf '%s\n' shared/Microsoft.NETCore.App/10.* | sort -V | tail -1)")
  stand_in "$runtime_base" "$suite" dotnet LICENSE.txt host/fxr/"$runtime" shared/Microsoft.NETCore.App/"$runtime" shared/Microsoft.AspNetCore.App/"$runtime"
  stand_in "$sdk_base" "$suite" .
  rm -rf "${work:?}/$suite"
  cd "$root"
  echo "$suite from this machine's mirror, .NET $runtime"

  # The first stage restores packages: with this machine's NuGet settings, certificates and packages, if it has them already.
  say "$suite: build the Dockerfile"
  lent=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
  [[ ! -d $packages ]] || lent+=(--volume "$packages:/root/.nuget/packages")
  [[ ! -d $HOME/.nuget/NuGet ]] || lent+=(--volume "$HOME/.nuget/NuGet:/root/.nuget/NuGet:ro")
  build=(build --isolation chroot --format docker --pull=never --layers --network host --file "$dockerfile" --ignorefile "$root/.dockerignore")
  engine "${build[@]}" --target build "${lent[@]}" --tag servo:build "$root"
  engine "${build[@]}" --tag servo:verified "$root"
  engine image inspect --format 'user {{.User}}, entry point {{.Config.Entrypoint}}, ports {{.Config.ExposedPorts}}, {{.Size}} bytes' servo:verified

  run_image "as docker-compose.yml mounts the workspace" nosuid,nodev,size=512m,mode=0700,uid=10001,gid=10001
  run_image "as Kubernetes mounts it for fsGroup 10001" size=512m,mode=2777,uid=0,gid=10001
done

say "the image is as promised on ${suites[*]}"
