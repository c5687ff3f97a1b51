"""Killed before each of its file operations, or within a write: what was there is whole, and the next run works.

Run as a program, it does one operation again and again, each time killed one file operation or some bytes later.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from segrec.core import ModelStore
from segrec.core.files import place_folder

CHANGES = {
    "open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
    "os.utime",
    "os.listdir", "os.scandir",
}


def _arrays(seed: int) -> dict[str, np.ndarray]:
    return {"factors": np.full((50, 4), seed, dtype=np.float32), "places": np.arange(seed)}


def prepare(folder: Path, operation: str, seed: int) -> None:
    "What is there before the operation."
    if operation == "place_folder":
        for name, numbers in {"target": (1, 2), "new": (2, 3)}.items():
            (folder / name).mkdir()
            for number in numbers:
                (folder / name / f"part{number}.txt").write_text(f"{name} {number} " * 100)
            (folder / name / "manifest.json").write_text(json.dumps({"of": name}))
        return
    store = ModelStore(folder / "store")
    for number in range(4 + seed):
        store.publish(_arrays(number), {}, {"number": number})


def operate(folder: Path, operation: str) -> None:
    "What is killed."
    if operation == "place_folder":
        place_folder(folder / "new", folder / "target", own=["part1.txt"])
        return
    store = ModelStore(folder / "store")
    if operation == "publish":
        store.publish(_arrays(99), {}, {"number": 99})
    elif operation == "rollback":
        store.rollback()
    else:
        store.prune(keep=1)


def check(folder: Path, operation: str, seed: int) -> None:
    "AssertionError where something is in pieces, or the same operation does not work afterwards."
    if operation == "place_folder":
        texts = {path.name: path.read_text() for path in (folder / "target").iterdir()}
        for name, text in texts.items():
            assert text in (json.dumps({"of": "target"}), json.dumps({"of": "new"})) or len(set(text.split())) == 2, name
        if texts.get("manifest.json") == json.dumps({"of": "new"}):
            assert {"part2.txt", "part3.txt"} <= set(texts), "the manifest is there before its files"
            assert "new" in texts["part2.txt"] and "new" in texts["part3.txt"]
        return
    store = ModelStore(folder / "store")
    usual = 3 + seed
    allowed = {"publish": {usual, 99}, "rollback": {usual, usual - 1}, "prune": {usual}}[operation]
    assert store.verify().settings["number"] in allowed
    for version in store.versions().version:
        store.verify(version)
    if operation != "rollback":
        operate(folder, operation)
        store.verify()
        store.prune(keep=1)
    names = [path.name for path in (folder / "store").iterdir()]
    left = [name for name in names if name.startswith(".unfinished") or name.endswith(".part")]
    assert operation == "rollback" or not left, f"left for good: {left}"


def of_operation(operation: str, torn: bool = False) -> Callable[[int, Path], str]:
    "The attack on one operation: each try kills it at every file operation that it makes, or within what it writes."

    def attempt(number: int, folder: Path) -> str:
        command = [sys.executable, "-m", "attacks.kills", operation, str(number), str(folder), "torn" if torn else "between"]
        place = str(Path(__file__).parent.parent)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [place, os.environ.get("PYTHONPATH")]))}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        n_kills = int(done.stdout)
        assert n_kills >= 5, f"it was killed only {n_kills} times"
        for kill in range(n_kills):
            try:
                check(folder / str(kill), operation, number)
            except Exception as error:
                raise AssertionError(f"kill {kill}: {type(error).__name__}: {error}") from error
        return "held"

    return attempt


def _die_at(place: int, folder: Path) -> None:
    "Kill this process before the file operation of that number."
    seen = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event not in CHANGES or not any(str(folder) in str(one) for one in arguments):
            return
        if seen == place:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    sys.addaudithook(count)


BYTES = (1, 2, 5, 9, 14, 19, 60, 130, 200, 280, 400, 600, 800)   # that are written of a file before the kill


def _die_within(place: int) -> None:
    "Kill this process when a file grows beyond some bytes: its last write is torn."
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)   # Python ignores it
    n_bytes = BYTES[place] if place < len(BYTES) else resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))


def main(operation: str, seed: int, folder: Path, how: str) -> int:
    "How often it was killed, of each a folder."
    place = 0
    while True:
        here = folder / str(place)
        here.mkdir()
        prepare(here, operation, seed)
        child = os.fork()
        if child == 0:
            if how == "torn":
                _die_within(place)
            else:
                _die_at(place, here)
            operate(here, operation)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            shutil.rmtree(here)
            return place
        place += 1


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))
