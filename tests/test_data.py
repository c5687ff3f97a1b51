"Reading and checking logs: nothing is lost, whatever comes in."

import contextlib
import re
import sqlite3

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import purchases
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from segrec.data import Dataset, Limits, read_dataset, simulate_shop
from segrec.data.engine import connect, to_arrow
from segrec.data.event_rules import event_rules
from segrec.data.identities import float_id_rule
from segrec.data.rules import Rule, apply_rules, canonical, count_rules

ugly_id = st.one_of(
    st.none(), st.sampled_from(["", "  ", "a", "A", " a", "b", "7", "7.0", "Ü 1", "<b>", "$\\frac{", "post", "POST"])
)
ugly_number = st.one_of(
    st.none(), st.sampled_from([0.0, -1.0, -3.0, 2.5, float("nan"), float("inf"), 1e5, 1e12, 1e308])
)
ugly_time = st.sampled_from(
    [
        "2025-01-01",
        "2025-01-01 00:00",
        "2025-02-30",
        "2025-01-02 10:00+02:00",
        "2025-01-02 08:00Z",
        "2025-01-03T10:00:00.5",
        "soon",
    ]
    + [
        "",
        None,
        "1970-01-01",
        "2999-01-01",
        "1735812000",
        "1735812000000",
        "12/1/2010 8:26",
        "2025-01-01 10:00 Europe/Paris",
    ]
)
ugly_row = st.fixed_dictionaries(
    {
        "customer_id": ugly_id,
        "item_id": ugly_id,
        "event": st.sampled_from(["purchase", "view", "Purchase ", "return", "stolen", "", None]),
        "timestamp": ugly_time,
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


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ugly_row, max_size=14), st.integers(1, 3), st.randoms(use_true_random=False))
def test_rows_in_are_kept_or_set_aside(rows, copies, random):
    # More dates of two readings than a few are asked for, and are no damage.
    assume(copies * sum(row["timestamp"] == "12/1/2010 8:26" for row in rows) <= 3)
    log = pd.DataFrame([*rows * copies, good_row])
    shop = Dataset(log)
    report = shop.ingest_report
    kept = shop.events.execute()
    assert len(log) == shop.n_rows_in == len(kept) + len(shop.quarantined) == len(kept) + shop.n_rows_aside
    assert report.query("action == 'quarantined'").rows.sum() == len(shop.quarantined)
    assert report.query("action == 'fixed'").rows.max() <= len(kept)
    assert set(shop.quarantined.reason) <= set(report.rule)
    assert kept[["customer_id", "item_id", "event", "timestamp"]].notna().all().all()
    assert np.isfinite(kept[["price", "quantity"]].fillna(0)).all().all() and not kept.duplicated().any()
    assert (kept.quantity.fillna(1) > 0)[kept.event.isin(["purchase", "return"])].all()
    # The order of the rows does not matter, and cleaning what is clean changes nothing.
    order = list(range(len(log)))
    random.shuffle(order)
    shuffled = Dataset(log.iloc[order])
    assert shuffled.fingerprint == shop.fingerprint and shuffled.quarantined.equals(shop.quarantined)
    again = Dataset(kept)
    assert again.fingerprint == shop.fingerprint and again.n_rows_aside == 0 and again.ingest_report.rows.sum() == 0


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ugly_row, max_size=14))
def test_sources_agree_about_ugly_logs(tmp_path, rows):
    "The same rows as a frame, as Arrow, parquet and CSV files, and in a SQLite file."
    log = pd.DataFrame([*rows, good_row])
    arrow = pa.Table.from_pandas(log, preserve_index=False)
    log.to_parquet(tmp_path / "log.parquet")
    log.to_csv(tmp_path / "log.csv", index=False)
    (tmp_path / "log.sqlite").unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(tmp_path / "log.sqlite")) as connection:
        log.to_sql("events", connection, index=False)
    shops = [
        Dataset(log),
        Dataset(arrow),
        *(read_dataset(tmp_path / f"log.{kind}") for kind in ("parquet", "csv", "sqlite")),
    ]
    assert len({shop.fingerprint for shop in shops}) == 1
    judged = "table == 'events' and action == 'quarantined'"
    counts = [shop.ingest_report.query(judged).rows.tolist() for shop in shops]
    assert all(count == counts[0] for count in counts)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ugly_row, max_size=6), st.lists(st.just(good_row | {"item_id": "TEA"}), max_size=2))
