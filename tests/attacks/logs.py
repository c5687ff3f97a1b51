"Logs whose columns hold anything: read, every row is accounted for; or refused with words of segrec's own."

import datetime as dt
import decimal
import math
import random
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from segrec.data import Dataset, read_dataset

from . import OWN_ERRORS, check_refusal
from .names import HOSTILE

IDS: list[object] = [
    "k1", "k2", "K1", " k1 ", "007", "7", "7.0", 7, 7.0, 10**20, "1e5", "", " ", None, math.nan, "NULL", "n/a",
    "0", "guest", True,
    "a@b.com", "A@B.com", "\u200bk1", "é", "e\u0301", "k" * 500, "k\0null", uuid.UUID(int=5),
    decimal.Decimal("3.50"), b"bytes",
    *HOSTILE[:12],
]
EVENTS: list[object] = [
    "purchase", "view", "cart", "Purchase", " VIEW ", "return", "add_to_cart", "order completed", "unknown word",
    "", None, 1, b"view",
]
TIMES: list[object] = [
    "2024-01-05", "2024-01-05 10:15:00", "2024-01-05T10:15:00Z", "2024-01-05 10:15:00+02:00", "05.01.2024 10:15",
    1704449700,
    "1704449700", 1704449700000, dt.datetime(2024, 1, 5, 10), dt.date(2024, 1, 6), pd.Timestamp("2024-01-07",
    tz="Asia/Tokyo"),
    "1600-01-01", "9999-12-31", "2024-13-45", "yesterday", None, "", pd.NaT, "Jan 5, 2024 3:05 PM", 45296.5,
]
NUMBERS: list[object] = [
    1, 2, 2.5, -1, 0, 9.99, "3", "4.50", "€ 5,00", "1.299,00", "(2.00)", "7-", None, "", math.nan, math.inf,
    -math.inf, 1e300, True,
    "free", decimal.Decimal("12.3456"), dt.date(2024, 1, 1), [1], {"a": 1}, "\u0663", np.float16(1.5),
]
VALUES = {
    "customer_id": IDS, "item_id": IDS, "event": EVENTS, "timestamp": TIMES, "price": NUMBERS, "quantity": NUMBERS,
    "discount": NUMBERS, "order_id": IDS, "status": ["paid", "voided", "refunded", "?", None, ""],
    "currency": ["EUR", "USD", "", None],
    "rating": NUMBERS, "dwell_seconds": NUMBERS, "title": [*HOSTILE, None], "session_id": IDS,
}
FAMILIES: dict[str, list[list[object]]] = {   # of values that one program would write
    "customer_id": [["k1", "k2", "k3"], [7, 8, 9], ["007", "7", "008"], [7.0, 8.0, math.nan], ["a@b.com",
    "A@B.com", "c@d.org"], HOSTILE[:9]],
    "event": [["purchase", "view"], ["Purchase", "VIEW ", "cart"], ["buy", "pv", "remove_from_cart"], ["purchase",
    "return"]],
    "timestamp": [
        [f"2024-01-{day:02d} 10:15:00" for day in range(1, 29)],
        list(pd.date_range("2024-01-05", periods=50, freq="h")),
        [1704449700 + 3600 * n for n in range(50)], [f"{day:02d}.01.2024 09:05" for day in range(1, 29)],
        [dt.date(2024, 1, day) for day in range(1, 29)], [20240100 + day for day in range(1, 29)],
    ],
    "price": [[1, 2.5, 9.99], ["1,299.00", "0.50", "12.00"], ["€ 5,00", "€ 1.299,95"], [5, -5, 3],
    [decimal.Decimal("1.10"), None]],
    "quantity": [[1, 2, 3], ["1", "2"], [1, -1], [1.0, 2.0, None]],
}
FAMILIES["discount"] = FAMILIES["rating"] = FAMILIES["dwell_seconds"] = FAMILIES["price"]
FAMILIES["item_id"] = FAMILIES["order_id"] = FAMILIES["customer_id"]
NEEDED = ("customer_id", "item_id", "event", "timestamp")


