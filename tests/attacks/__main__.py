"Many tries of each attack, and their figures: `make attack`."

import platform
import sys
import tempfile
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from segrec.core.files import to_json, write_atomically

from .every import ATTACKS, Attack
from .names import chromium

LIBRARIES = ("pandas", "numpy", "pyarrow", "duckdb", "ibis-framework", "papermill", "nbconvert")
N_EXAMPLES = 5   # of failures that are kept


def measure(attack: Attack, n_tries: int) -> dict[str, object]:
    "How often an attack was held, refused, and broke something."
    outcomes: Counter[str] = Counter()
    examples: list[str] = []
    start = time.monotonic()
    for number in range(n_tries):
        with tempfile.TemporaryDirectory() as folder:
            try:
                outcomes[attack.attempt(number, Path(folder))] += 1
            except Exception as error:   # whatever is raised is what is looked for
                outcomes["broken"] += 1
                examples.append(f"try {number}: {type(error).__name__}: {str(error)[:300]}")
    figures = {outcome: outcomes[outcome] for outcome in ("held", "refused", "broken")}
    return {"tries": n_tries, **figures, "seconds": round(time.monotonic() - start), "examples": examples[:N_EXAMPLES]}


def main(out: Path, share: float = 1.0) -> int:
    "Write the figures; the number of tries that broke something."
    found = {}
    for name, attack in ATTACKS.items():
        n_tries = max(1, round(attack.long * share))
        if "Chromium" in name and chromium() is None:
            found[name] = {"tries": 0, "left_out": "Chromium is not installed"}
        else:
            found[name] = measure(attack, n_tries)
        print(name, found[name], flush=True)
    versions = {name: version(name) for name in LIBRARIES}
    facts = {"attacks": found, "python": platform.python_version(), "versions": versions}
    write_atomically(out / "summary.json", to_json(facts))
    return sum(int(str(one.get("broken", 0))) for one in found.values())


if __name__ == "__main__":
    broken = main(Path(sys.argv[1]), *map(float, sys.argv[2:3]))
    sys.exit(f"{broken} tries broke something" if broken else 0)