def test_what_the_first_look_spares_a_log_would_have_found_nothing(rows, more):
    log = pd.DataFrame([*rows, *more, good_row])
    names = {name: name for name in log}
    table = connect().create_table("log", to_arrow(log))
    rules = [float_id_rule({name: name for name in ("customer_id", "item_id")}, table, {}), *event_rules(names)]
    judged = apply_rules(canonical(table, "events", names), rules)
    counts = judged.aggregate(**count_rules(judged, rules)).execute().iloc[0]
    shop = Dataset(log)
    told = shop.ingest_report.query("table == 'events'").set_index("rule").rows
    assert told[[rule.name for rule in rules]].to_dict() == {rule.name: counts[rule.name] for rule in rules}
    assert shop.event_counts.sum() == shop.summary.n_events == counts.n_kept == shop.events.count().execute()


def test_of_copies_in_different_writing_the_unrepaired_one_is_kept():
    line = dict(item_id="a", event="purchase", timestamp="2025-01-01 10:00:00", quantity=1.0, price=2.0)
    for log in (
        pd.DataFrame([line | {"customer_id": "17850.0"}, line | {"customer_id": "17850"}]),
        pd.DataFrame([line | {"customer_id": "1", "timestamp": f"2025-01-01 {text}"} for text in ("11:00+01:00", "10:00Z")]),
        pd.DataFrame([line | {"customer_id": "1"}, line | {"customer_id": "1", "event": "return"},
                      line | {"customer_id": "1", "quantity": -1.0}]),
    ):  # fmt: skip
        for order in (log, log.iloc[::-1]):
            report = Dataset(order).ingest_report.set_index("rule").rows
            assert report["duplicate_line"] == 1 and report[["float_id", "zoned_time", "cancellation"]].sum() == 0


def test_ids_that_are_none_and_goods_that_are_none():
    log = purchases([("NULL", "x", "2025-01-01"), ("a", "nan", "2025-01-01"), ("a", "pOsT", "2025-01-01"),
                     ("a", "BANK charges", "2025-01-02"), ("a", "bank charges", "2025-01-03"),
                     ("a", "x", "2025-01-01")])  # fmt: skip
    assert sorted(Dataset(log).quarantined.reason) == ["missing_customer", "missing_item", *3 * ["not_goods"]]


def test_floats_that_are_ids_are_counted_and_lost_orders_are_days():
    log = purchases([(1.0, "x", "2025-01-01"), (2.0, "x", "2025-01-01")]).assign(order_id=[2.0**54, 7.0])
    shop = Dataset(log)
    rows = shop.ingest_report.set_index("rule").rows
    assert rows["float_id"] == 2 and rows["rounded_order"] == 1 and shop.n_rows_aside == 0
    assert shop.events.order_by("customer_id").order_id.execute().tolist()[1] == "7"


def test_own_rules_may_use_windows_and_their_names_are_checked():
    log = purchases([("a", "x", "2025-01-01"), ("a", "y", "2025-01-02"), ("b", "x", "2025-01-01")])

    def again(table):
        return ibis.row_number().over(group_by=table.customer_id, order_by=table.timestamp) > 0

    shop = Dataset(log, rules=[Rule("again", "not the first", again)])
    assert shop.quarantined.item_id.tolist() == ["y"] and shop.ingest_report.set_index("rule").rows["again"] == 1
    for name in ("bot", "first", "two words"):
        with pytest.raises(ValueError, match=name):
            Dataset(log, rules=[Rule(name, "none", again)])
    with pytest.raises(ValueError, match="'event'"):
        Dataset(log, rules=[Rule("again", "not the first", again, table="event")])
    for rules in (Rule("again", "not the first", again), ["again"], 3):
        with pytest.raises(TypeError, match="rules"):
            Dataset(log, rules=rules)


