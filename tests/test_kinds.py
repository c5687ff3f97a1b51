"Columns of any kind and any name: read, set aside row by row, or refused with words."

import contextlib
import datetime
import decimal
import sqlite3
import uuid

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segrec.data import Dataset, Layout, read_dataset
from segrec.data.summary import check_text

N = 6


def log(**columns) -> pd.DataFrame:
    "Six rows, of which one has no customer."
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a", "", "c", "b"],
            "item_id": list("xyxyzz"),
            "event": "purchase",
            "timestamp": pd.date_range("2024-01-01 10:00", periods=N),
            "price": np.arange(1.0, N + 1),
        }
    )
    return frame.assign(**columns)


KINDS = {
    "binary": [b"\xff\x00", b"a", None, b"", b"z", b"q"],
    "bytes of text": ["café".encode()] * N,
    "timedelta": pd.to_timedelta(range(N), unit="s"),
    "lists without values": [[] for _ in range(N)],
    "nested": [[[1]], [[2]], None, [[3]], [], [[4]]],
    "uuid": [uuid.UUID(int=number) for number in range(N)],
    "period": pd.period_range("2024-01", periods=N, freq="M"),
    "interval": pd.interval_range(0, N),
    "bands": pd.cut(range(N), 3),
    "float16": np.arange(N, dtype="float16"),
    "decimal": [decimal.Decimal("1.5")] * N,
    "dates": [datetime.date(2024, 1, day + 1) for day in range(N)],
    "clock": [datetime.time(10, minute) for minute in range(N)],
    "dicts": [{"a": 1}] * N,
    "mixed": [1, "a", 2.5, None, b"x", [1]],
    "complex": np.arange(N) * 1j,
    "empty categories": pd.Categorical([None] * N, categories=[]),
    "sparse": pd.arrays.SparseArray([0, 0, 1, 0, 0, 2]),
    "a NUL": ["a\0b"] * N,
    "zones": pd.date_range("2024-01-01", periods=N, tz="Europe/Berlin"),
}
ARROW = {
    "decimal256": pa.array([decimal.Decimal("1.5")] * N, pa.decimal256(60, 2)),
    "many digits": pa.array([decimal.Decimal(10) ** 50] * N, pa.decimal256(60, 2)),
    "fixed bytes": pa.array([b"abcd"] * N, pa.binary(4)),
    "map": pa.array([[("k", 1)]] * N, pa.map_(pa.string(), pa.int64())),
    "duration": pa.array([1] * N, pa.duration("ns")),
    "nothing": pa.nulls(N),
    "large text": pa.array(["a"] * N, pa.large_string()),
    "codes": pa.array([1, 2] * 3).dictionary_encode(),
    "struct of nothing": pa.array([{"a": None}] * N, pa.struct([("a", pa.null())])),
}


def everything(shop: Dataset) -> None:
    "Whatever a report looks at."
    kept, aside = shop.events.execute(), shop.quarantined
    assert shop.n_rows_in == len(kept) + shop.n_rows_aside == N and len(aside) >= shop.n_rows_aside > 0
    assert len(shop.fingerprint) == 16 and len(shop.source_columns)
    assert len(shop.items.execute()) and len(shop.customers.execute())


@pytest.mark.parametrize("kinds", [KINDS, ARROW], ids=["pandas", "Arrow"])
def test_columns_of_any_kind_beside(kinds):
    tables = {"events": log(), "items": pd.DataFrame({"item_id": [*"xyzwv", ""]})}
    tables["customers"] = pd.DataFrame({"customer_id": [*"abcde", ""]})
    for place, frame in tables.items():
        if kinds is ARROW:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            for name, values in kinds.items():
                table = table.append_column(name, values)
            tables[place] = table
        else:
            tables[place] = frame.assign(**kinds)
    everything(Dataset(**tables))


@pytest.mark.parametrize("name", ["binary", "timedelta", "nested", "uuid", "bands", "float16", "mixed", "decimal256", "nothing"])
@pytest.mark.parametrize("role", ["price", "customer_id", "timestamp"])
def test_any_kind_where_another_is_needed(name, role):
    values = KINDS.get(name, ARROW.get(name))
    if name in KINDS:
        frame = log(**{role: values})
    else:
        frame = pa.Table.from_pandas(log().drop(columns=role), preserve_index=False).append_column(role, values)
    told = None
    try:
        shop = Dataset(frame)
    except (ValueError, TypeError) as error:   # of segrec's own: Arrow's and the engine's are kinds of these
        told = error
    if told is not None:
        assert type(told) in (ValueError, TypeError) and len(str(told)) > 40
        return
    assert shop.n_rows_in == len(shop.events.execute()) + shop.n_rows_aside == N and shop.quarantined is not None


def test_prices_that_are_none_are_told():
    for values in (KINDS["nested"], KINDS["dicts"], KINDS["dates"]):
        with pytest.raises(ValueError, match="no numbers in one notation"):
            Dataset(log(price=values))


def test_seconds_of_a_stay_may_be_durations():
    shop = Dataset(log(dwell_seconds=pd.to_timedelta([1.5] * N, unit="s"), event=["view"] * 5 + ["purchase"]))
    assert shop.events.dwell_seconds.max().execute() == 1.5


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_one_time_out_of_range_is_one_row(unit, tmp_path):
    times = pa.array([1704103200 * (1000 if unit == "ms" else 1)] * 5 + [9 * 10**14], pa.timestamp(unit))
    table = pa.Table.from_pandas(log().drop(columns="timestamp"), preserve_index=False).append_column("timestamp", times)
    pq.write_table(table, tmp_path / "events.parquet")
    for shop in (Dataset(table), read_dataset(tmp_path)):
        assert sorted(shop.quarantined.reason) == ["future_time", "missing_customer"] and shop.summary.n_events == 4


