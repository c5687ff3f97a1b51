import os
from pathlib import Path

# Workers side by side, each with a thread a core, wait for each other's spinning threads: three times as long in all.
# Before numpy is imported, since its libraries read this once; kernels and commands that tests start inherit it.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    "The checkout."
    return ROOT


@pytest.fixture(scope="session")
def demo():
    "The demo shop of the installed library."
    from segrec.data import read_dataset

    return read_dataset("demo-shop")


@pytest.fixture(scope="session")
def test_data() -> Path:
    "The folder of real data that SEGREC_TEST_DATA names."
    folder = os.environ.get("SEGREC_TEST_DATA")
    if not folder:
        pytest.skip("SEGREC_TEST_DATA names no folder of real data")
    return Path(folder)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    "A skipped test is a failed one where what it needs must be there: the extras, and in CI the real data too."
    outcome = yield
    report = outcome.get_result()
    forbidden = os.environ.get("SEGREC_FORBID_SKIPS")
    # Whoever has no real data or no PostgreSQL may skip what needs them; CI names the data, and has both.
    missing_extra = "could not import" in str(call.excinfo and call.excinfo.value)
    if report.skipped and forbidden and (missing_extra or os.environ.get("SEGREC_TEST_DATA")):
        report.outcome = "failed"
        report.longrepr = f"skipped, which SEGREC_FORBID_SKIPS={forbidden} forbids: {report.longrepr}"


def purchases(rows) -> pd.DataFrame:
    "A purchase log from (customer, item, time) triples."
    return pd.DataFrame(rows, columns=["customer_id", "item_id", "timestamp"]).assign(
        event="purchase", price=2.0, quantity=1
    )
