"""One contender in a process of its own: `python -m engine.bench.child NAME CASE`.

Reads a number of seconds per line, trains that long, and writes the steps per second. The first line it writes is
"ready", or "missing REASON" if its library is not installed.
"""

import os
import sys


def main(name: str, case: str) -> None:
    """Serve measurements until standard input ends."""
    from engine.bench.cases import CASES
    from engine.bench.contenders import CONTENDERS, make_contender

    for given, known in ((name, CONTENDERS), (case, CASES)):
        if given not in known:
            print(f'error: "{given}" is unknown; known: {", ".join(known)}', file=sys.stderr)
            raise SystemExit(2)
    try:
        measure = make_contender(name, CASES[case])
        measure(0.2)  # warms up caches, compilers and allocators
    except ImportError as error:
        print(f"missing {error.name or error}", flush=True)
        return
    print("ready", flush=True)
    for line in sys.stdin:
        print(measure(float(line)), flush=True)


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):  # JAX has no option for its threads, so that all get one core
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if len(sys.argv) != 3:
        print("usage: python -m engine.bench.child NAME CASE", file=sys.stderr)
        raise SystemExit(2)
    main(*sys.argv[1:])
