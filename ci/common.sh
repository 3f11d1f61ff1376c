# What the commands of ci/ share; sourced, never run. Sets `root`, the top of the tree.
#
# Every command keeps to two rules: what a machine has already is neither fetched nor built again, and what the user
# did not ask about (packages, compiler output) goes to a log that is shown only when it matters.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages=(
  g++ cmake ninja-build ccache pkg-config
  libyaml-cpp-dev rapidjson-dev libre2-dev libgit2-dev libssl-dev libcurl4-openssl-dev libcli11-dev
  libgmp-dev libmpfr-dev libmbedtls-dev libhttp-parser-dev libpcre2-dev zlib1g-dev libgtest-dev libbenchmark-dev
)
clang_packages=(clang libclang-rt-14-dev)

# complain MESSAGE…: one line on standard error.
complain() { echo "${0##*/}: $*" >&2; }

# setup [PACKAGE…]: installs what is missing of `packages` and of the given ones. Where nothing is missing it needs no
# network and no rights.
setup() {
  local wanted=("${packages[@]}" "$@") missing=() as_root=() name
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    # Not Debian: the user has installed the same things by other means, or will be told which they are.
    if command -v c++ >/dev/null && command -v cmake >/dev/null && command -v ninja >/dev/null; then return 0; fi
    complain "no apt-get here, so nothing can be installed. The build needs what Debian 12 calls: ${wanted[*]}"
    return 1
  fi
  for name in "${wanted[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      complain "these packages are missing, and this is neither root nor is there sudo: ${missing[*]}"
      complain "have an administrator run: apt-get install ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(-n)  # nobody is there to type a password
  fi
  echo "installing: ${missing[*]}" >&2
  mkdir -p "$root/build"
  local log=$root/build/setup.log
  if ! { "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
           install -y --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    complain "could not install: ${missing[*]} (whole log: $log)"
    return 1
  fi
}

# configure PRESET: runs cmake where it has not run yet or the presets have changed since; ninja sees to the rest.
configure() {
  local made=$root/build/$1/build.ninja
  [[ -f $made && ! $root/CMakePresets.json -nt $made ]] || (cd "$root" && cmake --preset "$1")
}

# build PRESET [TARGET…]: configures and builds in silence; the end of the log is shown when it fails.
build() {
  local preset=$1 log=$root/build/$1.log
  shift
  mkdir -p "$root/build"
  if ! { configure "$preset" && cmake --build "$root/build/$preset" -j "$(nproc)" ${1:+--target "$@"}; } \
       </dev/null >"$log" 2>&1; then
    tail -n 200 "$log" >&2
    complain "preset $preset does not build (whole log: $log)"
    return 1
  fi
}
