"Nothing is lost before counting starts: files of every dialect, encoding and damage."

import csv
import gzip
import io
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import purchases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segrec.data import Dataset, Layout, read_dataset
from segrec.data.summary import check_text

EXPORTS = Path(__file__).parent / "exports"   # copies of the invented files: each as a shop exports it
COLUMNS = ["customer_id", "item_id", "event", "timestamp", "price", "quantity", "title"]


# The exports


def test_two_months_joined():
    shop = read_dataset(EXPORTS / "joined_months")
    assert shop.summary.n_events == 2200 and shop.n_rows_in == 2201
    aside = shop.quarantined
    assert aside[["table", "reason", "line"]].values.tolist() == [["file", "changed_header", 1902]]
    assert shop.source_columns.set_index("column").loc["coupon", "read_as"] == ""


def test_ids_with_a_point():
    shop = read_dataset(EXPORTS / "dotted_ids")
    events, items, customers = (getattr(shop, name).execute() for name in ("events", "items", "customers"))
    assert events.merge(items, on="item_id").category.notna().sum() == 3 and len(items) == 4
    assert events.merge(customers, on="customer_id").groupby("customer_id").age.first().tolist() == [30, 40]


def test_a_line_a_unit():
    names = {"customer_id": "customer_unique_id", "item_id": "product_id", "timestamp": "order_purchase_timestamp"}
    shop = read_dataset(EXPORTS / "line_a_unit.csv", columns=names | {"event": "purchase"})
    money = shop.events.execute().groupby("customer_id").price.sum()
    assert shop.n_rows_aside == 0 and money.to_dict() == {"c1": 50.0, "c2": 20.0}


def test_a_flat_clickstream():
    names = {"customer_id": "user_id", "item_id": "product_id", "timestamp": "event_time", "event": "event_type"}
    shop = read_dataset(EXPORTS / "flat_clickstream.csv", columns=names | {"category": "category_code"})
    assert shop.event_counts.to_dict() == {"view": 2, "cart": 1, "purchase": 1}
    assert sorted(shop.quarantined.reason) == ["short_line", "unknown_event"]
    items = shop.items.order_by("item_id").execute()
    assert items.category.tolist() == ["beauty.cream", "appliances.water_heater"]
    assert items.brand.tolist() == ["brand_a", "brand_b"]
    unread = shop.source_columns.query("read_as == ''").set_index("column").example
    assert unread.to_dict() == {"category_id": "2100000000000000001", "user_session": "s1"}


def test_parts_of_parquet():
    shop = read_dataset(EXPORTS / "parts")
    events = shop.events.execute()
    assert len(events) == 4 and events.price.sum() == 29.5 and events.price.isna().sum() == 2
    assert shop.source_columns.set_index("column").missing_in["price"] == "2024-01.parquet"


def test_guests():
    names = {"customer_id": "customer_user", "item_id": "sku", "timestamp": "order_date", "order_id": "order_number"}
    more = {"price": "item_price", "quantity": "item_qty", "event": "purchase"}
    shop = read_dataset(EXPORTS / "guests.csv", columns=names | more)
    report = shop.ingest_report.set_index("rule")
    assert report.rows["nobody"] == 262 == shop.n_rows_aside and list(shop.nobody_ids) == ["0"]
    assert report.money_share["nobody"] == pytest.approx(0.45, abs=0.01)
    assert "0" not in shop.customers.customer_id.execute().tolist()
    everybody = read_dataset(EXPORTS / "guests.csv", columns=names | more, nobody=[])
    assert everybody.n_rows_aside == 0


# Dialects: what is written is what is read