NAMES = [
    "self", "exprs", "__x", "__raw_item_id", "__raw_customer_id", "__reason", "__hash", "a.b", 'q"uote', "it's", "%", "{x}", "$1",
    "select", "None", "\u202eevil", "ü", "n" * 300,
]


def test_any_name_works(tmp_path):
    tables = {
        "events": log(), "items": pd.DataFrame({"item_id": list("xyz")}), "customers": pd.DataFrame({"customer_id": list("abc")}),
    }
    more = pd.DataFrame({name: ["v"] * N for name in NAMES})
    tables = {table: pd.concat([frame, more.head(len(frame))], axis=1) for table, frame in tables.items()}
    for table, frame in tables.items():
        frame.to_csv(tmp_path / f"{table}.csv", index=False)
    for shop in (Dataset(**tables), read_dataset(tmp_path)):
        everything(shop)
        assert {*NAMES} <= {*shop.items.columns} and {*NAMES} <= {*shop.customers.columns}


@pytest.mark.parametrize("name", ["", "a\0b", "__segrec_reason", "Item_ID", "PRICE"])
def test_other_names_are_refused_with_words(name, tmp_path):
    frame = log()
    frame.insert(0, name, "v", allow_duplicates=True)
    with pytest.raises(ValueError, match="column"):
        Dataset(frame)
    for table in ("items", "customers"):
        key = "item_id" if table == "items" else "customer_id"
        other = pd.DataFrame({key: ["x"], "price": [1.0]})
        other.insert(0, name if name != "Item_ID" else key.upper(), "v", allow_duplicates=True)
        with pytest.raises(ValueError, match="column"):
            Dataset(log(), **{table: other})


@pytest.mark.parametrize("pair", [("customer_id", "customer_id"), ("title", "Title"), ("x", "x")])
def test_a_column_that_stands_twice_is_refused_in_every_source(pair, tmp_path):
    text = log().astype(str)
    names = [*text, *pair]
    rows = [",".join([*row, "v", "v"]) for row in text.itertuples(index=False)]
    (tmp_path / "log.csv").write_text("\n".join([",".join(names), *rows]) + "\n")
    columns = [pa.array(text[name]) for name in text] + [pa.array(["v"] * N)] * 2
    pq.write_table(pa.Table.from_arrays(columns, names=names), tmp_path / "log.parquet")
    for source in ("log.csv", "log.parquet"):
        with pytest.raises(ValueError, match="two columns"):
            read_dataset(tmp_path / source)


NO_TEXT = {   # what Python has not, or cannot show
    "bytes": pa.array([b"\xff"] * 3),
    "large bytes": pa.array([b"\xff"] * 3, pa.large_binary()),
    "fixed bytes": pa.array([b"\xff" * 16] * 3, pa.binary(16)),
    "a view of bytes": pa.array([b"\xff"] * 3, pa.binary_view()),
    "a far day": pa.array([2**31 - 1] * 3, pa.int32()).cast(pa.date32()),
    "a far time": pa.array([2**62] * 3, pa.int64()).cast(pa.timestamp("us")),
    "no list": pa.array([[], [], []]),
}


@pytest.mark.parametrize("what", NO_TEXT)
def test_rows_set_aside_are_shown_with_what_has_no_text(what):
    times = pa.array([datetime.datetime(2024, 1, 1), None, datetime.datetime(2024, 1, 2)])
    columns = {"customer_id": ["a", "b", "c"], "item_id": ["x", "y", "x"], "event": ["purchase"] * 3, "timestamp": times}
    shop = Dataset(pa.table({**columns, "raw": NO_TEXT[what]}))
    assert len(shop.quarantined) == 1 and "raw" in shop.quarantined


ODD = {
    "BLOB": "'\\xFF'::BLOB", "BIT": "'101'::BIT", "INTERVAL": "interval 3 days", "[]": "[]", "UNION": "union_value(a := 1)",
    "infinite date": "'infinity'::DATE", "infinite time": "'infinity'::TIMESTAMPTZ", "BIGNUM": "123::BIGNUM", "NULL": "NULL",
}


@pytest.mark.parametrize("what", ODD)
def test_a_duckdb_file_with_kinds_that_others_have_not(what, tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as base:
        columns = "'x' item_id, 'purchase' event, timestamp '2024-01-01' + interval (i) day \"timestamp\""
        rows = f"select case i when 0 then '' else 'a' end customer_id, {columns}, {ODD[what]} as raw from range(4) t(i)"
        base.execute(f"create table events as {rows}")
    shop = read_dataset(path)
    assert len(shop.quarantined) == 1 and "raw" in shop.quarantined
    assert "set aside" in check_text(shop, "shop.duckdb")


def test_a_sqlite_file_with_generated_columns_and_quotes(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.sqlite")) as base:
        made = "\"timestamp\" text as (day || ' 10:00')"
        base.execute(f'create table "e""v" (customer_id text, item_id text, event text, day text, {made})')
        row = ("a", "x", "purchase", "2024-01-01")
        base.execute('insert into "e""v" (customer_id, item_id, event, day) values (?, ?, ?, ?)', row)
        base.commit()
    shop = read_dataset(tmp_path / "shop.sqlite", layout=Layout(events={"table": 'e"v'}))
    assert str(shop.summary["first"]) == "2024-01-01 10:00:00"
