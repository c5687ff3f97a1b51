"A store of models: whole or not there, checked byte by byte, never unpickled."

import hashlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrec.core import DamagedModelError, ModelStore, NoModelError


def published(folder: Path) -> ModelStore:
    store = ModelStore(folder)
    for number in range(3):
        arrays = {"factors": np.full((4, 2), number, dtype=np.float32), "counts": np.arange(number, dtype=np.int64)}
        tables = {"items": pd.DataFrame({"item_id": ["a", "b"], "title": ["é", None]})}
        store.publish(arrays, tables, {"number": number}, fingerprint="f", metrics={"ndcg": 0.1 * number})
    return store


def test_what_was_published_comes_back(tmp_path):
    store = published(tmp_path)
    model = store.verify()
    assert model.settings == {"number": 2} and model.manifest["metrics"] == {"ndcg": 0.2}
    assert model.array("factors").dtype == np.float32 and model.array("counts").tolist() == [0, 1]
    assert model.table("items").to_pylist() == [{"item_id": "a", "title": "é"}, {"item_id": "b", "title": None}]
    assert isinstance(model.table("items"), pa.Table)
    with pytest.raises(ValueError, match="read-only"):
        model.array("factors")[0, 0] = 1
    table = store.versions()
    assert list(table.version.str[:6]) == ["000001", "000002", "000003"] and list(table.current) == [False, False, True]
    assert store.load(table.version[0]).array("counts").shape == (0,)


def test_back_and_forth(tmp_path):
    store = published(tmp_path)
    first, second, third = store.versions().version
    assert store.rollback() == second and store.current().settings == {"number": 1}
    assert store.rollback(third) == third and store.rollback(first) == first
    with pytest.raises(ValueError, match="first version"):
        store.rollback()
    fourth = store.publish({}, {}, {"number": 9})
    assert fourth.startswith("000004") and store.current().manifest["parent"] == first
    assert store.prune(keep=1) == [second, third] and list(store.versions().version) == [first, fourth]
    with pytest.raises(DamagedModelError, match="no version"):
        store.rollback(second)
    assert store.current().version == fourth


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_is_refused(data, tmp_path_factory):
    store = published(tmp_path_factory.mktemp("store"))
    folder = store.current().folder
    path = folder / data.draw(st.sampled_from(sorted(path.name for path in folder.iterdir())))
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with pytest.raises(DamagedModelError, match=path.name):
        store.verify()
    # The version before is still served.
    store.rollback(store.versions().version[1])
    assert store.verify().settings == {"number": 1}


def test_what_somebody_slipped_in_is_refused(tmp_path):
    class Harm:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "harm",))

    store = published(tmp_path / "store")
    folder = store.current().folder
    np.save(folder / "factors.npy", np.array([Harm()], dtype=object), allow_pickle=True)
    with pytest.raises(DamagedModelError, match="changed"):
        store.current().array("factors")
    (folder / "factors.npy").unlink()
    (folder / "factors.npy").symlink_to(tmp_path / "elsewhere.npy")
    with pytest.raises(DamagedModelError, match="missing"):
        store.current().array("factors")
    first = store.load(store.versions().version[0])
    (first.folder / "more.pkl").write_bytes(pickle.dumps(1))
    with pytest.raises(DamagedModelError, match=r"more\.pkl"):
        first.verify()
    assert not (tmp_path / "harm").exists()
    (tmp_path / "store" / "current").write_text("../../etc")
    with pytest.raises(DamagedModelError, match="no version"):
        store.current()
    with pytest.raises(DamagedModelError, match="no version"):
        store.load("../store")
    # Publishing again mends the pointer.
    store.publish({}, {}, {"number": 4})
    assert store.current().settings == {"number": 4}


def test_an_empty_store_and_wrong_names(tmp_path):
    store = ModelStore(tmp_path / "none")
    with pytest.raises(NoModelError, match="publish"):
        store.current()
    assert store.versions().empty and store.prune() == []
    with pytest.raises(ValueError, match="lower-case"):
        store.publish({"Factors": np.ones(2)}, {})
    with pytest.raises(TypeError, match="numbers"):
        store.publish({"names": np.array(["a"])}, {})
    with pytest.raises(TypeError, match="Arrow"):
        store.publish({}, {"items": [1]})
    assert not (tmp_path / "none").exists()


def test_what_json_has_no_word_for_is_refused(tmp_path):
    store = ModelStore(tmp_path)
    for wrong, name in (
        ({"a": [1, float("nan")]}, r"settings\['a'\]\[1\]"),
        ({"a": {"b": np.inf}}, r"settings\['a'\]\['b'\]"),
    ):
        with pytest.raises(ValueError, match=name):
            store.publish({}, {}, wrong)
    for wrong in ({"a": object()}, {1: "a"}):
        with pytest.raises(TypeError, match="settings"):
            store.publish({}, {}, wrong)
    store.publish({"one": np.array(3.5)}, {}, {"n": np.int64(3)}, metrics={"lift": np.nan})
    assert store.current().array("one").shape == () and store.current().settings == {"n": 3}


def test_pruning_clears_away_old_pointers_and_yields_to_others(tmp_path, monkeypatch):
    store = published(tmp_path)
    left, fresh = tmp_path / ".current.0f0f0f0f-1-0123456789ab.part", tmp_path / ".current.0f0f0f0f-1-ba9876543210.part"
    for path in (left, fresh):
        path.write_text("half")
    os.utime(left, (0, 0))
    names = store._names()
    monkeypatch.setattr(
        ModelStore, "_names", lambda self: ["000000-0123456789ab", *names]
    )  # pruned by another one since
    store.prune(keep=1)
    assert not left.exists() and fresh.exists() and store.verify().settings == {"number": 2}