def test_columns_that_fit_no_table_are_refused():
    log, items = purchases([("a", "x", "2025-01-01")]), pd.DataFrame({"item_id": ["x"], "colour": ["red"]})
    with pytest.raises(ValueError, match="prise"):
        Dataset(log.rename(columns={"price": "cost"}), items=items, columns={"prise": "cost"})
    assert "shade" in Dataset(log, items=items, columns={"shade": "colour"}).items.columns
    with pytest.raises(ValueError, match="column event"):
        Dataset(log, columns={"event": "view"})
    with pytest.raises(ValueError, match="'wishlist'"):
        Dataset(log.drop(columns="event"), columns={"event": "purchases"})
    with pytest.raises(ValueError, match="two columns"):
        Dataset(pa.table({"Price": [1], "price": [2]}))


def test_times_that_put_the_year_first_are_read():
    forms = ["2025/01/02 03:04", "20250102 03:04", "2025-01-02t03:04:00z", "2025-01-02 17:04+14:00", "2025-01-02 03:04"]
    shop = Dataset(purchases([(f"c{place}", "x", form) for place, form in enumerate(forms)]))
    assert (shop.events.timestamp.execute() == pd.Timestamp("2025-01-02 03:04")).all() and shop.n_rows_aside == 0
    with pytest.raises(ValueError, match="unreadable_time 2"):
        Dataset(purchases([("a", "x", "2025-01-02 03:04+24:00"), ("b", "x", "02/01/2025")]))


def test_times_of_several_zones_in_a_frame_are_reported():
    moments = [pd.Timestamp("2025-01-02 03:04+02:00"), pd.Timestamp("2025-01-02 03:04")]
    log = purchases([("a", "x", "2025-01-01"), ("b", "x", "2025-01-01")])
    shop = Dataset(log.assign(timestamp=pd.Series(moments, dtype=object)))
    assert shop.ingest_report.set_index("rule").rows[["zoned_time", "naive_time"]].tolist() == [1, 1]
    assert shop.events.order_by("customer_id").timestamp.execute().dt.hour.tolist() == [1, 3]


def test_each_rule_finds_its_row_and_no_other():
    "One row of each kind of trouble in a healthy log; the report names it, and only it."
    healthy = purchases(
        [(f"c{number}", f"i{number % 7}", f"2025-01-{1 + number % 28:02d} 10:00") for number in range(200)]
    )
    base = {
        "customer_id": "c1",
        "item_id": "i1",
        "event": "purchase",
        "timestamp": "2025-02-01 10:00",
        "price": 2.0,
        "quantity": 1.0,
    }
    troubles = {
        "missing_customer": {"customer_id": None}, "missing_item": {"item_id": " "}, "unreadable_time": {"timestamp": "soon"},
        "epoch_time": {"timestamp": "1970-01-01 00:00"}, "future_time": {"timestamp": "2999-01-01"},
        "unknown_event": {"event": "stolen"}, "not_goods": {"item_id": "Postage"}, "zero_sale": {"price": 0.0},
        "refund": {"price": -1.0}, "implausible_amount": {"quantity": 1e9},
        "unmatched_return": {"event": "return", "item_id": "i99"},
        "float_id": {"customer_id": "17850.0"}, "number_time": {"timestamp": "1738404000"}, "not_finite": {"price": float("inf")},
        "item_spelling": {"item_id": "I1"}, "cancellation": {"quantity": -1.0, "item_id": "i1"},
    }  # fmt: skip
    for rule, change in troubles.items():
        report = Dataset(pd.concat([healthy, pd.DataFrame([base | change])])).ingest_report.set_index("rule").rows
        assert report[rule] == 1 and report.sum() == 1, rule
    text = healthy.assign(price=healthy.price.astype(str))
    report = Dataset(pd.concat([text, pd.DataFrame([base | {"price": "1,50"}])])).ingest_report.set_index("rule").rows
    assert report["unreadable_number"] == 1 and report.sum() == 1
    report = Dataset(pd.concat([healthy, healthy.tail(3)])).ingest_report.set_index("rule").rows
    assert report["duplicate_line"] == 3 == report.sum()
    bot = pd.DataFrame(
        {
            "customer_id": "bot",
            "item_id": "i1",
            "event": "view",
            "timestamp": pd.date_range("2025-01-01", periods=2000, freq="s").astype(str),
        }
    )
    report = Dataset(pd.concat([healthy, bot])).ingest_report.set_index("rule").rows
    assert report["bot"] == 2000 == report.sum()
    rounded = healthy.assign(customer_id=[2.0**60, *range(199)])
    assert Dataset(rounded).ingest_report.set_index("rule").rows["rounded_id"] == 1