def log_text(rows: list[dict], delimiter: str, quoting: str, end: str, change: str) -> str:
    "Rows as a program with this dialect writes them; from the middle on under a second header, or with empty ends."
    ways = {
        "minimal": {},
        "all": {"quoting": csv.QUOTE_ALL},
        "words": {"quoting": csv.QUOTE_NONNUMERIC},
        "apostrophes": {"quotechar": "'", "quoting": csv.QUOTE_ALL},
        "none": {"quoting": csv.QUOTE_NONE, "quotechar": None},
    }
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, **ways[quoting])
    writer.writerow(COLUMNS)
    other = ["quantity", "customer_id", "brand", "item_id", "event", "title", "timestamp", "price"]
    half = len(rows) // 2
    for place, row in enumerate(rows):
        if change == "second header" and place == half:
            writer.writerow(other)
        names = other if change == "second header" and place >= half else COLUMNS
        ends = ["", ""] if change == "empty ends" and place % 2 else []
        writer.writerow(
            [(row | {"brand": "Acme"})[name] for name in names] + ends
        )
    return out.getvalue()


def write(path: Path, content: bytes, compression: str) -> Path:
    if compression == "gz":
        path = path.with_name(path.name + ".gz")
        path.write_bytes(gzip.compress(content))
    elif compression == "zst":
        path = path.with_name(path.name + ".zst")
        with pa.CompressedOutputStream(str(path), "zstd") as file:
            file.write(content)
    else:
        path.write_bytes(content)
    return path


