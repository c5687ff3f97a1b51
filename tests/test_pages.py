"""No page fails on a shop of any make: it is made, or says what the shop lacks."""

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from shops import SHOPS

import segrec.data
from segrec.data import Dataset, read_dataset
from segrec.reports import MissingInputError
from segrec.reports.runner import read_template, report_names


def run_page(name: str, data: str) -> tuple[str | None, dict]:
    "Run a page's notebook in this process: None, or what the shop lacks; and the notebook's names."
    notebook = nbformat.from_dict(read_template(name))
    names = {"__name__": "__main__"}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        try:
            exec(compile(cell.source, f"{name}.ipynb", "exec"), names)
        except MissingInputError as error:
            return str(error), names
        finally:
            plt.close("all")
        if "parameters" in cell.metadata.get("tags", []):
            names["data"] = data
    return None, names


EXPORTS = ("stopped.csv", "guests.csv", "joined_months", "order_export.csv", "refunds.csv")


@pytest.fixture(params=["demo-shop", *EXPORTS, "orders", "subscriptions"])
def shop(request, root, tmp_path) -> str:
    "A source: a sample, an export as shops write them, or a third of a generated shop's customers."
    if request.param in EXPORTS:
        return str(root / "tests" / "exports" / request.param)
    if request.param in SHOPS:
        log = SHOPS[request.param](np.random.default_rng(7))
        some = np.sort(log.customer_id.unique())[::3]
        log[log.customer_id.isin(some)].to_csv(tmp_path / "log.csv", index=False)
        return str(tmp_path / "log.csv")
    return request.param


@pytest.fixture
def read_once(monkeypatch):
    "Each page reads the shop anew; here they share it."
    seen: dict[str, Dataset] = {}

    def read(source, **options):
        if source not in seen:
            seen[source] = read_dataset(source, **options)
        return seen[source]

    monkeypatch.setattr(segrec.data, "read_dataset", read)


@pytest.mark.usefixtures("read_once")
def test_no_page_fails(shop):
    pages = {name: run_page(name, shop) for name in report_names()}
    lacking = {name: why for name, (why, _) in pages.items() if why is not None}
    assert not {"data", "health"} & set(lacking)
    if shop == "demo-shop":
        assert not lacking
    if "order_export" in shop:   # two customers are no clean bill
        assert pages["health"][1]["missing"] and set(lacking) == {"segments", "high_value", "recommendations", "drift"}
    if "stopped" in shop:   # a shop that nobody visits any more is an alarm
        check = pages["drift"][1]["check"]
        assert check.verdict == "alarm" and check.alarms.test[0] == "volume"
