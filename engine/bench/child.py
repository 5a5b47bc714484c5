"""One contender in a process of its own: `python -m engine.bench.child NAME CASE`.

Reads a number of seconds per line, trains that long, and writes the steps per second. The first line it writes is
"ready THREADS", or "missing REASON" if its library is not installed.
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
    if not CASES[case].all_cores and hasattr(os, "sched_setaffinity"):
        # JAX has no option for its threads, so that all get one core
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        contender = make_contender(name, CASES[case])
        contender.measure(0.2)  # warms up caches, compilers and allocators
    except ImportError as error:
        print(f"missing {error.name or error}", flush=True)
        return
    print(f"ready {contender.threads}", flush=True)
    for line in sys.stdin:
        print(contender.measure(float(line)), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print("usage: python -m engine.bench.child NAME CASE", file=sys.stderr)
        raise SystemExit(2)
    main(*sys.argv[1:])