row = st.fixed_dictionaries(
    {
        "item_id": st.sampled_from(["00123", "90.750", "1e5", "9999999999999999999", "a-b"]),
        "event": st.sampled_from(["purchase", "view", "cart"]),
        "timestamp": st.datetimes(
            min_value=pd.Timestamp("2024-01-01").to_pydatetime(), max_value=pd.Timestamp("2024-12-31").to_pydatetime()
        ).map(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}"),
        "price": st.integers(1, 99_999).map(lambda cents: f"{cents / 100:.2f}"),
        "quantity": st.integers(1, 9).map(str),
        "title": st.sampled_from(
            ["Tea", "Käse, groß", '5" disk', '"quoted"', "a;b|c", "tab\there", "two lines\nof words", "C:\\tmp", "it's",
             "", "éà", "x,y", 'say ""hi""', "1,50"]
        ),
    }
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(row, min_size=3, max_size=25),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from(["minimal", "all", "words", "apostrophes", "none"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n"]),
    change=st.sampled_from(["", "second header", "empty ends"]),
    compression=st.sampled_from(["", "gz", "zst"]),
)
def test_what_a_dialect_writes_is_read_back(
    tmp_path, rows, delimiter, quoting, encoding, end, change, compression
):
    rows = [one | {"customer_id": f"c{place:03d}"} for place, one in enumerate(rows)]
    if quoting == "none":   # nothing can be quoted, so no title needs it
        rows = [one | {"title": re.sub(r'[,;|\t\n"\\]', "", one["title"])} for one in rows]
    content = log_text(rows, delimiter, quoting, end, change).encode(encoding)
    shutil.rmtree(tmp_path / "log", ignore_errors=True)
    (tmp_path / "log").mkdir()
    shop = read_dataset(write(tmp_path / "log" / "events.csv", content, compression))
    assert shop.n_rows_in == shop.summary.n_events + len(shop.quarantined)
    assert shop.summary.n_events == len(rows) and set(shop.quarantined.reason) <= {"changed_header"}
    got = shop.events.order_by("customer_id").execute()
    wanted = pd.DataFrame(rows)
    for name in ("customer_id", "item_id", "event"):
        assert got[name].tolist() == wanted[name].tolist()
    assert (got.timestamp == pd.to_datetime(wanted.timestamp)).all()
    assert np.allclose(got.price, wanted.price.astype(float)) and (got.quantity == wanted.quantity.astype(float)).all()
    told = shop.items.execute().set_index("item_id").title.dropna()
    written = wanted[wanted.title.str.strip() != ""]
    assert all(title in written[written.item_id == item].title.str.strip().tolist() for item, title in told.items())


# Damage: every line is an event or set aside


def damaged(seed: int) -> bytes:
    "A log that was damaged in one or two ways."
    chance = random.Random(seed)
    delimiter, end = chance.choice([",", ";", "\t", "|"]), chance.choice(["\n", "\r\n"])
    quoting = chance.choice(["minimal", "all", "none"])
    rows = [
        {
            "customer_id": f"c{chance.randrange(40)}",
            "item_id": f"i{chance.randrange(20)}",
            "event": chance.choice(["purchase", "view"]),
            "timestamp": f"2024-0{chance.randrange(1, 9)}-1{chance.randrange(9)} 10:{chance.randrange(60):02d}:00",
            "price": f"{chance.randrange(1, 99)}.50",
            "quantity": str(chance.randrange(1, 4)),
            "title": chance.choice(["Tea", "Käse", "Jam"]),
        }
        for _ in range(chance.randrange(30, 200))
    ]
    text = log_text(rows, delimiter, quoting, end, chance.choice(["", "", "second header"]))
    head, *lines = text.encode().split(end.encode())
    lines.pop()
    for _ in range(chance.randrange(1, 3)):
        place = chance.randrange(len(lines))
        line = lines[place]
        cut = chance.randrange(1, len(line))
        kind = chance.choice(["cut", "torn", "short", "swap", "header", "half header", "merged", "quote", "late", "byte"])
        if kind == "cut":
            lines[place : place + 2] = [line[:cut] + b"".join(lines[place + 1 : place + 2])[cut // 2 :]]
        elif kind == "torn":
            lines[place : place + 1] = [line[:cut], line[cut:]]
        elif kind == "short":
            lines[place] = line[:cut]
        elif kind == "swap":
            lines[place] = delimiter.encode().join(line.split(delimiter.encode())[::-1])
        elif kind == "header":
            lines.insert(place, head)
        elif kind == "half header":
            lines.insert(place, head[:cut])
        elif kind == "merged":
            lines[place : place + 2] = [b"".join(lines[place : place + 2])]
        elif kind == "quote":
            lines[place] = line[:cut] + b'"' + line[cut:]
        elif kind == "late":
            lines.append(delimiter.join(["c1", "i1", "view", "2024-05-05 10:00:00", "1.50", "1", '"a ""b"" c"']).encode())
        else:
            lines[place] = line[:cut] + bytes([chance.randrange(128, 256)]) + line[cut + 1 :]
    return end.encode().join([head, *lines, b""])


@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(0, 150, 25)], ids=lambda seeds: str(seeds[0]))
def test_every_line_of_a_damaged_file_is_read_or_set_aside(tmp_path, seeds):
    for seed in seeds:
        content = damaged(seed)
        (tmp_path / "events.csv").write_bytes(content)
        lines = [line for line in re.split(b"\r\n|\n|\r", content) if line.strip(b" ")]
        shop = read_dataset(tmp_path / "events.csv")
        aside = shop.quarantined
        assert shop.summary.n_events + len(aside) == shop.n_rows_in == len(lines) - 1, seed
        of_file = aside[aside.table == "file"]
        for one in of_file.itertuples():
            raw = content.splitlines()[one.line - 1]
            assert one.reason == "unreadable_bytes" or raw.decode() == one.text, seed


def test_a_file_of_every_kind_of_line_break(tmp_path):
    lines = ["customer_id,item_id,event,timestamp", *(f"c{number},i,view,2024-01-01" for number in range(6))]
    for ends in (["\n"] * 7, ["\r\n"] * 7, ["\r"] * 7, ["\n", "\r\n", "\n", "\r", "\n", "\n\n\n", ""]):
        (tmp_path / "log.csv").write_text("".join(map("".join, zip(lines, ends, strict=True))), newline="")
        shop = read_dataset(tmp_path / "log.csv")
        assert shop.summary.n_events == 6 == shop.n_rows_in


def test_quotes_that_come_late_are_quotes(tmp_path):
    log = purchases([(f"c{number}", f"i{number % 7}", "2024-01-01") for number in range(25_000)])
    late = purchases([("c1", '5" disk', "2024-01-02"), ("c2", "tea, green", "2024-01-02"), ("c3", '"x"', "2024-01-02")])
    pd.concat([log, late]).to_csv(tmp_path / "log.csv", index=False)
    items = read_dataset(tmp_path / "log.csv").items.item_id.execute()
    assert sorted(items) == sorted([*(f"i{number}" for number in range(7)), '5" disk', "tea, green", '"x"'])


HEADER = "customer_id,title,item_id,event,timestamp\n"
WIDE = "customer_id,item_id,event,timestamp"


def read_text(folder: Path, text: str, **options: object) -> Dataset:
    (folder / "log.csv").write_text(text, newline="")
    return read_dataset(folder / "log.csv", **options)


@pytest.mark.parametrize("n_between", [0, 1, 40])
def test_stray_quotes_swallow_no_rows(tmp_path, n_between):
    between = "".join(f"c{number},Jam,i{number},view,2024-01-03\n" for number in range(10, 10 + n_between))
    text = HEADER + 'c1,"Tea 5,i1,view,2024-01-02\n' + between + 'c2,3 apples",i2,view,2024-01-04\n'
    shop = read_text(tmp_path, text)
    assert shop.n_rows_in == 2 + n_between == shop.summary.n_events + len(shop.quarantined)
    titles = shop.items.execute().set_index("item_id").title
    assert titles["i1"] == '"Tea 5' and titles["i2"] == '3 apples"'


def test_line_breaks_in_texts_are_read_and_in_ids_are_not(tmp_path):
    text = HEADER + 'c1,"Red\nGreen",i1,view,2024-01-01\nc2,"a, b\nc, d\ne",i2,view,2024-01-01\nc3,Jam,"i\n3",view,2024-01-01\n'
    shop = read_text(tmp_path, text)
    assert shop.items.order_by("item_id").title.execute().tolist() == ["Red\nGreen", "a, b\nc, d\ne"]
    assert shop.quarantined.line.tolist() == [7, 8] and shop.n_rows_in == 4
    torn = HEADER + 'c1,"Jam",i1,view,2024-01-01\nc2,"Ja\nm",i1,view,2024-01-01\n'
    assert read_text(tmp_path, torn).quarantined.line.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (f"{WIDE},", "c1,i1,view,2024-01-01"),
        (f"{WIDE},2023,2024", "c1,i1,view,2024-01-01,5,6"),
        (f"Report,Item,\n{WIDE}", "c1,i1,view,2024-01-01"),
        (f"Sales of May, 2024, Shop 7\n{WIDE},a,b,c", "c1,i1,view,2024-01-01,1,2,3"),
        (WIDE.replace("timestamp", 'timestamp,"price\nin EUR"'), "c1,i1,view,2024-01-01,1.5"),
        (WIDE + ",pri\0ce", "c1,i1,view,2024-01-01,1.5"),
        (f"\ufeff{WIDE}", "c1,i1,view,2024-01-01"),
    ],
)
def test_headers_as_programs_write_them(tmp_path, head, row):
    shop = read_text(tmp_path, f"{head}\n{row}\n{row.replace('c1', 'c2')}\n")
    assert sorted(shop.events.customer_id.execute()) == ["c1", "c2"]
    assert set(shop.quarantined.reason) <= {"before_header"}