def test_a_version_that_is_rolled_back_to_is_not_pruned_meanwhile(tmp_path, monkeypatch):
    store = ModelStore(tmp_path)
    names = [store.publish({"numbers": np.arange(number + 1)}, {}) for number in range(8)]
    point = ModelStore._point

    def late(self, version):
        "Another process prunes between the check and the pointer."
        monkeypatch.setattr(ModelStore, "_point", point)
        code = f"from segrec.core import ModelStore; ModelStore({str(tmp_path)!r}).prune()"
        other = subprocess.Popen([sys.executable, "-c", code])
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(4)   # it waits for the lock
        others.append(other)
        point(self, version)

    others: list[subprocess.Popen] = []
    monkeypatch.setattr(ModelStore, "_point", late)
    store.rollback(names[0])
    assert others[0].wait() == 0 and store.verify().version == names[0]


@pytest.mark.parametrize("name", [".lock", "current"])
def test_a_folder_where_a_file_belongs_is_damage(name, tmp_path):
    store = ModelStore(tmp_path)
    version = store.publish({"numbers": np.arange(3)}, {})
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    attempts = [lambda: store.publish({"numbers": np.arange(4)}, {}), lambda: store.rollback(version), store.prune]
    if name == "current":
        attempts += [store.current, store.versions]
    for attempt in attempts:
        with pytest.raises(DamagedModelError, match="move it away"):
            attempt()
    (tmp_path / name).rmdir()
    assert store.rollback(version) == version and store.versions().version.tolist() == [version]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", version, "current"]


def test_what_is_pruned_while_it_is_read_is_read_again(tmp_path):
    store, seen = ModelStore(tmp_path), []
    store.publish({"numbers": np.arange(1)}, {})

    def read(stored):
        if not seen:   # others publish and prune before the first array is read
            for number in (2, 3, 4):
                store.publish({"numbers": np.arange(number)}, {})
            store.prune(keep=1)
        seen.append(stored.version)
        return len(stored.array("numbers"))

    assert store.read(read) == 4 and len(seen) == 2
    (tmp_path / seen[-1] / "numbers.npy").unlink()
    with pytest.raises(DamagedModelError):
        store.read(read)


def test_strange_folders_and_what_others_have_not_finished(tmp_path):
    store = ModelStore(tmp_path)
    strange = (f"999999-{'a' * 12}", f"999999999999-{'a' * 12}", f"000000-{'a' * 12}", ".unfinished-old", "000002-notes")
    for name in (*strange, ".unfinished-0f0f0f0f-1-0123456789ab"):
        (tmp_path / name).mkdir()
    version = store.publish({"numbers": np.arange(3)}, {})
    assert version.startswith("1000000-") and store.current().version == version
    assert store.versions().problem.ne("").tolist() == [True, True, False, True]
    store.prune(keep=1)
    assert (tmp_path / ".unfinished-0f0f0f0f-1-0123456789ab").is_dir()   # another machine's, not an hour old
    os.utime(tmp_path / ".unfinished-0f0f0f0f-1-0123456789ab", (0, 0))
    store.prune()
    assert not (tmp_path / ".unfinished-0f0f0f0f-1-0123456789ab").exists()
    assert all((tmp_path / name).is_dir() for name in strange)
    assert store.publish({"numbers": np.arange(4)}, {}).startswith("1000001-") and store.verify()


FORGED = {   # what stands in a manifest that somebody has written, with a name that fits
    "no settings": lambda manifest: manifest.pop("settings"),
    "settings as a list": lambda manifest: manifest.update(settings=[1]),
    "a parent that is a number": lambda manifest: manifest.update(parent=7),
    "files without sums": lambda manifest: manifest["files"].update({"numbers.npy": {}}),
    "files as numbers": lambda manifest: manifest["files"].update({"numbers.npy": 3}),
    "files as a list": lambda manifest: manifest.update(files=["numbers.npy"]),
    "another model": lambda manifest: manifest["settings"].update(model={"kind": "nothing"}),
}


@pytest.mark.parametrize("what", FORGED)
def test_forged_manifests_are_damaged_models(what, tmp_path):
    from segrec.recommendation.baselines import Recommender

    store = ModelStore(tmp_path)
    version = store.publish({"numbers": np.arange(3)}, {}, {"model": {}})
    manifest = json.loads((tmp_path / version / "manifest.json").read_text())
    FORGED[what](manifest)
    content = json.dumps(manifest).encode()
    name = f"000009-{hashlib.sha256(content).hexdigest()[:12]}"
    (tmp_path / version).rename(tmp_path / name)
    (tmp_path / name / "manifest.json").write_bytes(content)
    (tmp_path / "current").write_text(name)
    with pytest.raises(DamagedModelError):
        Recommender.load(tmp_path)
    if what == "another model":
        return
    with pytest.raises(DamagedModelError):
        store.current()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x93NUMPY", b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'x'", b"\x80\x04K\x01."]
)
def test_forged_arrays_are_damaged_models(content, tmp_path):
    store = ModelStore(tmp_path)
    version = store.publish({"numbers": np.arange(3)}, {})
    manifest = json.loads((tmp_path / version / "manifest.json").read_text())
    manifest["files"]["numbers.npy"] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (tmp_path / version / "numbers.npy").write_bytes(content)
    written = json.dumps(manifest).encode()
    name = f"000009-{hashlib.sha256(written).hexdigest()[:12]}"
    (tmp_path / version).rename(tmp_path / name)
    (tmp_path / name / "manifest.json").write_bytes(written)
    (tmp_path / "current").write_text(name)
    with pytest.raises(DamagedModelError):
        store.current().array("numbers")
