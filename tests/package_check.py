"""Builds the archives of a release and tries them as a stranger would: `make package`.

The wheel goes into an empty environment that sees the libraries it names and nothing else, first without PyTorch, then
with it, and is run from a folder whose files have the names of nnterm's packages. The source archive is compared with
the checkout and tested. What passes is left in `dist/`.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = f"{PROJECT['name']}-{PROJECT['version']}"
LARGEST = 12_000_000
"""Bytes of an archive; MNIST is 9 million of them."""
GENERATED = {"PKG-INFO", "setup.cfg", "nnterm.egg-info/SOURCES.txt"}
"""Files that setuptools adds to a source archive."""
IN_WHEEL = ("engine/", "tui/", "nnterm/", f"{NAME}.dist-info/", f"{NAME}.data/data/share/doc/nnterm/")
HIDING = ("engine.py", "tui.py", "torch.py", "numpy.py")
"""Files of a user's that have the names of packages."""
TESTS = ("tests/test_packaging.py", "tests/docs/test_api_page.py", "tests/engine/nn/test_losses.py")
"""Tests of the source archive, run in it: of its pages, of its code, of the archive itself."""
DEMO_S = 600
"""Time limit of a command, seconds."""


class PackageError(Exception):
    """An archive, or a command of the installed wheel, is not as it should be."""


def main() -> int:
    """Build, check and keep the archives; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="nnterm-package-") as folder:
        scratch = Path(folder)
        try:
            wheel, source = build(scratch / "built")
            check_wheel(wheel)
            check_source(source, scratch)
            check_installed(wheel, scratch)
        except PackageError as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
        kept = ROOT / "dist"
        kept.mkdir(exist_ok=True)
        for archive in (wheel, source):
            shutil.copy2(archive, kept)
            print(f"PASSED: dist/{archive.name} ({archive.stat().st_size / 1e6:.1f} MB)")
    return 0


def build(folder: Path) -> tuple[Path, Path]:
    """Return the wheel, built from the source archive as an installer would, and that archive."""
    print("building the archives ...", flush=True)
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)], ROOT)
    return folder / f"{NAME}-py3-none-any.whl", folder / f"{NAME}.tar.gz"


def check_wheel(wheel: Path) -> None:
    """Refuse a wheel that holds what it should not, or lacks a file of a package, a page or a licence."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    stray = sorted(name for name in names if not name.startswith(IN_WHEEL) or "__pycache__" in name)
    expect(not stray, f"{wheel.name} holds {stray}")
    code = {name for name in checkout() if name.startswith(("engine/", "tui/", "nnterm/"))}
    pages = {f"{IN_WHEEL[-1]}{name}" for name in checkout() if name.startswith("docs/")}
    licences = {f"{NAME}.dist-info/licenses/{name}" for name in PROJECT["license-files"]}
    missing = sorted((code | pages | licences) - names)
    expect(not missing, f"{wheel.name} lacks {missing}")
    expect(wheel.stat().st_size < LARGEST, f"{wheel.name} has {wheel.stat().st_size:,} bytes")


def check_source(source: Path, scratch: Path) -> None:
    """Refuse a source archive that differs from the checkout or fails its tests."""
    expect(source.stat().st_size < LARGEST, f"{source.name} has {source.stat().st_size:,} bytes")
    shutil.unpack_archive(source, scratch)
    unpacked = scratch / NAME
    held = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    differing = sorted((held ^ checkout()) - GENERATED)
    expect(not differing, f"{source.name} differs from the checkout in {differing}")
    print("testing the source archive ...", flush=True)
    run([sys.executable, "-m", "pytest", "-n", "0", *TESTS], unpacked, PYTHONPATH=str(unpacked))