def test_a_second_header_with_a_zero_byte(tmp_path):
    shop = read_text(tmp_path, f"{WIDE}\nc1,i1,view,2024-01-01\n{WIDE},pri\0ce\nc2,i1,view,2024-01-02,3\n")
    assert shop.quarantined.reason.tolist() == ["changed_header"] and shop.summary.n_events == 2


def test_a_delimiter_that_is_not_tried_is_asked_for(tmp_path):
    text = f"{WIDE}\nc1,i1,view,2024-01-01\n".replace(",", "#")
    with pytest.raises(ValueError, match=r"log.csv.*line 1.*Layout.delimiter='#'"):
        read_text(tmp_path, text)
    assert read_text(tmp_path, text, layout=Layout(delimiter="#")).summary.n_events == 1
    with pytest.raises(ValueError, match="no line has any text"):
        read_text(tmp_path, " \n\n")


def test_backslashes(tmp_path):
    rows = [r'c1,"Tea \"green\"",i1', r'c2,C:\tmp,i2', "c3,two\\\nlines,i3", r'c4,"say ""hi""",i4', r"c5,\N,i5"]
    shop = read_text(tmp_path, HEADER + "".join(f"{row},view,2024-01-01\n" for row in rows))
    titles = shop.items.order_by("item_id").title.execute().tolist()
    assert titles[:4] == ['Tea "green"', r"C:\tmp", "two\nlines", 'say "hi"'] and shop.n_rows_aside == 0


