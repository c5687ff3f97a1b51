"What other people and programs leave in the folder of reports harms nothing but what it stands in the place of."

import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from segrec.core.files import is_left, place_folder, remove_files
from segrec.reports import ReportError, index, run_all_reports, run_report, runner
from segrec.reports.history import last_run
from segrec.reports.index import write_index

pytestmark = pytest.mark.xdist_group("foreign")   # its fixtures are made once

NAMES = ("data", "segments", "drift")


@pytest.fixture(scope="module")
def small():
    "Three small notebooks in the place of the reports that ship: a run of all takes seconds."
    notebooks = {}
    for name in NAMES:
        cells = [
            nbformat.v4.new_code_cell('data: str = "demo-shop"\nfails: bool = False', metadata={"tags": ["parameters"]}),
            nbformat.v4.new_markdown_cell(f"# {name}"),
            nbformat.v4.new_code_cell(
                "from segrec.reports import finish\nassert not fails, 'as asked'\n"
                f"finish('{name} runs.', '2025-01-01', 'print', {{}})"
            ),
        ]
        notebooks[name] = nbformat.v4.new_notebook(cells=cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "report_names", lambda: list(notebooks))
        patch.setattr(runner, "read_template", lambda name, trust=False: notebooks[name])
        yield


@pytest.fixture(scope="module")
def made(small, tmp_path_factory):
    "A folder of their pages."
    out = tmp_path_factory.mktemp("made") / "out"
    assert set(outcomes_of(out).values()) == {"done"}
    return out


@pytest.fixture
def shipped(made, tmp_path):
    "A copy of it."
    return shutil.copytree(made, tmp_path / "out")


def run_of(out: Path, name: str) -> Path:
    "The folder of the run that a page shows."
    return out / name / re.search(r'name="segrec-run" content="([^"]+)"', (out / f"{name}.html").read_text()).group(1)


def outcomes_of(out: Path) -> dict[str, str]:
    try:
        outcomes = run_all_reports("demo-shop", out)
    except ReportError as error:
        outcomes = error.outcomes
    return {one.name: one.status for one in outcomes}


def latin(path: Path) -> None:
    path.write_bytes("<html>café</html>".encode("latin-1"))


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def in_runs(out: Path, name: str, contents: dict[str, str | bytes]) -> None:
    for report, content in contents.items():
        write(run_of(out, report) / name, content)


