#!/usr/bin/env bash
# Checks everything: installs the tools that the tests drive, restores, checks the format, builds, publishes the host, packs, runs every test. See --help.
# The last line is always "N passed, N failed"; the exit code is 0 only if nothing failed.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: ./test.sh              check everything, as CI does
       ./test.sh NAME...      the same, but run the tests of these projects only: Domain or Servo.Domain.Tests, for one

Installs the tools that the tests drive where they are missing (apt-get), restores by the lock files, checks the format, builds with
warnings as errors, publishes the host, packs, and runs the test projects, two at a time; the output of each is shown when it has ended.
The last line is always 'N passed, N failed'; a skipped test counts as failed. The exit code is 0 only if nothing failed.
Reports are in artifacts/test-reports.

For a single test while you work:
  dotnet run --project tests/Servo.Infrastructure.Tests -- -class '*NothingOutlivesAScriptTests'
HELP
}

# A command that the tests drive, and the Debian package that has it.
tools=(
  ansible:ansible-core
  bsdtar:libarchive-tools
  busybox:busybox-static
  bwrap:bubblewrap
  bzip2:bzip2
  curl:curl
  git:git
  groovy:groovy
  gzip:gzip
  gpg:gnupg
  java:default-jre-headless
  kubectl:kubernetes-client
  make:make
  openssl:openssl
  ps:procps
  python3:python3
  qemu-system-x86_64:qemu-system-x86
  script:bsdutils
  sqlite3:sqlite3
  ssh:openssh-client
  tar:tar
  xz:xz-utils
  zip:zip
  zstd:zstd
)
# A module that the tests' scripts import, and the Debian package that has it.
modules=(
  docker:python3-docker
  ensurepip:python3-venv
  requests:python3-requests
)
# A file that the tests need, and the Debian package that has it. The package zookeeper only adds the service to this, and a desktop's Java;
# groovy takes no Java but Debian's default.
files=(
  /usr/lib/jvm/default-java/bin/java:default-jre-headless
  /usr/lib/python3/dist-packages/kazoo:python3-kazoo
  /sbin/mke2fs:e2fsprogs
  /usr/share/java/slf4j-simple.jar:libslf4j-java
  /usr/share/java/zookeeper.jar:libzookeeper-java
)
project_limit=1200 # seconds that one test project may take, beside others
at_a_time=2        # test projects; each keeps the cores busy for a part of its time only, but more would make the tests that wait for something slow

# These take longest: they begin first, so that none of them is left over at the end.
longest=(
  Servo.EndToEnd.Tests
  Servo.Packages.Tests
  Servo.Infrastructure.Tests
  Servo.Kernel.Tests
  Servo.Ochopod.Tests
  Servo.Cli.Tests
  Servo.Client.NetStandard.Tests
)

cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
reports=$root/artifacts/test-reports
step="start"
passed=0
failed=0
built=0 # whether a compiler server may have been started
declare -A running=() # the test projects by their process

report() {
  local code=$? process
  for process in "${!running[@]}"; do
    kill "$process" 2> /dev/null || true # timeout(1) passes it on
    echo "FAILED: ${running[$process]} was not finished" >&2
    failed=$((failed + 1))
  done
  if [[ -n $step ]]; then
    echo "FAILED: $step" >&2
    failed=$((failed + 1))
  fi
  ((!built)) || dotnet build-server shutdown --vbcscompiler > /dev/null 2>&1 || true
  echo "$passed passed, $failed failed"
  exit $((failed > 0 || code > 0))
}
trap report EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

begin() {
  step=$1
  printf '\n== %s\n' "$step"
}

missing_packages() {
  local entry
  for entry in "${tools[@]}"; do
    command -v "${entry%%:*}" > /dev/null || echo "${entry##*:}"
  done
  for entry in "${modules[@]}"; do
    python3 -c "import ${entry%%:*}" 2> /dev/null || echo "${entry##*:}"
  done
  for entry in "${files[@]}"; do
    [[ -e ${entry%%:*} ]] || echo "${entry##*:}"
  done
}

