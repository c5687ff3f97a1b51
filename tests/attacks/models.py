"Models with changed bits, missing files, forged manifests, pickled arrays: the same answer, or a DamagedModelError."

import functools
import hashlib
import io
import json
import pickle
import random
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from segrec.core import DamagedModelError, NoModelError
from segrec.data import Dataset
from segrec.recommendation import ALSRecommender
from segrec.recommendation.baselines import Recommender


@functools.cache
def _published() -> tuple[Path, pd.DataFrame]:
    "A store with one model, and what it recommends."
    pairs = [(one, other) for one in range(12) for other in range(5)]
    rows = [(f"k{one}", f"a{(one * other) % 7}", "purchase", f"2024-01-{1 + other:02d}") for one, other in pairs]
    log = pd.DataFrame(rows, columns=["customer_id", "item_id", "event", "timestamp"])
    folder = Path(tempfile.mkdtemp(prefix="segrec-attack-"))
    model = ALSRecommender(factors=2).fit(Dataset(log))
    model.save(folder)
    return folder, model.recommend([f"k{one}" for one in range(12)], n=5)


def _flip(draw: random.Random, path: Path) -> None:
    content = bytearray(path.read_bytes())
    if content:
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)


def _cut(draw: random.Random, path: Path) -> None:
    path.write_bytes(path.read_bytes()[: draw.randrange(path.stat().st_size + 1)])


def _noise(draw: random.Random, path: Path) -> None:
    path.write_bytes(draw.randbytes(draw.randrange(200)))


def _remove(draw: random.Random, path: Path) -> None:
    path.unlink()


def _link(draw: random.Random, path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def _folder(draw: random.Random, path: Path) -> None:
    path.unlink()
    path.mkdir()


def _stranger(draw: random.Random, path: Path) -> None:
    (path.parent / draw.choice(["model.pkl", "../evil", ".hidden", "x.npy", "current"])).write_bytes(b"\x80\x04K\x01.")


DAMAGES = [_flip, _cut, _noise, _remove, _link, _folder, _stranger]
JUNK: list[object] = [None, 3, -1, "", "x", [], {}, [1, "a"], {"a": {}}, True, 1e300, "../../etc/passwd", "\ud800", "a" * 5000]


def _forge(draw: random.Random, folder: Path) -> None:
    "A manifest with junk in one place, under the name that its hash demands."
    version = next(path for path in folder.iterdir() if path.is_dir())
    manifest = json.loads((version / "manifest.json").read_text())
    place = manifest
    while True:
        key = draw.choice(sorted(place))
        if not isinstance(place[key], dict) or not place[key] or draw.random() < .3:
            break
        place = place[key]
    if draw.random() < .2:
        del place[key]
    else:
        place[key] = draw.choice(JUNK)
    _write_manifest(folder, version, manifest)


def _write_manifest(folder: Path, version: Path, manifest: object) -> None:
    "Under the name that its hash demands."
    content = json.dumps(manifest).encode()
    name = f"000009-{hashlib.sha256(content).hexdigest()[:12]}"
    version.rename(folder / name)
    (folder / name / "manifest.json").write_bytes(content)
    (folder / "current").write_text(name)


class _Evil:
    "Whoever unpickles it is found out."

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _hit, ("unpickled",)


HITS: list[str] = []


def _hit(name: str) -> None:
    HITS.append(name)


def _smuggle(draw: random.Random, folder: Path) -> None:
    "Arrays that would be unpickled, under the right hashes."
    version = next(path for path in folder.iterdir() if path.is_dir())
    manifest = json.loads((version / "manifest.json").read_text())
    names = [name for name in sorted(manifest["files"]) if name.endswith(".npy")]
    pickled, zipped = io.BytesIO(), io.BytesIO()
    np.save(pickled, np.array([_Evil()], dtype=object), allow_pickle=True)
    np.savez(zipped, a=np.array([_Evil()], dtype=object))
    for name in draw.sample(names, draw.randint(1, len(names))):
        content = draw.choice([pickled.getvalue(), zipped.getvalue(), pickle.dumps(_Evil())])
        (version / name).write_bytes(content)
        manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    _write_manifest(folder, version, manifest)


def attempt(number: int, folder: Path) -> str:
    "One damage."
    draw = random.Random(number)
    source, right = _published()
    store = folder / "store"
    shutil.copytree(source, store)
    if number % 8 == 1:
        _smuggle(draw, store)
    elif number % 3 == 0:
        _forge(draw, store)
    else:
        version = next(path for path in store.iterdir() if path.is_dir())
        files = [*sorted(version.iterdir()), store / "current"]
        draw.choice(DAMAGES)(draw, draw.choice(files))
    try:
        model = Recommender.load(store)
        found = model.recommend([f"k{one}" for one in range(12)], n=5)
    except (DamagedModelError, NoModelError):   # the latter without a pointer
        assert not HITS, "an array was unpickled"
        return "refused"
    assert number % 8 != 1, "a pickled array was taken"
    if number % 3:
        pd.testing.assert_frame_equal(found, right)
    return "held"