LATIN = "<html>café</html>".encode("latin-1")
HARMLESS = {
    "what people leave": [
        lambda out: write(out / "old.html", LATIN),
        lambda out: (out / "archive.html").mkdir(),
        lambda out: in_runs(out, "my notes.txt", {"data": "mine"}),
        lambda out: (run_of(out, "data") / ".ipynb_checkpoints").mkdir(),
        lambda out: (run_of(out, "data") / "export" / "deep").mkdir(parents=True),
        lambda out: write(out / "data" / "README", "mine"),
        lambda out: (out / "static").mkdir(),
        lambda out: (out / "segments" / "failed" / ".ipynb_checkpoints").mkdir(parents=True),
    ],
    "damaged summaries": [
        lambda out: in_runs(out, "summary.json", {"data": '{"title": "da', "segments": LATIN, "drift": "[1, 2]"}),
        lambda out: in_runs(out, "thumbnail.png", {"drift": b"no picture"}),
        lambda out: write(out / "guides" / "cold-start.html", LATIN),
    ],
    "damaged manifests": [
        lambda out: in_runs(out, "manifest.json", {
            "data": "{", "segments": "{}", "drift": json.dumps({"files": ["../../segments.html", "/etc/hostname", 7, None]}),
        }),
        lambda out: write(out / "data" / "left_out.json", "{"),
        lambda out: write(out / "drift" / "left_out.json", "[]"),
    ],
    "pages without their runs": [
        lambda out: [shutil.rmtree(run_of(out, name)) for name in ("drift", "data")],
    ],
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_harms_nothing(what, shipped):
    before = set(shipped.rglob("*"))
    for leave in HARMLESS[what]:
        leave(shipped)
        assert "segments runs." in index.write_index(shipped).read_text() or what == "damaged summaries"
    theirs = set(shipped.rglob("*")) - before - {shipped / "data" / "left_out.json", shipped / "drift" / "left_out.json"}
    assert outcomes_of(shipped) == dict.fromkeys(NAMES, "done")
    assert "segments runs." in (shipped / "index.html").read_text() and (shipped / "segments.html").is_file()
    assert all(path.exists() for path in theirs if path.name != "thumbnail.png") and Path("/etc/hostname").exists()


IN_THE_WAY = {
    "a file where its folder goes": lambda out: (out / "data").write_text("mine"),
    "a folder where its page goes": lambda out: (out / "data.html").mkdir(),
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_what_stands_in_the_way_of_one(what, small, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    IN_THE_WAY[what](out)
    assert outcomes_of(out) == {"data": "failed", "segments": "done", "drift": "done"}
    assert (out / "segments.html").is_file() and (out / "index.html").is_file()


def test_a_link_is_not_followed(shipped, tmp_path):
    run, other = run_of(shipped, "data"), tmp_path / "somebody's"
    for path in run.iterdir():
        path.unlink()
    run.rmdir()
    other.mkdir()
    (other / "notebook.ipynb").write_text("theirs")
    run.symlink_to(other)
    assert outcomes_of(shipped) == {"data": "failed", "segments": "done", "drift": "done"}
    assert [path.name for path in other.iterdir()] == ["notebook.ipynb"] and (other / "notebook.ipynb").read_text() == "theirs"


def test_the_real_error_is_told_where_failed_was_looked_at(shipped):
    (shipped / "data" / "failed" / ".ipynb_checkpoints").mkdir(parents=True)
    with pytest.raises(ReportError, match="as asked"):
        run_report("data", out=shipped, parameters={"fails": True})
    run_report("data", out=shipped)
    assert (shipped / "data" / "failed" / ".ipynb_checkpoints").is_dir()
    assert not (shipped / "data" / "failed" / "notebook.ipynb").exists() and "failed" not in (shipped / "index.html").read_text()


def test_guides_that_cannot_be_written_are_told(shipped):
    shutil.rmtree(shipped / "guides")
    (shipped / "guides").write_text("mine")
    run_report("data", out=shipped)
    assert "guides could not be written" in (shipped / "index.html").read_text()


def test_damaged_runs_are_none_to_compare_with(tmp_path):
    for number, damage in enumerate(["", "manifest.json", "summary.json", "labels.arrow"]):
        run = tmp_path / f"2025-01-0{number + 1}-run"
        run.mkdir()
        facts = {"data_fingerprint": str(number), "as_of": f"2025-01-0{number + 1}", "started": f"2025-01-0{number + 1}T00:00:00"}
        (run / "manifest.json").write_text(json.dumps(facts))
        (run / "summary.json").write_text(json.dumps({"numbers": {}, "as_of": facts["as_of"]}))
        pd.DataFrame({"segment": ["a"]}).to_feather(run / "labels.arrow")
        if damage:
            (run / damage).write_bytes(b"\xff{")
    assert last_run(tmp_path / ".running-x", "new", "2025-02-01", "labels").name == "2025-01-01-run"


def test_only_own_files_are_removed(tmp_path):
    for name in ("old/a.txt", "old/b.txt", "old/theirs.txt", "new/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "outside.txt").write_text("theirs")
    place_folder(tmp_path / "new", tmp_path / "old", own=["a.txt", "b.txt", "../outside.txt"])
    assert {path.name for path in (tmp_path / "old").iterdir()} == {"a.txt", "theirs.txt"}
    assert (tmp_path / "old" / "a.txt").read_text() == "new/a.txt" and (tmp_path / "outside.txt").exists()
    remove_files(tmp_path / "old", ["a.txt", "theirs.txt"])
    assert not (tmp_path / "old").exists()


def test_what_an_index_cannot_read_costs_one_line(made, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(made, out)
    os.link(out / "data.html", os.fsencode(out) + b"/caf\xe9.html")
    (out / "guides").mkdir(exist_ok=True)
    (out / "guides" / os.fsdecode(b"caf\xe9.html")).write_text("mine")
    run = next(path for path in (out / "data").iterdir() if path.is_dir())
    (run / "thumbnail.png").unlink(missing_ok=True)
    os.mkfifo(run / "thumbnail.png")   # who opens it waits for who writes
    page = write_index(out)
    assert "caf%E9.html" in page.read_text(encoding="utf-8")


def test_scratch_of_people_is_not_swept(tmp_path):
    for name in ("segrec-report-archive-2026", ".running-my-notes", ".movie.part", ".notes.0f0f0f0f-1-abc.part"):
        path = tmp_path / name
        path.mkdir()
        os.utime(path, (0, 0))
        assert not is_left(path)
    theirs = tmp_path / ".running-0f0f0f0f-1-0123456789ab"
    theirs.mkdir()
    assert not is_left(theirs)   # another machine's, which may be at work
    os.utime(theirs, (0, 0))
    assert is_left(theirs)