def test_parts_of_text_are_joined_by_name(tmp_path):
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "1.csv").write_text("customer_id;item_id;event;timestamp\na;x;view;2024-01-01\n")
    (tmp_path / "events" / "2.csv").write_text("timestamp,price,event,item_id,customer_id\n2024-01-02,2.5,view,y,b\nx\n")
    shop = read_dataset(tmp_path)
    assert shop.events.order_by("customer_id").price.execute().fillna(0).tolist() == [0, 2.5]
    assert shop.source_files[["file", "rows", "aside"]].values.tolist() == [["1.csv", 1, 0], ["2.csv", 1, 1]]
    assert shop.quarantined[["file", "line", "text"]].values.tolist() == [["2.csv", 3, "x"]]


def test_a_file_that_cannot_be_read_names_its_lines(tmp_path):
    cases = (
        ("c1,i1,view,2024-01-01\nc2,i1,view,2024-01-02\n", "line 1 .*looks like a row"),
        ("customer_id,item_id,event,timestamp,Event\n", "line 1 names two columns"),
        ("customer_id,item_id,event,timestamp\na b\nc d\n", "Line 2 .short_line.: 'a b'"),
        ("customer_id;item,price\nc1;1,50\nc2;2,50\n", "delimiter=';'|delimiter=','"),
    )
    for text, message in cases:
        (tmp_path / "log.csv").write_text(text)
        with pytest.raises(ValueError, match=message):
            read_dataset(tmp_path / "log.csv")
    (tmp_path / "log.csv").write_bytes("customer_id,item_id,event,timestamp\nИван,чай,view,2024-01-01\n".encode("cp1251"))
    with pytest.raises(ValueError, match="encoding='cp1252'"):
        read_dataset(tmp_path / "log.csv")
    shop = read_dataset(tmp_path / "log.csv", layout=Layout(encoding="cp1251"))
    assert shop.events.customer_id.execute().tolist() == ["Иван"]
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"customer_id,item_id,event,timestamp\n" * 99)[:-9])
    with pytest.raises(ValueError, match="ends too early"):
        read_dataset(tmp_path / "cut.csv.gz")


# Ids


def test_ids_stay_what_they_are_in_every_source(tmp_path):
    import sqlite3

    import duckdb

    ids = ["90.750", "00123", "9999999999999999999", "1e5", "91.0", "-5", "0x1F"]
    log = purchases([("c1", one, "2024-01-01") for one in ids])
    items = pd.DataFrame({"item_id": ids, "colour": list("abcdefg")})
    (tmp_path / "csv").mkdir()
    log.to_csv(tmp_path / "csv" / "events.csv", index=False)
    items.to_csv(tmp_path / "csv" / "items.csv", index=False)
    (tmp_path / "parquet").mkdir()
    log.to_parquet(tmp_path / "parquet" / "events.parquet")
    items.to_parquet(tmp_path / "parquet" / "items.parquet")
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        for name, frame in {"events": log, "items": items}.items():
            database.register("frame", frame)
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
    connection = sqlite3.connect(tmp_path / "shop.sqlite")
    for name, frame in {"events": log, "items": items}.items():
        frame.to_sql(name, connection, index=False)
    connection.close()
    for shop in (
        Dataset(log, items),
        *(read_dataset(tmp_path / name) for name in ("csv", "parquet", "shop.duckdb", "shop.sqlite")),
    ):
        joined = shop.events.execute().merge(shop.items.execute(), on="item_id")
        assert sorted(joined.item_id) == sorted(ids) and sorted(joined.colour) == list("abcdefg")


