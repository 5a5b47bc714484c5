"""Metadata and contents of the archives of a release, without building them; `make package` builds them."""

import fnmatch
import re
import tomllib
from pathlib import Path

import pytest

from tui.cli.commands import COMMANDS

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, SETUPTOOLS = PYPROJECT["project"], PYPROJECT["tool"]["setuptools"]
PACKAGES = ("engine", "tui", "nnterm")
INDEX_PAGE = ROOT / PROJECT["readme"]
LINK = re.compile(r"\]\(([^)\s]+)|(?:src|href)=[\"']([^\"']+)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
"""A link or picture of Markdown or HTML, in any of its forms."""


def links(page: Path) -> list[str]:
    """Return the targets outside the page of its links and pictures, without their fragments."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    targets = ["".join(match).partition("#")[0] for match in LINK.findall(text)]
    return [target for target in targets if target]


def test_the_licence_names_that_of_the_data() -> None:
    code, data = (ROOT / name for name in PROJECT["license-files"])
    assert PROJECT["license"] == "MIT AND CC-BY-SA-3.0"
    assert code.read_text().startswith("MIT License")
    assert "Attribution-ShareAlike 3.0 (CC BY-SA 3.0)" in data.read_text()
    assert [
        one for one in PROJECT["classifiers"] if one.startswith("License ::")
    ] == []  # the expression says it


def test_the_page_for_the_index_links_to_nothing_beside_it() -> None:
    assert [target for target in links(INDEX_PAGE) if "://" not in target] == []


def test_the_page_for_the_index_names_commands_that_exist() -> None:
    named = set(re.findall(r"^nnterm (\w+)", INDEX_PAGE.read_text(), re.MULTILINE))
    assert named
    assert named <= set(COMMANDS)


def test_the_installed_pages_link_to_installed_pages() -> None:
    patterns = {
        f"{folder.removeprefix('share/doc/nnterm').lstrip('/')}/{Path(pattern).name}".lstrip("/")
        for folder, files in SETUPTOOLS["data-files"].items()
        for pattern in files
    }
    pages = [path for pattern in patterns for path in ROOT.glob(pattern) if path.suffix == ".md"]
    assert len(pages) > 10
    lost = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in links(page)
        if "://" not in target and not is_installed(page.parent / target, patterns)
    ]
    assert lost == []


def is_installed(path: Path, patterns: set[str]) -> bool:
    """Return True if a file exists and one of the patterns installs it."""
    name = path.resolve().relative_to(ROOT).as_posix()
    return path.is_file() and any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_gets_every_file_of_a_package(package: str) -> None:
    folders = {path.parent for path in (ROOT / package).rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
    included = {
        path for pattern in SETUPTOOLS["package-data"][package] for path in (ROOT / package).glob(pattern)
    }
    files = [
        path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    assert [str(path) for path in files if path.suffix != ".py" and path not in included] == []


def test_what_is_installed_for_tests_has_a_tested_version() -> None:
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extras["dev"], *extras["bench"]]
    pins = {line.partition("==")[0].replace("_", "-") for line in constraints()}
    assert {re.split(r"[<>=!; ]", line)[0] for line in lines} == pins


def constraints() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]