def ugly_log(draw: random.Random) -> pd.DataFrame:
    "Rows of which most are sound: each column has a few kinds of values, and some of any kind."
    n = draw.choice([1, 2, 7, 40, 150])
    columns = [*NEEDED, *draw.sample([name for name in VALUES if name not in NEEDED], draw.randint(0, 5))]
    if draw.random() < .05:
        columns.remove(draw.choice(NEEDED))
    table = {}
    for name in columns:
        usual = draw.choice(FAMILIES[name]) if name in FAMILIES else draw.sample(VALUES[name], min(len(VALUES[name]), 3))
        strange = draw.choice([0, 0, 0, .01, .05, .3])
        table[name] = [draw.choice(VALUES[name]) if draw.random() < strange else draw.choice(usual) for _ in range(n)]
    draw.shuffle(columns)
    frame = pd.DataFrame({name: pd.Series(table[name], dtype=object) for name in columns})
    return pd.concat([frame, frame.sample(frac=.3, random_state=draw.randrange(99))]) if draw.random() < .3 else frame


def _frame(frame: pd.DataFrame, folder: Path) -> Dataset:
    before = frame.copy(deep=True)
    try:
        return Dataset(frame)
    finally:
        pd.testing.assert_frame_equal(frame, before)


def _csv(frame: pd.DataFrame, folder: Path) -> Dataset:
    frame.to_csv(folder / "log.csv", index=False)
    return read_dataset(folder / "log.csv")


def _parquet(frame: pd.DataFrame, folder: Path) -> Dataset:
    arrays = {}
    for name in frame:
        try:
            arrays[name] = pa.array(frame[name].tolist(), from_pandas=True)
        except (pa.ArrowException, TypeError, OverflowError, ValueError):
            arrays[name] = pa.array([None if one is None else str(one) for one in frame[name]])
    pq.write_table(pa.table(arrays), folder / "log.parquet")
    return read_dataset(folder / "log.parquet")


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.map(lambda one: None if one is None else str(one).replace("\0", "")).astype(object)


def _duckdb(frame: pd.DataFrame, folder: Path) -> Dataset:
    with duckdb.connect(str(folder / "shop.duckdb")) as base:
        events = pa.Table.from_pandas(_texts(frame), preserve_index=False)
        base.register("given", events)
        base.execute("create table events as select * from given")
    return read_dataset(folder / "shop.duckdb")


def _sqlite(frame: pd.DataFrame, folder: Path) -> Dataset:
    with sqlite3.connect(folder / "shop.sqlite") as base:
        _texts(frame).to_sql("events", base, index=False)
    return read_dataset(folder / "shop.sqlite")


SOURCES: list[Callable[[pd.DataFrame, Path], Dataset]] = [_frame, _csv, _parquet, _duckdb, _sqlite]


def attempt(number: int, folder: Path) -> str:
    "One log, from one kind of source."
    draw = random.Random(number)
    frame = ugly_log(draw).reset_index(drop=True)
    read = SOURCES[number % len(SOURCES)]
    try:
        shop = read(frame, folder)
    except OWN_ERRORS as error:
        check_refusal(error)
        return "refused"
    check(shop, len(frame))
    return "held"


def check(shop: Dataset, n_rows: int) -> None:
    "AssertionError where a row is lost, or the same rows give another answer."
    aside = shop.quarantined
    of_events = aside[aside.table.isin(["events", "file"])]
    assert shop.n_rows_in == n_rows, f"{shop.n_rows_in} rows in, of {n_rows}"
    assert len(of_events) == shop.n_rows_aside, f"{len(of_events)} rows shown as set aside, of {shop.n_rows_aside}"
    report = shop.ingest_report.query("table in ('events', 'file') and action == 'quarantined'")
    assert report.rows.sum() == shop.n_rows_aside, "the report counts other rows"
    kept = shop.events.execute()
    assert len(kept) == shop.summary.n_events == n_rows - shop.n_rows_aside + shop.n_refunds_added, "events are lost"
    assert str(shop.summary["first"]) <= str(shop.summary["last"])
    assert repr(shop)
    if shop.n_refunds_added == 0:
        # Rows that were kept are sound; that they are equal was judged before.
        again = Dataset(kept.sample(frac=1, random_state=0), nobody=[], equal_lines="units")
        assert again.fingerprint.isalnum()
        lost = set(again.ingest_report.query("table == 'events' and action == 'quarantined' and rows > 0").rule)
        relative = {"unmatched_return", "far_out", "too_dear", "future_time"}   # to other rows, or to the moment
        assert lost <= relative, f"kept rows are set aside at a second reading: {lost}"