def test_floats_are_told_by_the_whole_column_and_its_tables():
    log = purchases([("17850.0", "91.0", "2024-01-01"), ("13047", "92.0", "2024-01-02")])
    assert sorted(Dataset(log).events.customer_id.execute()) == ["13047", "17850"]
    assert sorted(Dataset(log).events.item_id.execute()) == ["91", "92"]
    items = pd.DataFrame({"item_id": ["91.0", "92.0", "90.75"], "colour": ["red", "blue", "green"]})
    shop = Dataset(log, items)
    assert sorted(shop.events.item_id.execute()) == ["91.0", "92.0"]
    assert shop.events.execute().merge(shop.items.execute(), on="item_id").colour.tolist() == ["red", "blue"]


def test_integers_beside_reals_keep_their_digits(tmp_path):
    import sqlite3

    connection = sqlite3.connect(tmp_path / "shop.sqlite")
    connection.execute("CREATE TABLE events (customer_id, item_id, event, timestamp)")
    rows = [(9007199254740993, "a", "view", "2024-01-01"), (1.0, "a", "view", "2024-01-01")]
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    assert sorted(read_dataset(tmp_path / "shop.sqlite").events.customer_id.execute()) == ["1", "9007199254740993"]


@pytest.mark.parametrize("word", ["NA", "N/A", "#N/A", "\\N", "(not set)", "undefined", "guest", "none", "null", "Guest", ""])
def test_spellings_of_nobody(word):
    log = purchases([(f"c{number}", "x", f"2024-01-{1 + number % 28:02d}") for number in range(60)])
    shop = Dataset(pd.concat([log, purchases([(word, "x", "2024-02-01"), (word, "y", "2024-02-02")])]))
    assert shop.n_rows_aside == 2 and set(shop.quarantined.reason) <= {"nobody", "missing_customer"}
    report = shop.ingest_report.dropna(subset="money_share")
    assert report.money_share.sum() == pytest.approx(2 / 62)
    if word:
        assert Dataset(pd.concat([log, purchases([(word, "x", "2024-02-01")])]), nobody=[]).n_rows_aside == 0


def test_numbers_that_are_nobody_where_it_is_plausible():
    sparse = purchases([(str(10_000 + 37 * number), "x", "2024-01-01") for number in range(99)])
    dense = purchases([(str(number), "x", "2024-01-01") for number in range(99)])
    zero, minus = purchases([("0", "x", "2024-02-01")]), purchases([("-1", "x", "2024-02-01")])
    assert Dataset(pd.concat([sparse, zero, minus])).nobody_ids == ["-1", "0"]
    assert list(Dataset(dense).nobody_ids) == []
    assert Dataset(dense, nobody=["7", "guest"]).nobody_ids == ["7"]
    many = purchases([("0", f"i{number}", "2024-02-01") for number in range(300)])
    assert Dataset(pd.concat([dense, many])).nobody_ids == ["0"]
    with pytest.raises(TypeError, match="nobody"):
        Dataset(dense, nobody="guest")


def test_one_id_that_buys_like_hundreds():
    people = [(f"c{number % 150}", f"i{number % 20}", f"2024-03-{1 + number % 28:02d}") for number in range(400)]
    till = [("STORE-7", f"i{number % 20}", f"2024-04-{1 + number % 28:02d} 10:{number % 60:02d}") for number in range(350)]
    shop = Dataset(purchases(people + till))
    assert shop.nobody_ids == ["STORE-7"]
    assert shop.ingest_report.set_index("rule").money_share["nobody"] == pytest.approx(350 / 750)
    customers = pd.DataFrame({"customer_id": ["STORE-7", "c1"], "age": [1, 2]})
    assert Dataset(purchases(people + till), customers=customers).customers.customer_id.execute().tolist() == ["c1"]
    assert list(Dataset(purchases(people + till), nobody=["guest"]).nobody_ids) == []


def test_numbers_with_zeros_before_them():
    padded = purchases([(f"{number:03d}", "x", "2024-01-01") for number in range(99)])
    assert list(Dataset(padded).nobody_ids) == []
    plain = purchases([(str(number), "x", "2024-01-01") for number in range(99)] + [("000", "y", "2024-01-02")])
    assert Dataset(plain).nobody_ids == ["000"]


