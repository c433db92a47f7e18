#!/usr/bin/env bash
# Checks that the compilers and the emulator are here. As root on Debian it installs what is missing; otherwise it
# prints the command that does and exits with 1. What is optional is only named.
set -euo pipefail

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

optional
missing
if [ ${#packages[@]} = 0 ]; then
    echo "system: compilers and emulator are here"
    exit
fi

install="apt-get update && apt-get install -y --no-install-recommends ${packages[*]}"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "system: missing: ${packages[*]}" >&2
    echo "system: on Debian or Ubuntu, run this as root:   $install" >&2
    exit 1
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
    echo "system: still missing after the installation: ${packages[*]}" >&2
    exit 1
fi
