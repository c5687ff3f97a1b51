"Passwords of addresses: shown nowhere, in whatever form they are typed."

import copy
import os
import pickle
import tempfile
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from typer.testing import CliRunner

from segrec.cli import app
from segrec.core.addresses import Address, address_of, handed_over, masked, without_passwords
from segrec.data import Layout, read_dataset
from segrec.reports import ReportError, run_report
from segrec.segmentation import read_labels, write_labels

HOST = "127.0.0.1:9"   # nothing answers there
SECRET = "hunter2"
READABLE = {   # what a driver can use, and what of it is shown
    f"postgresql://ann:{SECRET}@{HOST}/shop": f"postgresql://ann:***@{HOST}/shop",
    f"postgres://ann:{SECRET}@{HOST}/shop": f"postgres://ann:***@{HOST}/shop",
    f"PostgreSQL://ann:{SECRET}@{HOST}/shop": f"postgresql://ann:***@{HOST}/shop",
    f"postgresql://:{SECRET}@{HOST}/shop": f"postgresql://:***@{HOST}/shop",
    f"postgresql://{HOST}/shop?user=ann&password={SECRET}": f"postgresql://{HOST}/shop?user=ann&password=***",
    f"postgresql://{HOST}/shop?password={SECRET}&sslmode=prefer": f"postgresql://{HOST}/shop?password=***&sslmode=prefer",
    f"postgresql:///shop?host=127.0.0.1&port=9&password={SECRET}": "postgresql:///shop?host=127.0.0.1&port=9&password=***",
    f"postgresql://ann@{HOST}/shop?sslpassword={SECRET}": f"postgresql://ann@{HOST}/shop?sslpassword=***",
    f"postgresql://ann:it's-{SECRET}@{HOST}/shop": f"postgresql://ann:***@{HOST}/shop",
    f'postgresql://ann:"{SECRET}"@{HOST}/shop': f"postgresql://ann:***@{HOST}/shop",
    f"postgresql://ann:a@{SECRET}@{HOST}/shop": f"postgresql://ann:***@{HOST}/shop",
    f"postgresql://ann:{SECRET}%40b@{HOST}/shop": f"postgresql://ann:***@{HOST}/shop",
    f"postgresql://ann:a:{SECRET}@{HOST}/shop": f"postgresql://ann:***@{HOST}/shop",
    f"postgresql://ann:100%{SECRET}@{HOST}/shop": f"postgresql://ann:***@{HOST}/shop",
    f"postgresql://ann%40corp:{SECRET}@{HOST}/shop": f"postgresql://ann%40corp:***@{HOST}/shop",
    f"postgresql://ann:{SECRET}@[::1]:9/shop": "postgresql://ann:***@[::1]:9/shop",
    f"postgresql://ann:{SECRET}@127.0.0.1:9,127.0.0.2:9/shop": "postgresql://ann:***@127.0.0.1:9,127.0.0.2:9/shop",
}
UNREADABLE = [   # a password that moves the borders, other schemes, other notations
    f"postgresql://ann:a/{SECRET}@{HOST}/shop",
    f"postgresql://ann:a?{SECRET}@{HOST}/shop",
    f"postgresql://ann:1?a={SECRET}@{HOST}/shop",
    f"postgresql://ann:a#{SECRET}@{HOST}/shop",
    f"postgresql://ann:a {SECRET}@{HOST}/shop",
    f"postgresql://ann:{SECRET}@{HOST}/shop?options",
    f"host=127.0.0.1 user=ann password={SECRET}",
    f"Server=db;Uid=ann;Pwd={SECRET};",
]
OTHERS = [
    f"mysql://ann:{SECRET}@{HOST}/shop",
    f"https://{SECRET}@{HOST}/shop.csv",
    f"https://{HOST}/shop.csv?X-Amz-Signature={SECRET}",
    f"https://hooks.example.com/{SECRET}",
]
ALL = [*READABLE, *UNREADABLE, *OTHERS]


