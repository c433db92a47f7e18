#!/usr/bin/env bash
# Checks that the compilers and the emulator are here. As root on Debian it installs what is missing; otherwise it
# prints the command that does and exits with 1. With --tests it exits with 0 all the same if only the emulated boards'
# tools are missing: tests that need them are skipped, with that reason. What is optional is only named.
set -euo pipefail

purpose=${1:-}

packages=()

# need PACKAGE COMMAND...: PACKAGE is missing when COMMAND fails.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || packages+=("$package")
}

compiles() {
    printf '#include <stdint.h>\n#include <string.h>\n' | "$1" -x c -fsyntax-only -
}

missing() {
    packages=()
    need make make --version
    need gcc gcc --version
    need libc6-dev compiles gcc
    host=${#packages[@]}
    need gcc-arm-none-eabi arm-none-eabi-gcc --version
    need libnewlib-arm-none-eabi compiles arm-none-eabi-gcc
    need qemu-system-arm qemu-system-arm --version
}

# The pages of `verify.plan --report` are tested in a real browser where there is one.
optional() {
    local name
    for name in chromium chromium-browser google-chrome; do
        ! command -v "$name" >/dev/null || return 0
    done
    echo "system: optional: no Chromium, so the tests of pages in a browser are skipped (apt-get install -y chromium)"
}

# give_up TEXT...: what is missing stays missing.
give_up() {
    printf 'system: %s\n' "$@" >&2
    [ "$purpose" = --tests ] && [ "$host" = 0 ] || exit 1
    echo "system: NOTE: tests on emulated boards are skipped" >&2
    exit 0
}

optional
missing
if [ ${#packages[@]} = 0 ]; then
    echo "system: compilers and emulator are here"
    exit
fi

options="-o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=120"
install="apt-get $options update && apt-get $options install -y --no-install-recommends ${packages[*]}"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    give_up "missing: ${packages[*]}" "on Debian or Ubuntu, run this as root:   $install"
fi

echo "system: missing: ${packages[*]}"
for attempt in 1 2 3; do
    echo "system: $install"
    if bash -c "export DEBIAN_FRONTEND=noninteractive; $install"; then
        break
    fi
    [ "$attempt" = 3 ] || { echo "system: attempt $attempt of 3 failed, next one in 10 s" >&2; sleep 10; }
done

missing
if [ ${#packages[@]} != 0 ]; then
    give_up "still missing after the installation: ${packages[*]}"
fi