def test_large_orders_are_no_tills_and_two_tills_are():
    people = [(f"c{number % 150}", f"i{number % 20}", f"2024-03-{1 + number % 28:02d}") for number in range(400)]
    large = [("caterer", f"i{number}", "2024-04-01 10:00") for number in range(300)]
    assert list(Dataset(purchases(people + large)).nobody_ids) == []
    tills = [(f"STORE-{number % 2}", f"i{number % 20}", f"2024-04-{1 + number % 28:02d} 10:{number % 60:02d}")
             for number in range(700)]
    assert Dataset(purchases(people + tills)).nobody_ids == ["STORE-0", "STORE-1"]
    orders = pd.DataFrame({"customer_id": "S", "order_id": [str(number) for number in range(300)], "item_id": "x"})
    one_day = pd.concat([purchases(people), orders.assign(event="purchase", timestamp="2024-04-01")])
    assert Dataset(one_day).nobody_ids == ["S"]


def test_nobody_is_named_as_ids_are():
    log = purchases([(one, "x", "2024-01-01") for one in ("Till@Shop.com", "7", "a", "gUeSt")])
    assert Dataset(log, nobody=["TILL@shop.com", 7.0]).nobody_ids == ["7", "gUeSt", "till@shop.com"]
    shop = Dataset(log, nobody=["walk-in"])
    assert shop.nobody_absent == ["walk-in"] and "no row has walk-in" in check_text(shop, "log")
    with pytest.raises(ValueError, match="nobody=\\[\\]"):
        Dataset(purchases([("guest", "x", "2024-01-01")]))


def test_ids_with_points_of_two_kinds():
    log = purchases([("a", "10.0", "2024-01-01"), ("a", "10.00", "2024-01-01")])
    assert sorted(Dataset(log).events.item_id.execute()) == ["10.0", "10.00"]
    floats = purchases([("a", 91.0, "2024-01-01"), ("a", 90.75, "2024-01-01")])
    items = pd.DataFrame({"item_id": ["91.0", "90.75"], "colour": ["red", "blue"]})
    shop = Dataset(floats, items)
    joined = shop.events.execute().merge(shop.items.execute(), on="item_id")
    assert sorted(joined.colour) == ["blue", "red"]


def test_the_log_fills_the_gaps_of_the_catalogue():
    log = purchases([("a", "x", "2024-01-01"), ("a", "y", "2024-01-01")]).assign(brand="Acme", category=["tea", "jam"])
    shop = Dataset(log, pd.DataFrame({"item_id": ["x", "z"], "category": [None, "oil"]}))
    items = shop.items.order_by("item_id").execute()
    assert items.item_id.tolist() == ["x", "y", "z"] and items.category.tolist() == ["tea", "jam", "oil"]
    assert items.brand.fillna("").tolist() == ["Acme", "Acme", ""]


def test_half_a_character_is_told():
    log = purchases([("a", "x", "2024-01-01")]).astype(object)
    log.loc[0, "customer_id"] = "a\ud83d"
    with pytest.raises(ValueError, match=r"customer_id.*no whole text"):
        Dataset(log)


def test_addresses_are_one_in_any_case():
    log = purchases([("Ada@Example.com", "x", "2024-01-01"), ("ada@example.com ", "x", "2024-01-02"), ("Bob", "x", "2024-01-03")])
    shop = Dataset(log, customers=pd.DataFrame({"customer_id": ["ADA@example.com"], "age": [30]}))
    assert set(shop.events.customer_id.execute()) == {"ada@example.com", "Bob"}
    assert shop.customers.customer_id.execute().tolist() == ["ada@example.com"]


# Copies, units, repeats


def test_copies_are_equal_in_every_column():
    order = purchases([("a", "x", "2024-01-01 10:00:00")] * 3)
    assert Dataset(order).summary.n_events == 1   # a quantity, and equal: copies
    assert Dataset(order.assign(line=[1, 2, 3])).summary.n_events == 3
    assert Dataset(order.drop(columns="quantity")).summary.n_events == 3
    assert Dataset(order.drop(columns="quantity"), equal_lines="copies").summary.n_events == 1
    assert Dataset(order, equal_lines="units").summary.n_events == 3
    report = Dataset(order.drop(columns="quantity")).ingest_report.set_index("rule").rows
    assert report["equal_units"] == 3 and report["duplicate_line"] == 0
    with pytest.raises(ValueError, match="equal_lines"):
        Dataset(order, equal_lines="twins")