def said(*words: object) -> SimpleNamespace:
    "Everything that a command lets out: text, and the error with what caused it."
    result = CliRunner().invoke(app, [*map(str, words)])
    assert result.exit_code in (1, 2), (words, result.output)
    told, error = [result.output, result.stderr], result.exception
    while error is not None:
        told.append(f"{error!r} {error}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return SimpleNamespace(text=" ".join(told), code=result.exit_code)


@pytest.mark.parametrize("address", ALL)
def test_errors_show_no_password(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (
        ["check", address],
        ["init", address],
        ["segment", "--labels", address, "--n-segments", "2"],
        ["diagnose", "--data", address, "--labels", address],
        ["drift", "--current", address],
        ["report", "segments", "-p", f"other={address}", "--out", tmp_path],
        ["check", "demo-shop", "-o", f"source={address}"],
        ["check", "demo-shop", "-o", f"time_zone={address}"],
    ):
        assert SECRET not in said(*words).text, words
    assert not [path for path in tmp_path.rglob("*") if SECRET in str(path)]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    for call in (read_dataset, read_labels, lambda url: write_labels(pd.Series({"ann": "a"}), url, "2026-01-01", "v1")):
        with pytest.raises((ValueError, FileNotFoundError)) as error:
            call(address)
        assert SECRET not in repr(error.value)


@pytest.mark.parametrize("address", READABLE)
def test_what_is_shown_and_what_a_driver_gets(address):
    import psycopg.conninfo

    one = Address(address)
    assert str(one) == READABLE[address] and SECRET not in f"{one!r} {one:s}"
    given = psycopg.conninfo.conninfo_to_dict(one.reveal())
    assert SECRET in str(given.get("password")) or given.get("sslpassword") == SECRET
    assert SECRET not in repr(Layout(source=address)) and Layout(source=address).source.reveal() == one.reveal()


@pytest.mark.parametrize("address", UNREADABLE)
def test_what_cannot_be_read_says_how_to_write_it(address):
    with pytest.raises(ValueError, match="%40"):
        address_of(address).reveal()


def test_paths_are_no_addresses():
    for text in ("demo-shop", "logs/2024 = all.csv", "key=3/part.csv", "duckdb:///shop.duckdb", "C://shop.csv", "a@b.csv", ""):
        assert address_of(text) is None or text.startswith("C:")


# Nothing tells where a password with a blank ends: such an address is hidden as a whole, where it stands alone.
@pytest.mark.parametrize("address", [one for one in ALL if not one.startswith("https") and " " not in one])
def test_no_password_in_texts_that_hold_an_address(address):
    for text in (f"could not connect: {address}", f"[{address}] and more", f"see '{address}'."):
        assert SECRET not in without_passwords(text)
    assert SECRET not in str(masked({address: [address, {"url": address}]}, {}))


@pytest.mark.parametrize("text", ["https://example.com/a?b=c", "mail ann@example.com", "a note: see 12:30 @ home", "tokens: 3"])
def test_texts_without_a_password_stay(text):
    assert without_passwords(text) == text


@pytest.mark.parametrize("address", ALL)
def test_what_is_pickled_or_copied_of_an_address(address):
    one = Address(address)
    assert copy.deepcopy(one) is one and copy.copy(one) is one
    stored = pickle.dumps(one)
    assert SECRET.encode() not in stored and SECRET not in str(pickle.loads(stored))


def test_a_file_of_labels_takes_no_password(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    labels = pd.Series({"a": "x"})
    with pytest.raises(ValueError, match="take no password") as said_of:
        write_labels(labels, f"sqlite:///labels.db?password={SECRET}", "2024-01-01", "1")
    assert SECRET not in str(said_of.value) and not list(tmp_path.iterdir())


def test_addresses_that_a_run_has_told_are_json(monkeypatch):
    monkeypatch.setenv("SEGREC_ADDRESSES", "{oops")
    with pytest.raises(ValueError, match="SEGREC_ADDRESSES in the environment is no JSON"):
        Address(f"postgresql://ann:{SECRET}@{HOST}/shop")


def test_two_passwords_that_look_alike(monkeypatch):
    found: dict[str, Address] = {}
    typed = {"data": "postgresql://ann:one@h/db", "labels": ["postgresql://ann:two@h/db", "postgresql://ann:one@h/db"]}
    shown = masked(typed, found)
    assert shown == {"data": "postgresql://ann:***@h/db", "labels": ["postgresql://ann:***@h/db#2", "postgresql://ann:***@h/db"]}
    for name, value in handed_over(found).items():
        monkeypatch.setenv(name, value)
    assert [Address(one).reveal() for one in [shown["data"], *shown["labels"]]] == [typed["data"], *typed["labels"]]


@pytest.mark.parametrize("address", [*READABLE, *UNREADABLE, *OTHERS][::5])
def test_later_errors_show_no_password(address, tmp_path):
    for words in (
        ["diagnose", "--labels", address],
        ["drift", "--current", "demo-shop", "--reference", address],
        ["report", "segments", "--data", address, "--out", tmp_path],
        ["report", "segments", "-p", f"n_segments={address}", "--out", tmp_path],
    ):
        assert SECRET not in said(*words).text, words
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_no_file_of_a_run_has_a_password(tmp_path, monkeypatch):
    scratch = tmp_path / "temp"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    usable = [*READABLE, *OTHERS[:3]]
    declared = "\n".join(f'a{place}: str = ""' for place in range(len(usable)))
    names = ", ".join(f"a{place}" for place in range(len(usable)))
    # Written backwards, so that the notebook itself does not hold what is looked for.
    work = f"""
import os
from segrec.core.addresses import Address
from segrec.reports import finish, paragraph
addresses = [{names}]
paragraph(" ".join(addresses), "headline")
print(addresses, repr([Address(one) for one in addresses]))
open("beside.txt", "w").write(str(addresses))
process = open("/proc/self/cmdline").read() + open(f"/proc/{{os.getppid()}}/cmdline").read()
known = sum({SECRET[::-1]!r}[::-1] in Address(one).reveal() for one in addresses)
finish(f"{{known}} known, {{process.count({SECRET[::-1]!r}[::-1])}} seen", "2025-01-01", "", {{"addresses": addresses}})
"""
    for fails in (False, True):
        cells = [
            nbformat.v4.new_code_cell(declared, metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(work + ("1 / 0" if fails else "")),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "own.ipynb")
        values = {f"a{place}": address for place, address in enumerate(usable)}
        with pytest.raises(ReportError) if fails else nullcontext() as error:
            run_report(str(tmp_path / "own.ipynb"), None, tmp_path / "out", values, trust=True)
        assert not fails or SECRET not in str(error.value)
    headline = next((tmp_path / "out" / "own").glob("*/summary.json")).read_text()
    assert f"{len(usable)} known, 0 seen" in headline
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {"own.html", "index.html", "notebook.ipynb", "manifest.json"} <= {path.name for path in files}
    for path in [*files, *(one for one in scratch.rglob("*") if one.is_file())]:
        assert SECRET.encode() not in path.read_bytes(), path
    assert not list(scratch.glob("segrec-report-*"))


def test_reports_refuse_what_cannot_be_read_before_a_kernel_starts(tmp_path):
    for address in UNREADABLE:
        with pytest.raises(ValueError, match="%40") as error:
            run_report("drift", out=tmp_path, parameters={"reference": address})
        assert SECRET not in str(error.value)
    assert not list(tmp_path.rglob("*.ipynb"))


def test_a_killed_run_is_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    from segrec.core.files import scratch_name

    own, out = scratch_name("segrec-report-"), tmp_path / "out"
    process = own.split("-")[3]
    left = [tmp_path / "temp" / own.replace(f"-{process}-", "-999999999-"), out / "own" / f".running-{'0' * 8}-1-{'0' * 12}"]
    for place in left:
        place.mkdir(parents=True)
        (Path(place) / "notebook.ipynb").write_text("{}")
    os.utime(left[1], (0, 0))
    (tmp_path / "temp" / own).mkdir()
    cell = "from segrec.reports import finish\nfinish('', '2025-01-01', '', {})"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)]), tmp_path / "own.ipynb")
    run_report(str(tmp_path / "own.ipynb"), None, out, trust=True)
    assert not any(place.exists() for place in left) and (tmp_path / "temp" / own).exists()
