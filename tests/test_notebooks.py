"Every notebook runs top to bottom, in this process, with its assertions."

from functools import cache
from pathlib import Path

import nbdev.test
import pytest
from nbdev.config import get_config
from nbdev.test import test_nb as run_notebook

from segrec.data.sources import SAMPLES

ROOT = Path(__file__).parent.parent
NOTEBOOKS = [
    path
    for path in sorted((ROOT / "nbs").rglob("*.ipynb"))
    if not {"templates", "benchmarks", ".ipynb_checkpoints"} & set(path.parts)
]


@pytest.fixture
def emptied_shells(monkeypatch):
    "IPython keeps each shell until the process ends: a hundred lessons' data would be gigabytes."
    shells = []

    class Shell(nbdev.test.CaptureShell):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            shells.append(self)

    monkeypatch.setattr(nbdev.test, "CaptureShell", Shell)
    yield
    for shell in shells:
        shell.user_ns.clear()


@pytest.fixture(scope="module")
def samples_read_once():
    "Lessons share the samples that they read."
    with pytest.MonkeyPatch.context() as patch:
        for name in ("demo-shop", "complete-journey"):
            patch.setitem(SAMPLES, name, cache(SAMPLES[name]))
        yield


@pytest.mark.usefixtures("emptied_shells", "samples_read_once")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT / "nbs")))
def test_notebook_runs(path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(ROOT)
    passed, _ = run_notebook(path, skip_flags=get_config(path=ROOT).tst_flags.split())
    assert passed, f"{path} does not run"
