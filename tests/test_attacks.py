"A few tries of each attack; `make attack` makes many."

import pytest
from attacks.every import ATTACKS
from attacks.names import chromium

TRIES = [(name, number) for name, attack in ATTACKS.items() for number in range(0, attack.quick, 10)]


@pytest.mark.parametrize(("name", "start"), TRIES, ids=str)
def test_an_attack_is_held(name, start, tmp_path):
    if "Chromium" in name and chromium() is None:
        pytest.skip("Chromium is not installed")
    attack = ATTACKS[name]
    for number in range(start, min(start + 10, attack.quick)):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert attack.attempt(number, folder) in ("held", "refused")
