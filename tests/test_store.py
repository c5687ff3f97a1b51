"A store of models: whole or not there, checked byte by byte, never unpickled."

import os
import pickle
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
    left, fresh = tmp_path / ".current.0123.part", tmp_path / ".current.4567.part"
    for path in (left, fresh):
        path.write_text("half")
    os.utime(left, (0, 0))
    names = store._names()
    monkeypatch.setattr(
        ModelStore, "_names", lambda self: ["000000-0123456789ab", *names]
    )  # pruned by another one since
    store.prune(keep=1)
    assert not left.exists() and fresh.exists() and store.verify().settings == {"number": 2}
