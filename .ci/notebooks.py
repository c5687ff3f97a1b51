"""Run notebooks in place, in the order in which their modules build on each other.

`python .ci/notebooks.py nbs` runs all but report templates and benchmarks, `... nbs/benchmarks` the benchmarks.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOMS = (
    "core",
    "data",
    "segmentation",
    "recommendation",
    "experiments",
    "drift",
    "serving",
    "troubleshooting",
    "reports",
)


def in_order(folder: Path) -> list[Path]:
    "The notebooks of a folder, room by room; templates are run by the report runner alone."
    found = [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if "templates" not in path.parts and ".ipynb_checkpoints" not in path.parts
    ]
    if folder.name != "benchmarks":
        found = [path for path in found if "benchmarks" not in path.parts]
    return sorted(
        found, key=lambda path: (ROOMS.index(path.parent.name) if path.parent.name in ROOMS else len(ROOMS), path)
    )


# tqdm asks for ipywidgets and names this machine's folders: stored outputs are the same on each machine.
os.environ.setdefault("PYTHONWARNINGS", "ignore:IProgress not found")
for path in in_order(Path(sys.argv[1])):
    print(path, flush=True)
    notebook = nbformat.read(path, as_version=4)
    try:
        NotebookClient(
            notebook, timeout=3600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
        ).execute()
    finally:
        nbformat.write(notebook, path)
