#!/usr/bin/env bash
# Checks that the compilers and the emulator are here. As root on Debian it installs what is missing; otherwise it
# prints the command that does and exits with 1.
#
# With --tests it is after everything that tests use, which is a browser besides, and exits with 0 all the same if only
# the emulated boards' tools or the browser are missing: tests that need them are skipped, with that reason.
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
    # No pipe: a compiler that ends before it has read all would fail the writer.
    "$1" -x c -fsyntax-only - <<<$'#include <stdint.h>\n#include <string.h>'
}

# The pages of `verify.plan --report` are tested in a real browser where there is one.
browser() {
    local name
    for name in chromium chromium-browser google-chrome; do
        "$name" --version && return
    done
    return 1
}

tools() {
    packages=()
    need make make --version
    need gcc gcc --version
    need libc6-dev compiles gcc
    host=${#packages[@]}
    need gcc-arm-none-eabi arm-none-eabi-gcc --version
    need libnewlib-arm-none-eabi compiles arm-none-eabi-gcc
    need qemu-system-arm qemu-system-arm --version
}

can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

options="-o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=120"

# command_for PACKAGE...: the command that installs them.
command_for() {
    echo "apt-get $options update && apt-get $options install -y --no-install-recommends $*"
}

# install PACKAGE...: whether it worked is for the caller to see.
install() {
    local attempt
    echo "system: missing: $*"
    for attempt in 1 2 3; do
        echo "system: $(command_for "$@")"
        bash -c "export DEBIAN_FRONTEND=noninteractive; $(command_for "$@")" && return
        [ "$attempt" = 3 ] || { echo "system: attempt $attempt of 3 failed, next one in 10 s" >&2; sleep 10; }
    done
}

# Apart from the tools: where a distribution has no such package, they are to be installed all the same.
optional() {
    browser >/dev/null 2>&1 && return
    if [ "$purpose" = --tests ] && can_install; then
        install chromium || true
        browser >/dev/null 2>&1 && return
    fi
    echo "system: NOTE: no Chromium, so tests of pages in a browser are skipped; as root:   $(command_for chromium)"
}

avr_core=/usr/share/arduino/hardware/arduino/avr

# preprocesses HEADER OPTION...: whether the compiler for AVR finds it.
preprocesses() {
    avr-gcc -mmcu=atmega2560 -E -x c -include "$@" /dev/null
}

project_tools() {
    packages=()
    need cmake cmake --version
    need arduino-builder arduino-builder -version
    need arduino-ctags command -v arduino-ctags
    need gcc-avr avr-gcc --version
    need avr-libc preprocesses avr/io.h
    need arduino-core-avr preprocesses "$avr_core/cores/arduino/Arduino.h" -I "$avr_core/variants/mega"
    need gcc-riscv64-unknown-elf riscv64-unknown-elf-gcc --version
    need picolibc-riscv64-unknown-elf riscv64-unknown-elf-gcc --specs=picolibc.specs --version
    need qemu-system-misc qemu-system-riscv32 --version
}

# What builds and runs exported projects, which only tests use.
projects() {
    project_tools
    [ "$purpose" = --tests ] && [ ${#packages[@]} != 0 ] || return 0
    if can_install; then
        install "${packages[@]}" || true
        project_tools
        [ ${#packages[@]} != 0 ] || return 0
    fi
    echo "system: NOTE: tests of exported projects that need ${packages[*]} are skipped; as root:   $(command_for "${packages[@]}")"
}

# give_up TEXT...: what is missing stays missing.
give_up() {
    printf 'system: %s\n' "$@" >&2
    [ "$purpose" = --tests ] && [ "$host" = 0 ] || exit 1
    echo "system: NOTE: tests on emulated boards are skipped" >&2
    exit 0
}

optional
projects
tools
if [ ${#packages[@]} != 0 ]; then
    if ! can_install; then
        give_up "missing: ${packages[*]}" "on Debian or Ubuntu, run this as root:   $(command_for "${packages[@]}")"
    fi
    install "${packages[@]}" || true
    tools
    if [ ${#packages[@]} != 0 ]; then
        give_up "still missing after the installation: ${packages[*]}"
    fi
fi
echo "system: compilers and emulator are here"
