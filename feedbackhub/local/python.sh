# Sourced by ./run and ./test: sets $python to an interpreter that is new enough, or explains what is missing.
# The environment made earlier comes first: it needs no version manager's slow detour.
python=
for candidate in "$root/.venv/bin/python" python3.11 python3.12 python3.13 python3.14 python3 python; do
    if "$candidate" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "FeedbackHub needs Python 3.11 or newer, and none of python3.11 … python3.14, python3 is one." >&2
    echo "Install it (Debian, Ubuntu: apt install python3 python3-venv) and try again." >&2
    exit 69
fi
