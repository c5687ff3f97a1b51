"The rules of the house: the library is what the notebooks export, rooms import only rooms above them, a light core."

import ast
import json
import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOMS = [
    "core",
    "data",
    "segmentation",
    "recommendation",
    "experiments",
    "drift",
    "serving",
    "troubleshooting",
    "reports",
    "cli",
]


def test_library_is_what_the_notebooks_export(root, tmp_path):
    "Exporting a copy of the checkout changes nothing: modules, templates and demo shop."
    copy = tmp_path / "segrec"
    shutil.copytree(
        root,
        copy,
        ignore=shutil.ignore_patterns(
            ".venv", ".git", "reports", "__pycache__", ".*_cache", "build", "dist", "*.egg-info"
        ),
    )
    (copy / "reports").mkdir(exist_ok=True)
    shutil.copytree(
        root / "segrec" / "reports",
        copy / "segrec" / "reports",
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copytree(root / "nbs" / "reports", copy / "nbs" / "reports", dirs_exist_ok=True)
    before = {path.relative_to(copy): path.read_bytes() for path in (copy / "segrec").rglob("*") if path.is_file()}
    subprocess.run(
        [sys.executable, str(copy / ".ci" / "export.py"), str(copy)],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(copy)},
    )
    after = {
        path.relative_to(copy): path.read_bytes()
        for path in (copy / "segrec").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sorted(after) == sorted(before)
    different = [str(path) for path in before if before[path] != after[path]]
    assert not different, f"make export would change {different}"


def imported_rooms(path: Path) -> set[str]:
    package = path.relative_to(path.parents[len(path.parts) - path.parts.index("segrec") - 1]).parts[1:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                base = [*package][: len(package) - node.level + 1]
                name = ".".join([*base, *(node.module or "").split(".")])
            elif (node.module or "").startswith("segrec"):
                name = node.module.removeprefix("segrec").lstrip(".")
            else:
                continue
            found.add(name.lstrip(".").split(".")[0])
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("segrec.")}
    return found - {""}


def test_a_room_imports_only_rooms_above_it(root):
    checked = 0
    for path in (root / "segrec").rglob("*.py"):
        parts = path.relative_to(root / "segrec").parts
        room = parts[0].removesuffix(".py")
        if room in ROOMS:
            below = [one for one in imported_rooms(path) if one in ROOMS and ROOMS.index(one) > ROOMS.index(room)]
            assert not below, f"{path} imports {below}"
            checked += 1
    assert checked > 20
    assert "core" in imported_rooms(root / "segrec" / "data" / "dataset.py")


@pytest.mark.parametrize("name", ["segrec", "segrec.cli"])
def test_light_imports(name):
    "Neither the package nor its command line imports anything heavy before it is asked to do something."
    heavy = ["pandas", "numpy", "ibis", "duckdb", "sklearn", "matplotlib", "papermill", "implicit", "nbdev", "fastcore"]
    code = f"import sys, {name}; print([one for one in {heavy} if one in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"
    )


def test_library_never_imports_nbdev(root):
    for path in (root / "segrec").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert path.name == "_modidx.py" or not any(
                name.split(".")[0] in ("nbdev", "fastcore", "execnb") for name in names
            ), path


def test_every_extra_is_installed_by_the_test_environment(root):
    settings = ConfigParser(delimiters=["="])
    settings.read(root / "settings.ini")
    extras = {key.removeprefix("extra_") for key in settings["DEFAULT"] if key.startswith("extra_")}
    line = next(line for line in (root / "Makefile").read_text().splitlines() if line.startswith("EVERY_EXTRA"))
    assert set(line.split(":=")[1].strip().split(",")) == extras


def test_notebooks_are_clean_and_small(root):
    "No execution counts, no paths of a machine in outputs, at most about 60 cells and 400 exported lines."
    for path in (root / "nbs").rglob("*.ipynb"):
        if ".ipynb_checkpoints" in path.parts:
            continue
        cells = json.loads(path.read_text())["cells"]
        exported = sum(
            len(cell["source"])
            for cell in cells
            if cell["cell_type"] == "code" and "".join(cell["source"]).startswith("#| export")
        )
        assert len(cells) <= 60 and exported <= 400, path
        assert all(cell.get("execution_count") is None for cell in cells), path
        outputs = json.dumps([cell.get("outputs", []) for cell in cells])
        assert str(root) not in outputs and "site-packages" not in outputs, path