def test_what_people_do_again_is_no_copy():
    views = purchases([("a", "x", f"2024-01-01 10:00:{second:02d}") for second in (0, 3, 21)]).assign(event="view")
    assert Dataset(views).summary.n_events == 3
    assert Dataset(pd.concat([views, views.head(1)])).summary.n_events == 3


@pytest.mark.parametrize("hours", [-5, 1, 2, 9.5])
def test_a_day_again_in_another_zone(hours):
    chance = np.random.default_rng(1)
    n = 4000
    log = pd.DataFrame(
        {
            "customer_id": chance.integers(0, 300, n).astype(str),
            "item_id": chance.integers(0, 80, n).astype(str),
            "event": chance.choice(["view", "cart", "purchase"], n, p=[0.7, 0.2, 0.1]),
            "timestamp": pd.Timestamp("2024-03-01") + pd.to_timedelta(chance.integers(0, 28 * 86_400, n), unit="s"),
        }
    )
    day = log[log.timestamp.dt.day == 11]
    again = day.assign(timestamp=day.timestamp + pd.Timedelta(hours=hours))
    shop = Dataset(pd.concat([log, again]))
    assert shop.ingest_report.set_index("rule").rows["shifted_copy"] == len(day) == shop.n_rows_aside
    few = Dataset(pd.concat([log, again.head(4)]))
    assert few.n_rows_aside == 0


def test_a_day_extracted_twice_is_no_day_of_units():
    moments = [f"2024-01-{1 + number % 20:02d} 10:{number % 60:02d}" for number in range(800)]
    log = purchases([(f"c{number}", f"i{number % 9}", moment) for number, moment in enumerate(moments)])
    log = log.drop(columns="quantity")
    day = log[log.timestamp.str.startswith("2024-01-07")]
    report = Dataset(pd.concat([log, day])).ingest_report.set_index("rule").rows
    assert report["duplicate_line"] == len(day) and report["equal_units"] == 0


# What is not read is said


def test_mappings_without_effect_are_refused():
    log, items = purchases([("a", "x", "2024-01-01")]), pd.DataFrame({"item_id": ["x"], "stars": [5], "title": ["Tea"]})
    with pytest.raises(ValueError, match="no effect"):
        Dataset(log, items, columns={"rating": "stars"})
    filled = Dataset(log.assign(name="Oat", item_id="y"), items, columns={"title": "name"}).items
    assert filled.order_by("item_id").title.execute().tolist() == ["Tea", "Oat"]
    assert Dataset(log.assign(name="Tea"), columns={"title": "name"}).items.title.execute().tolist() == ["Tea"]


def test_a_column_twice_in_parquet_is_refused(tmp_path):
    import pyarrow.parquet as pq

    table = pa.table({"customer_id": ["a"], "item_id": ["x"], "event": ["view"], "timestamp": ["2024-01-01"], "Event": ["x"]})
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(ValueError, match="two columns named 'event'"):
        read_dataset(tmp_path / "log.parquet")


def test_parts_of_different_kinds_are_joined_as_text(tmp_path):
    (tmp_path / "events").mkdir()
    one = {"item_id": ["x"], "event": ["view"], "timestamp": ["2024-01-01"]}
    pd.DataFrame({"customer_id": [17850], **one}).to_parquet(tmp_path / "events" / "1.parquet")
    pd.DataFrame({"customer_id": ["00017"], **one}).to_parquet(tmp_path / "events" / "2.parquet")
    pd.DataFrame({"customer_id": [17850.0], **one}).to_parquet(tmp_path / "events" / "3.parquet")
    shop = read_dataset(tmp_path)
    assert sorted(shop.events.customer_id.execute()) == ["00017", "17850"] and shop.n_rows_in == 3