def checkout() -> set[str]:
    """Return the tracked files, or all files where the folder is no checkout, such as an unpacked archive."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    listing = (ROOT / "nnterm.egg-info" / "SOURCES.txt").read_text().splitlines()
    return set(listing) - GENERATED


def check_installed(wheel: Path, scratch: Path) -> None:
    """Install the wheel into an empty environment, and use it from another folder, without PyTorch and with it."""
    installed = Environment(scratch)
    installed.install(wheel)
    print("the wheel without PyTorch ...", flush=True)
    installed.link(PROJECT["dependencies"], without="torch")
    installed.expect("nnterm --version", f"nnterm {PROJECT['version']}")
    installed.expect("python -m nnterm --version", f"nnterm {PROJECT['version']}")
    installed.expect(
        "nnterm demo", "PASSED: .*test accuracy", "PASSED: all", "PyTorch is not installed; pip install"
    )
    installed.expect("nnterm devices", "PyTorch +not installed")
    installed.expect("nnterm train --dataset xor --backend torch", "PyTorch is not installed", code=2)
    if importlib.util.find_spec("torch") is None:
        print("the wheel with PyTorch: skipped, since PyTorch is not installed here")
        return
    print("the wheel with PyTorch ...", flush=True)
    installed.link(PROJECT["dependencies"])
    installed.expect("nnterm check --dataset xor --layers 4", "PASSED: .*finite differences and PyTorch")
    installed.expect("nnterm devices", r"PyTorch +\d")
    run([sys.executable, "-m", "pip", "--python", str(installed.python), "check"], scratch)


class Environment:
    """A virtual environment with nothing but the wheel and links to libraries, and a folder to work in."""

    def __init__(self, scratch: Path) -> None:
        self._prefix, self._work = scratch / "environment", scratch / "work"
        self._home = scratch / "home"
        venv.create(self._prefix, symlinks=True)
        self.python = self._prefix / "bin" / "python"
        (self._site,) = self._prefix.glob("lib/python3*/site-packages")
        self._work.mkdir()
        for name in HIDING:
            (self._work / name).write_text('raise SystemExit("a file of the user\'s was imported")\n')

    def install(self, wheel: Path) -> None:
        """Install the wheel alone."""
        options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
        run(
            [sys.executable, "-m", "pip", "--python", str(self.python), "install", *options, str(wheel)],
            self._work,
        )

    def link(self, requirements: Sequence[str], without: str = "") -> None:
        """Link the libraries that the requirements name, and theirs, from this Python's own environment."""
        for found in closure(requirements, without):
            for entry in entries(found):
                with contextlib.suppress(FileExistsError):
                    (self._site / entry.name).symlink_to(entry)

    def expect(self, command: str, *patterns: str, code: int = 0) -> None:
        """Run a command of the environment; its output must hold the patterns, and its exit code be this one."""
        program, *arguments = command.split()
        done = subprocess.run(
            [self.python.parent / program, *arguments],
            cwd=self._work,
            capture_output=True,
            text=True,
            timeout=DEMO_S,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(self._home), "NNTERM_HOME": str(self._home)},
        )
        output = done.stdout + done.stderr
        expect(done.returncode == code, f"{command}: exit code {done.returncode}\n{output}")
        for pattern in patterns:
            expect(re.search(pattern, output) is not None, f"{command}: no {pattern!r} in\n{output}")


def closure(requirements: Sequence[str], without: str) -> Iterator[metadata.Distribution]:
    """Yield the installed libraries that the requirements name, and those that they need in turn."""
    waiting, seen = [(Requirement(line), "") for line in requirements], set()
    while waiting:
        requirement, of_extra = waiting.pop()
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": of_extra})
        if not wanted or requirement.name == without or str(requirement) in seen:
            continue
        seen.add(str(requirement))
        found = metadata.distribution(requirement.name)
        waiting += [
            (Requirement(line), extra) for line in found.requires or () for extra in ("", *requirement.extras)
        ]
        yield found


def entries(found: metadata.Distribution) -> set[Path]:
    """Return the files and folders of a library at the top of its site-packages."""
    tops = {PurePosixPath(str(path)).parts[0] for path in found.files or ()} - {"..", "__pycache__"}
    return {Path(str(found.locate_file(top))) for top in tops}


def run(command: Sequence[str], folder: Path, **environment: str) -> None:
    """Run a command that must succeed; its output is shown only if it does not."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | environment
    )
    expect(done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise PackageError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
