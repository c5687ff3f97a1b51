"Reading and checking logs: nothing is lost, whatever comes in."

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import purchases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segrec.data import Dataset, read_dataset, simulate_shop

ugly_id = st.one_of(st.none(), st.just(""), st.just("  "), st.sampled_from(["a", "b", "Ü 1", "<b>", "$\\frac{"]))
ugly_number = st.one_of(st.none(), st.sampled_from([0.0, -1.0, 2.5, float("nan"), float("inf"), 1e12]))
ugly_row = st.fixed_dictionaries(
    {
        "customer_id": ugly_id,
        "item_id": ugly_id,
        "event": st.sampled_from(["purchase", "view", "Purchase ", "sold", "", None]),
        "timestamp": st.sampled_from(["2025-01-01", "2025-02-30", "2025-01-02 10:00+02:00", "soon", "", None]),
        "price": ugly_number,
        "quantity": ugly_number,
    }
)
good_row = {
    "customer_id": "ok",
    "item_id": "tea",
    "event": "purchase",
    "timestamp": "2025-01-01",
    "price": 1.0,
    "quantity": 1.0,
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ugly_row, max_size=12), st.randoms(use_true_random=False))
def test_rows_in_are_kept_or_set_aside(rows, random):
    log = pd.DataFrame([*rows, good_row])
    shop = Dataset(log)
    report = shop.ingest_report
    kept = shop.events.execute()
    assert len(log) == shop.n_rows_in == len(kept) + len(shop.quarantined)
    assert report.query("action == 'quarantined'").rows.sum() == len(shop.quarantined)
    assert set(shop.quarantined.reason) <= set(report.rule)
    assert kept[["customer_id", "item_id", "event", "timestamp"]].notna().all().all()
    assert np.isfinite(kept[["price", "quantity"]].fillna(0)).all().all()
    # The order of the rows does not matter, and cleaning what is clean changes nothing.
    order = list(range(len(log)))
    random.shuffle(order)
    assert Dataset(log.iloc[order]).fingerprint == shop.fingerprint
    again = Dataset(kept)
    assert again.fingerprint == shop.fingerprint and len(again.quarantined) == 0


def test_kinds_of_frames_agree():
    log = purchases([("a", "x", "2025-01-01"), ("b", "y", "2025-01-02")])
    shop = Dataset(log)
    assert shop.fingerprint == Dataset(pa.Table.from_pandas(log)).fingerprint == Dataset(shop.events).fingerprint


def test_integer_ids_are_text():
    shop = Dataset(
        purchases([(17, 5, "2025-01-01"), (18, 5, "2025-01-02")]),
        items=pd.DataFrame({"item_id": [5], "category": ["tea"]}),
    )
    assert sorted(shop.events.customer_id.execute()) == ["17", "18"] and shop.items.item_id.execute().tolist() == ["5"]


@pytest.mark.parametrize("ending", ["parquet", "csv", "csv.gz", "tsv"])
def test_files_with_other_names(tmp_path, ending):
    log = purchases([("007", "x", "2025-01-01"), ("b", "y", "2025-01-02")])
    path = tmp_path / f"sales.{ending}"
    renamed = log.rename(columns={"customer_id": "Customer ID"})
    renamed.to_parquet(path) if ending == "parquet" else renamed.to_csv(
        path, index=False, sep="\t" if ending == "tsv" else ","
    )
    shop = read_dataset(path, columns={"customer_id": "Customer ID"})
    assert shop.fingerprint == Dataset(log).fingerprint and "007" in shop.events.customer_id.execute().tolist()
    with pytest.raises(ValueError, match="Customer ID"):
        read_dataset(path)


def test_folder_of_parts(tmp_path, demo):
    events = demo.events.execute()
    (tmp_path / "events").mkdir()
    events.iloc[::2].to_parquet(tmp_path / "events" / "a.parquet")
    events.iloc[1::2].to_parquet(tmp_path / "events" / "b.parquet")
    demo.items.execute().to_csv(tmp_path / "items.csv", index=False)
    shop = read_dataset(tmp_path)
    assert shop.summary.n_events == len(events) and shop.items.count().execute() == demo.items.count().execute()


