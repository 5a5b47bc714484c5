"""The layout of the code: packages import only downwards, no circular imports, unique class names.

When one of these fails, see "A failing layout test" in CONTRIBUTING.md.
"""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("engine", "tui", "nnterm")
UNDIVIDED = ("nnterm",)
"""Packages that are one layer as a whole."""
TOYS = ROOT / "tests" / "toys"
"""Examples that CONTRIBUTING.md tells to copy into the packages."""


def layers() -> set[str]:
    """Return the packages and top-level files in the layers contract."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = [one for one in config["contracts"] if one["type"] == "layers"]
    return {name.strip() for line in contract["layers"] for name in line.split("|")}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def test_the_contract_names_every_package() -> None:
    there = set(UNDIVIDED) | {
        f"{package}.{path.stem}"
        for package in set(PACKAGES).difference(UNDIVIDED)
        for path in (ROOT / package).iterdir()
        if (path.is_dir() and any(path.rglob("*.py"))) or (path.suffix == ".py" and path.stem != "__init__")
    }
    assert there == layers()


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/ARCHITECTURE.md"])
def test_the_maps_name_every_part_of_the_engine(page: str) -> None:
    text = (ROOT / page).read_text()
    names = {name.removeprefix("engine.") for name in layers() if name.startswith("engine.")}
    missing = [name for name in names if not re.search(rf"`(engine/)?{name}(\.py)?`", text)]
    assert missing == ([] if page.startswith("docs") else ["numpy_network"])


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """All imports between files, including lazy ones and those for the type checker."""
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def test_no_file_imports_in_a_circle(graph: grimp.ImportGraph) -> None:
    edges = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        pytest.fail(f"circle: {' <- '.join(error.args[1])}")


REGISTRIES = {
    "activation": "engine.nn.activations",
    "loss": "engine.nn.losses",
    "initializer": "engine.nn.initializers",
    "layer": "engine.nn.layers.registry",
    "maxout": "engine.nn.layers.registry",
    "optimizer": "engine.optim.optimizers",
    "schedule": "engine.optim.schedules",
    "dataset": "engine.data.registry",
}
"""The registry that imports a new member, by the file in `tests/toys` that CONTRIBUTING.md tells to copy."""


@pytest.mark.parametrize("toy", REGISTRIES)
def test_a_registry_can_import_a_copied_toy(toy: str, graph: grimp.ImportGraph) -> None:
    tree = ast.parse((TOYS / f"{toy}.py").read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} & graph.modules
    reached = imported.union(*(graph.find_upstream_modules(module) for module in imported))
    assert REGISTRIES[toy] not in reached, "the copy and its registry would import each other"


IMPORTS_BY_NAME = {
    "engine/__init__.py": "public names, loaded on first use",
    "engine/experiment/__init__.py": "public names, loaded on first use",
    "engine/glassbox/__init__.py": "public names, loaded on first use",
    "engine/gradcheck/__init__.py": "public names, loaded on first use",
    "engine/torch/__init__.py": "public names, loaded on first use",
    "engine/doctor/rule.py": "the rules in their folder",
    "engine/inspection/registry.py": "the views by their file",
    "engine/trials/registry.py": "the trials as module:function",
    "tui/actions.py": "the screens as module:class",
    "tui/cli/choices.py": "the registries that options name as module:name",
    "tui/cli/registry.py": "the commands as module:function",
    "tui/inspect/registry.py": "the widgets of views by their file",
    "tui/inspect/view_stack.py": "the widgets of views by their file",
    "engine/training/choose_backend.py": "engine.torch, a layer above, on request",
    "engine/plugins/__init__.py": "public names, loaded on first use",
    "engine/plugins/loading.py": "the modules that the user's environment names",
    "engine/torch/library.py": "torch",
    "engine/bench/rivals.py": "other libraries",
    "engine/devices/nvidia.py": "NVIDIA's library",
}
"""The files that import modules by name, which the import contract cannot see, and what they import."""


def test_modules_are_imported_by_name_in_registries_only() -> None:
    calls = re.compile(r"import_module\(|__import__\(")
    found = {str(path.relative_to(ROOT)) for path in sources() if calls.search(path.read_text())}
    assert found == set(IMPORTS_BY_NAME)


def test_a_class_name_stands_once() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in (*sources(), *sorted(TOYS.rglob("*.py"))):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_an_upward_import_breaks_the_contract(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "mnist")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    low = tmp_path / "engine" / "nn" / "special_functions.py"
    low.write_text(low.read_text() + "\n\ndef late() -> None:\n    from engine.runs import Run  # noqa\n")
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "engine.nn is not allowed to import engine.runs" in result.stdout
