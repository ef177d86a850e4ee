#!/bin/sh
# Makes the virtual environment that everything runs in: sh tools/venv.sh FOLDER CONSTRAINTS
# With uv where it is installed, else with the venv and pip that come with Python.
set -eu
folder=$1
constraints=$2
wanted="-c $constraints -e .[sandbox,test]"

say() { echo "setup: $*"; }

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

if command -v uv >/dev/null 2>&1; then
    say "making $folder with uv"
    uv venv --quiet --clear --seed --python '>=3.11,<3.14' "$folder"
    # shellcheck disable=SC2086
    uv pip install --quiet --python "$folder/bin/python" $wanted
    exit 0
fi

python=$(find_python)
if [ -z "$python" ]; then
    say "Python 3.11 or newer is needed; install it, or name one: make PYTHON=/path/to/python3.12 ..."
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "this Python has no venv. Type:  sudo apt-get install python$version-venv   (then the same make command again)"
    exit 1
fi
say "making $folder with $("$python" --version); the first time takes a minute or two"
"$python" -m venv --clear "$folder"
# shellcheck disable=SC2086
"$folder/bin/python" -m pip install -qq --disable-pip-version-check $wanted
say "done"
