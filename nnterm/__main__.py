"""`python -m nnterm`: the command `nnterm`."""

import sys
from pathlib import Path


def main() -> int:
    """Run the command with the arguments of this process and return its exit code.

    Python puts the current folder before all others. The command leaves it out, so that files of the user's, such as
    an `engine.py`, hide nothing; it stays if nnterm itself lies there.
    """
    if _is_current_folder(sys.path[0]) and Path(sys.path[0]) != Path(__file__).parent.parent:
        del sys.path[0]
    from tui.cli.main import main as run

    return run()


def _is_current_folder(path: str) -> bool:
    try:
        return Path(path).samefile(".")
    except OSError:  # no folder, as the standard library's zip file, or one that is gone
        return False


if __name__ == "__main__":
    sys.exit(main())
