"Every attack. `tests/test_attacks.py` makes a few tries of each, `make attack` makes many and writes their figures."

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from . import hands, kills, labels, logs, models, names, parameters


class Attack(NamedTuple):
    "What is tried, and how often."

    attempt: Callable[[int, Path], str]   # number of the try, an empty folder -> "held" or "refused"; anything raised: broken
    quick: int                            # tries of the tests
    long: int                             # of `make attack`


ATTACKS = {
    "logs in ugly columns": Attack(logs.attempt, 20, 1_500),
    "damaged and forged models": Attack(models.attempt, 40, 1_000),
    "killed at a file operation: publish": Attack(kills.of_operation("publish"), 1, 3),
    "killed at a file operation: rollback": Attack(kills.of_operation("rollback"), 1, 3),
    "killed at a file operation: prune": Attack(kills.of_operation("prune"), 1, 3),
    "killed at a file operation: place_folder": Attack(kills.of_operation("place_folder"), 1, 3),
    "killed within a write: publish": Attack(kills.of_operation("publish", torn=True), 1, 10),
    "killed within a write: rollback": Attack(kills.of_operation("rollback", torn=True), 1, 10),
    "several processes at one store": Attack(hands.attempt, 1, 20),
    "labels as SQL": Attack(labels.attempt, 40, 400),
    "names and values of parameters": Attack(parameters.attempt, 60, 2_000),
    "hostile names on a page, in Chromium": Attack(names.of_slots, 1, 12),
    "hostile names in a shop, all reports in Chromium": Attack(names.of_reports, 0, 2),
}