def test_online_retail_is_read_as_it_is_published(test_data):
    "Half a million real lines: each is kept or set aside, and cancellations are no purchases."
    raw = pd.read_parquet(test_data / "online_retail_2010_2011.parquet")

    def named(*parts: str) -> str:
        return next(name for name in raw if all(part in name.lower() for part in parts))

    names = {
        "customer_id": named("customer"),
        "item_id": named("stock"),
        "timestamp": named("date"),
        "quantity": named("quantity"),
        "price": named("price"),
    }
    shop = Dataset(raw.assign(event="purchase"), columns=names)
    assert shop.n_rows_in == len(raw) == shop.summary.n_events + len(shop.quarantined)
    assert len(shop.quarantined.query("reason == 'missing_customer'")) == 135_080
    assert (shop.events.quantity.min() > 0).execute()


def test_simulated_shop_is_the_same_each_time():
    first, second, other = (simulate_shop(n_customers=40, n_items=20, days=60, random_state=seed) for seed in (3, 3, 4))
    assert first.fingerprint == second.fingerprint != other.fingerprint
    assert first.truth.equals(second.truth) and {"customer_id", "segment"} <= set(first.truth.columns)


@pytest.mark.parametrize(("n_customers", "n_items"), [(1, 30), (30, 1)])
def test_smallest_shops(n_customers, n_items):
    shop = simulate_shop(n_customers=n_customers, n_items=n_items, days=90, random_state=1)
    assert shop.summary.n_customers <= n_customers and shop.summary.n_items <= n_items


def test_attributes_keep_their_new_names(demo):
    items = demo.items.execute().assign(Farbe="blue", date="2024-01-01")
    events = demo.events.execute().rename(columns={"timestamp": "date"})
    shop = Dataset(events, items, columns={"timestamp": "date", "colour": "Farbe"})
    assert "colour" in shop.items.columns and "date" in shop.items.columns and "Farbe" not in shop.items.columns


def test_columns_of_a_log_may_have_any_name():
    log = purchases([("a", "x", "2025-01-01"), (None, "y", "2025-01-02")]).assign(reason="late", table="t")
    aside = Dataset(log).quarantined
    assert aside.reason.tolist() == ["missing_customer"] and aside.reason_given.tolist() == ["late"]


def test_a_part_of_a_log_has_nothing_set_aside(demo):
    part = demo.between(end="2025-03-01")
    assert part.n_rows_in == part.summary.n_events and part.n_rows_aside == 0 and part.quarantined.empty
    with pytest.raises(ValueError, match="no event"):
        _ = demo.between(start="2030-01-01").as_of


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.parquet", b"this is no parquet"),
        ("late.csv", b"customer_id,item_id,event,timestamp\n" + b"a,b,view,2025-01-01\n" * 30_000 + b'a,"b,view\n'),
        ("latin.csv", "customer_id,item_id,event,timestamp\nä,b,view,2025-01-01\n".encode("latin-1")),
        ("ragged.csv", b"customer_id,item_id,event,timestamp\na,b,view,2025-01-01,x,y\nc,d,view,2025-01-01\n"),
        ("empty.csv", b""),
    ],
)
def test_broken_files_teach(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(name)):
        read_dataset(tmp_path / name)
    (tmp_path / "shop" / "events").mkdir(parents=True)
    (tmp_path / "shop" / "events" / "part.parquet").write_bytes(content)
    with pytest.raises(ValueError, match="cannot be read"):
        read_dataset(tmp_path / "shop")


def test_a_file_is_not_a_pattern(tmp_path):
    for name, customers in {"sales[1].csv": "ab", "sales1.csv": "cde", "sales*.csv": "f"}.items():
        log = purchases([(customer, "x", "2025-01-01") for customer in customers])
        log.to_csv(tmp_path / name, index=False)
    assert read_dataset(tmp_path / "sales[1].csv").summary.n_customers == 2
    assert read_dataset(tmp_path / "sales*.csv").summary.n_customers == 1