install_tools() {
  local packages as_root=()
  mapfile -t packages < <(missing_packages)
  ((${#packages[@]})) || return 0

  if ! command -v apt-get > /dev/null; then
    echo "Install what these Debian packages hold, and try again: ${packages[*]}" >&2
    return 1
  fi
  if ((EUID)); then
    command -v sudo > /dev/null && as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"

  mapfile -t packages < <(missing_packages)
  if ((${#packages[@]})); then
    echo "Still missing although apt-get succeeded: ${packages[*]} (python3 is $(command -v python3 || echo missing))" >&2
    return 1
  fi
}

# The machine's settings must not reach the tests: no configuration of Servo, no proxy in front of loopback, no other language.
isolate() {
  local name
  for name in $(compgen -e); do
    case $name in Servo__* | SERVO_* | ASPNETCORE_* | DOTNET_ENVIRONMENT) unset "$name" ;; esac
  done
  export LC_ALL=C.UTF-8 DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
  export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
  # One compiler for the many builds, here and in the tests, instead of one for each.
  export UseSharedCompilation=true
  # Most of the programs that are started here end within seconds: what the runtime would learn of them pays for itself in none.
  export DOTNET_TieredPGO=0
  # dotnet and NuGet need a home to keep packages in; any will do.
  export HOME="${HOME:-$root/artifacts/home}"
  mkdir -p "$HOME"
}

# Starts one test project; what it says goes to a file until it has ended.
start_tests() {
  local name=$1 program=$2
  timeout --kill-after=10 "$project_limit" dotnet "$program" -noLogo -noColor -failSkips -reporter quiet -result-xml "$reports/$name.xml" \
    < /dev/null > "$reports/$name.log" 2>&1 &
  running[$!]=$name
}

# Waits until one of the test projects has ended, shows what it said and adds up its report; a skipped test, an empty project and a report that is
# missing are failures.
finish_tests() {
  local name code=0 counts process
  wait -n -p process "${!running[@]}" || code=$?
  name=${running[$process]}
  unset "running[$process]"

  begin "$name"
  cat "$reports/$name.log"
  ((code != 124)) || echo "$name was ended after $project_limit seconds" >&2

  if ! counts=$(python3 - "$reports/$name.xml" <<'PYTHON'
import sys
import xml.etree.ElementTree

assemblies = xml.etree.ElementTree.parse(sys.argv[1]).getroot().findall('assembly')
total, passed, errors = (sum(int(each.get(count)) for each in assemblies) for count in ('total', 'passed', 'errors'))
assert total > 0, 'no test ran'
print(passed, total - passed + errors)
PYTHON
  ); then
    echo "$name has no usable report (exit code $code)" >&2
    counts="0 1"
  elif ((code)) && [[ $counts == *" 0" ]]; then
    echo "$name ended with exit code $code although no test failed" >&2
    counts="${counts% *} 1"
  fi

  echo "${counts% *} passed, ${counts#* } failed"
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  step=""
}

# The names of the test projects to run, the longest first: those that were asked for, or else all.
choose() {
  local project name all=() asked=()
  for project in tests/*.Tests/*.Tests.csproj; do
    all+=("$(basename "$project" .csproj)")
  done

  for name in "$@"; do
    name=Servo.${name#Servo.}
    name=${name%.Tests}.Tests
    [[ " ${all[*]} " == *" $name "* ]] || { echo "There is no test project '$name'; there are: ${all[*]}" >&2; return 1; }
    asked+=("$name")
  done
  ((${#asked[@]})) || asked=("${all[@]}")

  for name in "${longest[@]}" "${all[@]}"; do
    [[ " ${asked[*]} " != *" $name "* ]] || echo "$name"
  done | awk '!seen[$0]++'
}

for word; do
  case $word in
    -h | --help)
      trap - EXIT
      usage
      exit 0
      ;;
    -*)
      usage >&2
      step="there is no option '$word'"
      exit 1
      ;;
  esac
done
step="choose the test projects"
chosen=$(choose "$@")

begin "tools"
install_tools
isolate
rm -rf "$reports"
mkdir -p "$reports"

begin "restore"
dotnet restore Servo.sln --locked-mode

begin "format"
# The two other parts of 'dotnet format', the style and the analyzers, are part of the build: EnforceCodeStyleInBuild.
dotnet format whitespace . --folder --verify-no-changes

begin "build"
built=1
dotnet build Servo.sln -c Release --no-restore -warnaserror

begin "publish"
rm -rf artifacts/host
dotnet publish src/Servo.WebHost -c Release --no-build -o artifacts/host

begin "pack"
rm -f artifacts/packages/*.nupkg artifacts/packages/*.snupkg
dotnet pack Servo.sln -c Release --no-build -warnaserror

begin "discover the test projects"
solution=$(dotnet sln Servo.sln list)
for project in tests/*.Tests/*.Tests.csproj; do
  grep -qxF "$project" <<< "$solution" || { echo "$project is not in Servo.sln" >&2; exit 1; }
done
step=""

for name in $chosen; do
  ((${#running[@]} < at_a_time)) || finish_tests
  start_tests "$name" "tests/$name/bin/Release/net10.0/$name.dll"
done
while ((${#running[@]})); do
  finish_tests
done
