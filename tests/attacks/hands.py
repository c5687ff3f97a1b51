"Several processes at one store: nobody fails, every look is at a whole model, and what is served at the end is whole."

import subprocess
import sys
from pathlib import Path

import numpy as np

from segrec.core import ModelStore

SECONDS = 3
WORK = {
    "publishes": "store.publish({'numbers': np.arange(n % 5 + 1)}, {})",
    "publishes too": "store.publish({'numbers': np.arange(n % 5 + 1)}, {})",
    "prunes": "store.prune(keep=1)",
    "reads": "store.read(lambda stored: stored.array('numbers').sum())",
    "verifies and rolls back": """
    names = list(store.versions().version)
    try:
        store.rollback(names[n % len(names)])
    except DamagedModelError:   # pruned meanwhile
        assert names[n % len(names)] not in store.versions().version.tolist()
""".strip(),
}


def work_at(folder: Path, what: str, seconds: float) -> subprocess.Popen[str]:
    "A process that does something again and again, and prints how often."
    code = f"""
import time, numpy as np
from segrec.core import DamagedModelError, ModelStore
store, end, n = ModelStore({str(folder)!r}), time.monotonic() + {seconds}, 0
while time.monotonic() < end:
    {what}
    n += 1
print(n)
"""
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def attempt(number: int, folder: Path) -> str:
    "All of them for some seconds."
    store = ModelStore(folder)
    for count in range(3 + number):
        store.publish({"numbers": np.arange(count + 1)}, {})
    processes = {name: work_at(folder, what, SECONDS) for name, what in WORK.items()}
    outcomes = {name: process.communicate() for name, process in processes.items()}
    for name, (told, error) in outcomes.items():
        assert not error and int(told) > 0, f"{name}: {error[-1000:]}"
    assert store.verify().version in store.versions().version.tolist()
    store.prune(keep=1)
    assert not [path for path in folder.iterdir() if path.name.startswith(".unfinished")]
    return "held"
