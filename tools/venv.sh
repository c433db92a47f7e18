#!/usr/bin/env bash
# Makes or updates the virtual environment with every package pinned:   tools/venv.sh FOLDER EXTRAS
# EXTRAS are pyproject.toml's, comma separated ("test,lint"). PYTHON names the interpreter to make it with.
set -euo pipefail

venv=$1
extras=$2

candidates=${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 /usr/bin/python3}

# Prints the first interpreter that is new enough and can make an environment. It is run, not only looked up:
# a version manager's shim may be on the PATH without a Python behind it.
find_python() {
    local candidate
    for candidate in $candidates; do
        if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Debian's python3 comes without the venv module.
install_python() {
    local install="apt-get update && apt-get install -y --no-install-recommends python3 python3-venv"
    echo "setup: none of '$candidates' is Python 3.11 or newer with the venv module" >&2
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -z "${PYTHON:-}" ]; then
        echo "setup: $install" >&2
        DEBIAN_FRONTEND=noninteractive bash -c "$install" >&2 && find_python && return
    fi
    echo "setup: install one (Debian, as root: $install) or name one: make setup PYTHON=..." >&2
    return 1
}

# pip retries a broken connection; the loop also covers a registry that answers with an error for a while.
pip_install() {
    local attempt
    for attempt in 1 2 3; do
        if "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
            --retries 5 --timeout 60 "$@"; then
            return
        fi
        [ "$attempt" = 3 ] || { echo "setup: attempt $attempt of 3 failed, next one in 10 s" >&2; sleep 10; }
    done
    return 1
}

# The oracle exists as nightly pre-releases only. It is kept out of pip's resolver so that no other package follows it
# to a pre-release, and none is pinned because nightlies disappear from the index.
install_tflite_micro() {
    echo "setup: installing tflite-micro (the newest nightly; not pinned)"
    if ! pip_install --pre --no-deps tflite-micro ||
        ! "$venv/bin/python" -c 'from tflite_micro.python.tflite_micro import runtime'; then
        echo "setup: NOTE: tflite-micro is not usable here; the tests that compare with it will be skipped" >&2
        echo "setup: NOTE: to try again later: rm -r $venv && make setup" >&2
    fi
}

if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(find_python || install_python)
    echo "setup: making $venv with $python ($("$python" --version))"
    "$python" -m venv --clear "$venv"
fi

echo "setup: installing the pinned packages for '$extras' into $venv"
pip_install --constraint constraints.txt setuptools
pip_install --constraint constraints.txt --no-build-isolation --editable ".[$extras]"

case ",$extras," in
*,test,*) install_tflite_micro ;;
esac