def test_limits_are_the_shops_to_set():
    log = pd.concat(
        [purchases([("a", "post", "2025-01-01")]), purchases([("b", "x", "2031-01-01")]).assign(quantity=50_000)]
    )
    assert Dataset(log.head(1), limits=Limits(not_goods=())).summary.n_events == 1
    shop = Dataset(log, limits=Limits(max_quantity=100_000), now="2031-01-01")
    assert shop.quarantined.reason.tolist() == ["not_goods"]
    with pytest.raises(ValueError, match="future_time"):
        Dataset(log.tail(1), limits=Limits(max_quantity=100_000))


def test_the_catalogue_takes_the_spelling_of_the_log():
    log = purchases([("a", "85123A", "2025-01-01"), ("b", "85123A", "2025-01-02"), ("c", "85123a", "2025-01-03")])
    shop = Dataset(log, items=pd.DataFrame({"item_id": ["85123a", "OTHER"], "category": ["lamps", "other"]}))
    assert shop.events.item_id.nunique().execute() == 1 and set(shop.items.item_id.execute()) == {"85123A", "OTHER"}


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
    assert read_dataset(path).fingerprint == shop.fingerprint


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
        ("empty.csv", b""),
    ],
)
def test_broken_files_teach(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(name)):
        read_dataset(tmp_path / name)
    (tmp_path / "shop" / "events").mkdir(parents=True)
    (tmp_path / "shop" / "events" / "part.parquet").write_bytes(content)
    with pytest.raises(ValueError, match=r"cannot be read|is empty"):
        read_dataset(tmp_path / "shop")


def test_a_file_is_not_a_pattern(tmp_path):
    for name, customers in {"sales[1].csv": "ab", "sales1.csv": "cde", "sales*.csv": "f"}.items():
        log = purchases([(customer, "x", "2025-01-01") for customer in customers])
        log.to_csv(tmp_path / name, index=False)
    assert read_dataset(tmp_path / "sales[1].csv").summary.n_customers == 2
    assert read_dataset(tmp_path / "sales*.csv").summary.n_customers == 1


@pytest.mark.parametrize("shape", ["separate", "none", "curved"])
def test_simulated_shops_are_clean_and_whole(shape):
    shop = simulate_shop(
        n_customers=200,
        n_items=60,
        days=90,
        shape=shape,
        cold=0.2,
        sparsity=0.3,
        drift_from="2025-02-15",
        random_state=5,
    )
    events = shop.events.execute()
    assert shop.n_rows_aside == 0 and shop.ingest_report.rows.sum() == 0
    assert events.timestamp.min() >= pd.Timestamp("2025-01-01") and events.timestamp.max() < pd.Timestamp("2025-04-01")
    assert set(events.customer_id) == set(shop.truth.customer_id) == set(shop.customers.customer_id.execute())
    # Nobody returns or reviews what they did not buy, and all events of a visit are one customer's.
    bought = set(zip(*events[events.event == "purchase"][["customer_id", "item_id"]].T.to_numpy(), strict=True))
    after = events[events.event.isin(["return", "review"])]
    assert set(zip(after.customer_id, after.item_id, strict=True)) <= bought
    assert events.groupby("session_id").customer_id.nunique().max() == 1
    assert events.dwell_seconds[events.event == "view"].gt(0).all() and events.rating.dropna().between(1, 5).all()


def test_nothing_but_the_habits_changes_where_a_shop_drifts():
    "As many visits before it, and habits that move by nothing leave no step."
    calm = simulate_shop(n_customers=150, n_items=30, days=60, random_state=1)
    turn = pd.Timestamp("2025-02-05")
    for drift in (1e-6, 1.0):
        moving = simulate_shop(n_customers=150, n_items=30, days=60, random_state=1, drift_from=turn, drift=drift)
        before = [shop.events.filter(ibis._.timestamp < turn).session_id.nunique().execute() for shop in (calm, moving)]
        after = [shop.events.filter(ibis._.timestamp >= turn).session_id.nunique().execute() for shop in (calm, moving)]
        assert before[0] == before[1]
        assert drift == 1 or abs(after[1] / after[0] - 1) < 0.1
