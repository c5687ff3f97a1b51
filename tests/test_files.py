"Nothing is lost before counting starts: files of every dialect, encoding and damage."

import bz2
import csv
import gzip
import io
import itertools
import lzma
import random
import re
import shutil
import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import purchases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segrec.data import Dataset, Layout, read_dataset
from segrec.data.encodings import as_utf8
from segrec.data.engine import connect
from segrec.data.files import FileReport, join_reports
from segrec.data.parquet_files import read_parquet_files
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
    assert sorted(shop.quarantined.reason) == ["other_event", "short_line"]
    items = shop.items.order_by("item_id").execute()
    assert items.category.tolist() == ["beauty.cream", "appliances.water_heater"]
    assert items.brand.tolist() == ["brand_a", "brand_b"]
    unread = shop.source_columns.query("read_as == ''").set_index("column").example
    assert unread.to_dict() == {"category_id": "2100000000000000001"}


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
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
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


@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(0, 100, 25)], ids=lambda seeds: str(seeds[0]))
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


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks_in_the_first_record(tmp_path, line_break):
    text = HEADER + f'c1,"line 1{line_break}line 2",i1,view,2024-01-01\nc2,Tea,i2,view,2024-01-01\n'
    assert read_text(tmp_path, text).items.order_by("item_id").title.execute()[0] == f"line 1{line_break}line 2"


@pytest.mark.parametrize(
    ("row", "item", "title"),
    [
        ('c9, "Jam", "i9", view, 2024-01-02', "i9", "Jam"),
        ('"c9,Jam,i9,view,2024-01-02"', "i9", "Jam"),
        ("'c9','Jam','i9',view,2024-01-02", "i9", "Jam"),
        ('c9,"Jam,i9,view,2024-01-02', "i9", '"Jam'),
    ],
)
@pytest.mark.parametrize("torn", ["", "c8,x\n"])
def test_quotes_never_become_part_of_ids(tmp_path, row, item, title, torn):
    shop = read_text(tmp_path, HEADER + torn + f"{row}\n" * 3)
    assert shop.items.execute()[["item_id", "title"]].values.tolist() == [[item, title]]


def test_no_id_begins_with_a_quote(tmp_path):
    shop = read_text(tmp_path, HEADER + 'c1,Tea,i1,view,2024-01-01\nc9,Jam,"i9,view,2024-01-02\n')
    assert shop.quarantined[["reason", "line"]].values.tolist() == [["broken_quotes", 3]]


def test_a_second_header_that_loses_a_column_or_is_spelled_otherwise(tmp_path):
    first = f"{WIDE},price,coupon\n" + "c1,i1,view,2024-01-01,1,x\n" * 5
    shop = read_text(tmp_path, first + f"{WIDE},price\n" + "c2,i1,view,2024-01-02,2\n" * 5, equal_lines="units")
    assert shop.event_counts.view == 10 and shop.quarantined.reason.value_counts()["changed_header"] == 1
    renamed = f"{WIDE},price_eur\nc1,i1,view,2024-01-01,1\n{WIDE},price\nc2,i1,view,2024-01-02,2\n"
    assert read_text(tmp_path, renamed).events.order_by("customer_id").price.execute().tolist()[1] == 2
    spelled = f"{WIDE}\nc1,i1,view,2024-01-01\nCustomer ID,Item ID,Event,Timestamp\nc2,i1,view,2024-01-02\n"
    assert read_text(tmp_path, spelled).quarantined.reason.tolist() == ["repeated_header"]


@pytest.mark.parametrize("part", [f"{WIDE},", "customer_id,item_id,,,", "customer_id,item_id,event,timest"])
def test_a_part_of_the_header_is_no_other_header(tmp_path, part):
    rows = "".join(f"c{number},i1,view,2024-01-01,Tea\n" for number in range(4))
    shop = read_text(tmp_path, f"{WIDE},title\n{rows}{part}\n{rows.replace('c', 'd')}")
    assert shop.quarantined.reason.tolist() == ["repeated_header"] and shop.summary.n_events == 8


def test_a_file_that_ends_inside_a_time(tmp_path):
    rows = "".join(f"c{number},i1,view,2024-01-01 10:00:00\n" for number in range(4))
    shop = read_text(tmp_path, f"{WIDE}\n{rows}c9,i1,view,2024-01-01")
    assert shop.quarantined[["reason", "line"]].values.tolist() == [["short_line", 6]]
    assert read_text(tmp_path, f"{WIDE}\n{rows}c9,i1,view,2024-01-01 11:00:00").summary.n_events == 5


def test_a_line_that_is_too_long_is_set_aside(tmp_path):
    shop = read_text(tmp_path, HEADER + "c1,Tea,i1,view,2024-01-01\n" * 2 + f"c2,{'x' * 5_000_000},i1,view,2024-01-01\n")
    assert shop.quarantined.query("table == 'file'")[["reason", "line"]].values.tolist() == [["long_line", 4]]


def test_a_delimiter_that_is_not_tried_is_asked_for(tmp_path):
    text = f"{WIDE}\nc1,i1,view,2024-01-01\n".replace(",", "#")
    with pytest.raises(ValueError, match=r"log.csv.*line 1.*Layout.delimiter='#'"):
        read_text(tmp_path, text)
    assert read_text(tmp_path, text, layout=Layout(delimiter="#")).summary.n_events == 1
    with pytest.raises(ValueError, match="all blank"):
        read_text(tmp_path, " \n\n")


def test_rows_that_cannot_be_kept_are_shown_with_their_file(tmp_path):
    with pytest.raises(ValueError, match=r"log.csv: none of the 1 rows .* timestamp='31.13.2024'"):
        read_text(tmp_path, f"{WIDE}\nc1,i1,view,31.13.2024\n")
    with pytest.raises(ValueError, match=r"log.csv: events has no column 'customer_id'"):
        read_text(tmp_path, f"{WIDE}\nc1,i1,view,2024-01-01\n".replace("customer_id", "who"))


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
    with pytest.raises(ValueError, match="encoding='cp1251'"):
        read_dataset(tmp_path / "log.csv")
    shop = read_dataset(tmp_path / "log.csv", layout=Layout(encoding="cp1251"))
    assert shop.events.customer_id.execute().tolist() == ["Иван"]
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"customer_id,item_id,event,timestamp\n" * 99)[:-9])
    with pytest.raises(ValueError, match="ends too early"):
        read_dataset(tmp_path / "cut.csv.gz")


# Encodings: read where there is one reading, else asked for

WESTERN = {
    "German": "Müller Schröder Käse Brötchen Köln München Würzburg Öl Möbel Kühlschrank Tür Straße Größe weiß Äpfel Süßigkeiten",
    "French": "crème café thé pièce lumière François Hélène Noël Besançon forêt pâtes gâteau bébé vélo école œuf garçon goût",
    "Spanish": "niño piña España Muñoz García Martínez López Málaga León Ávila camión jabón limón melón azúcar sofá plátano",
    "Italian": "caffè città perché più tè papà università qualità libertà lunedì già ragù tiramisù bignè Niccolò Cefalù Forlì",
    "Portuguese": "João São Conceição Gonçalves Simões José Brasília pão maçã limão feijão açúcar café sabão botões avó mãe você",
    "Danish": "Sørensen Møller Kjær Østergård Århus København rødgrød smør brød pære æble øl køkken håndklæde blå sæbe nøgle",
    "Norwegian": "Bjørn Øystein Tromsø Ålesund Bodø blåbær smør kjøtt fløte øl kål håndkle støvler grønn rød såpe nøkkel bøker",
    "Swedish": "Åsa Östen Göteborg Malmö Västerås Örebro smör bröd kött ägg kål lök blåbär hjärta grön blå stövlar räka sås",
    "Finnish": "Jyväskylä Hämeenlinna Mäkinen Järvinen leipä jäätelö piimä kylmä ämpäri kenkä löyly öljy yö työ päivä äiti isä",
    "Icelandic": "Jón Guðrún Sigurður Þórður Björk Ólafur Kópavogur Húsavík brauð mjólk smjör kjöt hákarl rúgbrauð sápa þýðing",
    "Estonian": "Tõnu Jõgeva Põltsamaa Võru Pärnu Jõhvi Märt Jüri Külli Õie Kõiv õun või jäätis õlu köök pähkel lõhe hõbe müts",
    "Catalan": "Núria Barça plaça cançó pèsol això també carbassó meló sabó núvol pàgina església què perquè camió València Lleó",
}
ELSEWHERE = {
    "cp1250": "Łódź Kraków Gdańsk Małgorzata Paweł Wójcik Dąbrowski żurek mały śmietana masło mąka róg język dzień stół łóżko",
    "iso8859-2": "čaj řeka sýr káva mléko máslo rohlík švestka džus žárovka židle koště ručník mýdlo tričko Plzeň Děčín Jiří",
    "cp1250 ": "Győr Pécs Erdős Szabó Kovács Tóth Kőműves Szűcs bőr kő idő erdő tető szőlő gyümölcs fűszer gyűrű főzelék könyv",
    "iso8859-2 ": "Bucureşti Iaşi Timişoara Braşov Brăila brânză pâine ţuică maşină cămaşă pălărie şosete cărţi jucării Ştefan",
    "cp1254": "İstanbul Şanlıurfa Diyarbakır Muğla Yılmaz Şahin Çelik Öztürk Kılıç Doğan şeker çay yoğurt balık kırmızı yeşil",
    "cp1257": "Šiauliai Panevėžys Klaipėda ąžuolas sūris kėdė rankšluostis žaislas pirštinės Živilė Rūta Žukauskas mėsa žuvis",
    "cp1251": "чай мёд хлеб молоко сыр масло яблоко стол лампа мыло книга Иван Мария Сергей Москва Казань Иванов Петров",
    "koi8-r": "чай мёд хлеб молоко сыр масло яблоко стол лампа мыло книга Иван Мария Сергей Москва Казань Иванов Петров",
    "cp1253": "τσάι μέλι ψωμί γάλα τυρί βούτυρο μήλο τραπέζι καρέκλα Γιώργος Μαρία Ελένη Αθήνα Πάτρα Παπαδόπουλος βιβλίο",
    "cp1255": "תה דבש לחם חלב גבינה חמאה תפוח שולחן כיסא מיטה מנורה מגבת ספר נעליים חולצה שרה משה ירושלים חיפה",
    "shift_jis": "緑茶 お茶 パン 牛乳 チーズ バター りんご 机 椅子 ベッド タオル おもちゃ 靴 シャツ 手袋 田中 佐藤 東京 大阪",
    "gb18030": "绿茶 蜂蜜 面包 牛奶 奶酪 黄油 苹果 桌子 椅子 毛巾 肥皂 玩具 衬衫 手套 王伟 李娜 北京 上海 广州 手机",
    "cp850": "Müller Schröder Käse Brötchen Köln München Würzburg Öl Möbel Kühlschrank Tür Straße Größe weiß Äpfel Süßigkeiten",
    "cp437": "crème café thé pièce lumière François Hélène Noël Besançon forêt pâtes gâteau bébé vélo école garçon maïs goût",
    "mac_roman": "niño piña España Muñoz García Martínez López Málaga León Ávila camión jabón limón melón azúcar sofá plátano",
    "mac_roman ": "Sørensen Møller Kjær Østergård Århus København rødgrød smør brød pære æble øl køkken håndklæde blå sæbe nøgle",
}


def titles(words: list[str], encoding: str = "utf-8") -> bytes:
    "A log with a word a line."
    lines = [f"c{place % 9},i{place},view,2024-01-{1 + place % 28:02d},{word}\n" for place, word in enumerate(words)]
    return ("customer_id,item_id,event,timestamp,title\n" + "".join(lines)).encode(encoding)


def drawn(text: str, n: int, seed: int) -> list[str]:
    return random.Random(f"{n} {seed}").sample(text.split(), n)


@pytest.mark.parametrize("language", WESTERN)
def test_western_words_are_read_without_a_question(tmp_path, language):
    path = tmp_path / "log.csv"
    for n, seed in ((3, 0), (3, 1), (5, 2), (5, 3), (8, 4), (12, 5)):
        for change in (str, str.upper):
            words = [change(word) for word in drawn(WESTERN[language], n, seed)]
            path.write_bytes(titles(["tea", *words], "cp1252"))
            file = as_utf8(path, tmp_path)
            assert file.encodings == ("cp1252",) and file.path.read_bytes() == titles(["tea", *words]), words


@pytest.mark.parametrize("encoding", ELSEWHERE)
def test_other_words_are_asked_for_and_the_call_names_the_encoding(tmp_path, encoding):
    path = tmp_path / "log.csv"
    text, encoding = ELSEWHERE[encoding], encoding.strip()
    for n, seed in ((5, 2), (5, 3), (8, 4), (12, 5)):
        words = drawn(text, n, seed)
        path.write_bytes(titles(["tea", *words], encoding))
        with pytest.raises(ValueError, match="Say which it is") as error:
            as_utf8(path, tmp_path)
        named = re.search(r"encoding='([^']+)'", str(error.value)).group(1)
        file = as_utf8(path, tmp_path, named)   # the call that the error names reads the words
        assert file.path.read_bytes() == titles(["tea", *words]), (words, named)


def test_what_reads_alike_is_no_question(tmp_path):
    path = tmp_path / "log.csv"
    alike = {"Möller": "cp1250", "Käse": "iso8859-15", "José": "cp1254", "3 €": "cp1250", "Ø 20": "cp1252"}
    for word, encoding in alike.items():
        path.write_bytes(titles([word], encoding))
        assert as_utf8(path, tmp_path).path.read_bytes() == titles([word])
    for word in ("5 €", "cœur", "Škoda"):   # the bytes of these are others than in Windows-1252
        path.write_bytes(titles([word], "iso8859-15"))
        with pytest.raises(ValueError, match="iso8859-15"):
            as_utf8(path, tmp_path)


def test_the_question_shows_lines_and_readings(tmp_path):
    words = ELSEWHERE["cp1254"].split()
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(titles(words, "cp1254")))
    with pytest.raises(ValueError, match="not UTF-8") as error:
        read_dataset(tmp_path / "log.csv.gz")
    message = str(error.value)
    assert message.startswith(str(tmp_path / "log.csv.gz")) and message.count("\n  line ") == 3
    assert re.search(r"line 2, byte 23: '[^']*İstanbul' \(cp1254 or iso8859-9\), .*'[^']*Ýstanbul' \(cp1252", message)
    layout = eval(re.search(r"layout=(Layout\(.*?\))", message).group(1), {"Layout": Layout})
    shop = read_dataset(tmp_path / "log.csv.gz", layout=layout)
    assert set(shop.items.title.execute()) == set(words)


@pytest.mark.parametrize(("n_utf8", "pasted"), [(20, ["Größe", "crème"]), (4, ["Möller"]), (3, ["Käse", "Öl", "Tür", "3 €"])])
def test_lines_of_two_encodings_are_each_read(tmp_path, n_utf8, pasted):
    known = (WESTERN["German"].split() * 2)[:n_utf8]
    more = "".join(f"c1,p{place},view,2024-02-01,{word}\n" for place, word in enumerate(pasted))
    (tmp_path / "log.csv").write_bytes(titles(known) + more.encode("cp1252"))
    shop = read_dataset(tmp_path / "log.csv")
    assert shop.n_rows_aside == 0 and shop.source_files.encoding.tolist() == ["utf-8 and cp1252"]
    assert set(shop.items.title.execute()) == {*known, *pasted}


def test_damaged_lines_among_two_encodings_are_set_aside(tmp_path):
    lines = [
        ("pasted", "Größe".encode("cp1252")),
        ("first byte lost", "Möller".encode().replace(b"\xc3", b"")),
        ("second byte lost", "Möller".encode().replace(b"\xb6", b"")),
        ("both encodings in a word", "Bäcker".encode() + "möhren".encode("cp1252")),
        ("random", b"te\xfe\x81a"),
        ("in a number", b"4\xe93"),
        ("half a sign", "3 €".encode()[:-1]),
    ]
    more = b"".join(b"c1,%s,view,2024-02-01,%s\n" % (name.encode(), line) for name, line in lines)
    (tmp_path / "log.csv").write_bytes(titles(WESTERN["German"].split()) + more)
    shop = read_dataset(tmp_path / "log.csv")
    aside = shop.quarantined
    assert shop.n_rows_in == 16 + len(lines) and set(aside.reason) == {"unreadable_bytes"}
    assert aside.line.tolist() == list(range(19, 25)) and aside.text.str.contains(r"\\x").all()
    assert "Größe" in set(shop.items.title.execute())


def test_a_second_extract_in_another_encoding_is_asked_for_and_named(tmp_path):
    words = ELSEWHERE["cp1250"].split()
    (tmp_path / "log.csv").write_bytes(titles(words[:9]) + titles(words[9:], "cp1250").split(b"\n", 1)[1])
    with pytest.raises(ValueError, match="partly UTF-8") as error:
        read_dataset(tmp_path / "log.csv")
    assert "Layout(encoding='utf-8 and cp1250')" in str(error.value)
    file = as_utf8(tmp_path / "log.csv", tmp_path, "utf-8 and cp1250")
    assert [line.rsplit(",", 1)[1] for line in file.path.read_text().splitlines()[1:]] == words
    for wrong in ("utf-8 and klingon", "rot13", 3):
        with pytest.raises((ValueError, TypeError), match="encoding == "):
            Layout(encoding=wrong)


@pytest.mark.parametrize("n_damaged", [1, 3, 5])
@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_do_not_cost_a_log_of_plain_words(tmp_path, n_damaged, seed):
    chance = random.Random(f"{n_damaged} {seed}")
    lines = [b"c%d,i%d,purchase,2024-01-%02d 11:00:00,Tea" % (n % 90, n % 7, 1 + n % 28) for n in range(400)]
    places = chance.sample(range(400), n_damaged)
    for place in places:
        column, *_ = chance.sample(range(4), 1)
        fields = lines[place].split(b",")
        cut = chance.randrange(len(fields[column]))
        fields[column] = fields[column][:cut] + bytes([chance.randrange(0x80, 0xC0)]) + fields[column][cut + 1 :]
        lines[place] = b",".join(fields)
    (tmp_path / "log.csv").write_bytes(b"\n".join([b"customer_id,item_id,event,timestamp,title", *lines, b""]))
    shop = read_dataset(tmp_path / "log.csv", equal_lines="units")
    assert shop.summary.n_events + len(shop.quarantined) == shop.n_rows_in == 400


def test_a_named_encoding_is_of_files_that_are_not_utf8(tmp_path):
    (tmp_path / "events.csv").write_bytes(titles(["Müller", "Käse"]))
    (tmp_path / "items.csv").write_bytes("item_id,colour\ni0,красный чайник\ni1,белая кружка\n".encode("cp1251"))
    with pytest.raises(ValueError, match="encoding='cp1251'"):
        read_dataset(tmp_path)
    shop = read_dataset(tmp_path, layout=Layout(encoding="cp1251"))
    items = shop.items.order_by("item_id").execute()
    assert items.colour.tolist() == ["красный чайник", "белая кружка"] and items.title.tolist() == ["Müller", "Käse"]


def test_a_damaged_header_is_read(tmp_path):
    (tmp_path / "log.csv").write_bytes(titles(WESTERN["German"].split()).replace(b"title", b"ti\xfftle"))
    assert read_dataset(tmp_path / "log.csv").summary.n_events == 16
    (tmp_path / "log.csv").write_bytes(titles(["tea"]).replace(b"item_id", b"item_\xff"))
    assert read_dataset(tmp_path / "log.csv").summary.n_events == 1   # `item_` is an item


def test_zero_bytes_in_a_row_are_damage(tmp_path):
    (tmp_path / "log.csv").write_bytes(titles(["tea", "t\0ea", "jam"]))
    assert read_dataset(tmp_path / "log.csv").quarantined[["reason", "line"]].values.tolist() == [["unreadable_bytes", 3]]


def test_a_damaged_byte_does_not_cost_a_file_of_ascii(tmp_path):
    (tmp_path / "log.csv").write_bytes(titles(["tea"] * 40) + b"c1,i1,view,2024-02-01,te\xfe\x81\xb7a\n")
    shop = read_dataset(tmp_path / "log.csv")
    assert shop.quarantined[["line", "reason"]].values.tolist() == [[42, "unreadable_bytes"]]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32"])
@pytest.mark.parametrize("language", ["ascii", "German", "cp1251", "gb18030"])
def test_two_and_four_bytes_a_letter_with_or_without_a_mark(tmp_path, encoding, language):
    words = {"ascii": "tea jam", **WESTERN, **ELSEWHERE}[language].split()
    (tmp_path / "log.csv").write_bytes(titles(words, encoding))
    file = as_utf8(tmp_path / "log.csv", tmp_path)
    assert file.encodings[0].startswith(encoding) and file.path.read_bytes() == titles(words)
    assert as_utf8(tmp_path / "log.csv", tmp_path, encoding).path.read_bytes() == titles(words)


@pytest.mark.parametrize("place", [21, 87, 301])
def test_a_lost_byte_of_utf_16_costs_one_line(tmp_path, place):
    content = titles(WESTERN["German"].split(), "utf-16-le")
    (tmp_path / "log.csv").write_bytes(content[:place] + content[place + 1 :])
    lines = as_utf8(tmp_path / "log.csv", tmp_path).path.read_bytes().split(b"\n")
    assert sum(line.endswith(b"\xff") for line in lines) == 1
    assert sum(line in titles(WESTERN["German"].split()).split(b"\n") for line in lines) == len(lines) - 1


@pytest.mark.parametrize("field", [b"tea\0", b"tea\0\0\0\0\0\0\0", b"\0tea", b"\0", b"t\0e\0a\0", "Käse\0".encode("cp1252")])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0\n"])
def test_zeros_in_fields_are_no_encoding(tmp_path, field, end):
    content = titles(["x"]).replace(b"\n", end) + b"".join(b"c%d,i1,view,2024-01-01,%s%s" % (n, field, end) for n in range(50))
    (tmp_path / "log.csv").write_bytes(content)
    file = as_utf8(tmp_path / "log.csv", tmp_path)
    assert file.encodings in (("utf-8",), ("cp1252",))
    assert file.path.read_bytes() == content.decode(file.encodings[0]).encode()


PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda content: pa.compress(content, codec="zstd", asbytes=True),
}


@pytest.mark.parametrize("inner", PACKERS)
@pytest.mark.parametrize("outer", ["", *PACKERS])
def test_packed_files_are_read_by_their_first_bytes(tmp_path, inner, outer):
    content = titles(WESTERN["German"].split(), "cp1252") * 20
    packed = PACKERS[inner](content)
    path = tmp_path / "log.csv"   # whatever its name says
    path.write_bytes(PACKERS[outer](packed) if outer else packed)
    (tmp_path / "work").mkdir()
    file = as_utf8(path, tmp_path / "work")
    assert file.path.read_bytes() == content.decode("cp1252").encode() and file.source == path
    names = {"gz": "gzip", "bz2": "bzip2", "zst": "zstd", "xz": "xz"}
    assert file.compression == " in ".join(names[kind] for kind in (inner, outer) if kind)


@pytest.mark.parametrize("kind", PACKERS)
def test_packed_files_that_are_cut_say_how_far_they_can_be_read(tmp_path, kind):
    rows = [f"c{place},i{hash((place, 1)) % 10_007}" for place in range(20_000)]
    packed = PACKERS[kind](titles(rows))
    for content in (packed[:-20], packed[: len(packed) // 2]):
        (tmp_path / f"log.csv.{kind}").write_bytes(content)
        with pytest.raises(ValueError, match=r"ends too early .*; at least [\d,]+ lines of it can be read") as error:
            read_dataset(tmp_path / f"log.csv.{kind}")
        assert str(error.value).startswith(str(tmp_path / f"log.csv.{kind}"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04....", "zip archive or an Excel workbook"),
        (b"x" * 257 + b"ustar\x0000", "tar archive"),
        (b"7z\xbc\xaf\x27\x1c", "7z archive"),
        (b"\x04\x22\x4d\x18", "unlz4"),
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
    ],
)
def test_what_is_no_text_says_what_to_do(tmp_path, content, what):
    for name, packed in (("log.csv", content), ("log.csv.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(packed)
        with pytest.raises(ValueError, match=what) as error:
            read_dataset(tmp_path / name)
        assert str(error.value).startswith(str(tmp_path / name))


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


def test_a_catalogue_that_lists_an_id_with_and_without_a_point():
    log = purchases([("a", "1.0", "2024-01-01"), ("a", "1", "2024-01-02")])
    items = pd.DataFrame({"item_id": ["1.0", "1"], "colour": ["red", "blue"]})
    shop = Dataset(log, items)
    assert sorted(shop.events.item_id.execute()) == ["1", "1.0"] == sorted(shop.items.item_id.execute())


def test_identifiers_of_python_are_text():
    log = purchases([("a", "x", "2024-01-01")]).astype({"customer_id": object})
    log["customer_id"] = [uuid.UUID(int=7)]
    assert Dataset(log).events.customer_id.execute().tolist() == [str(uuid.UUID(int=7))]


def test_a_till_in_a_log_of_days():
    days = pd.date_range("2024-01-01", periods=90).strftime("%Y-%m-%d")
    people = [(f"c{number % 200}", f"i{number % 50}", days[number % 90]) for number in range(2400)]
    till = [("STORE", f"i{number % 50}", days[number % 88]) for number in range(4000)]
    log = purchases(people + till).assign(line=range(6400))
    assert Dataset(log).nobody_ids == ["STORE"]


def test_a_timetable_is_no_shifted_copy():
    rows = [(f"c{one}", "x", f"2024-01-{day:02d} {hour:02d}:{one // 60:02d}:{one % 60:02d}")
            for one in range(150) for day in range(1, 29) for hour in (8, 20)]
    assert Dataset(purchases(rows)).n_rows_aside == 0


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


# Which files are read, and which are not


LOG = "customer_id,item_id,event,timestamp\n"


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    "A folder with these files, by their paths."
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def parquet(**columns: object) -> bytes:
    "A parquet file: two views, with these columns beside or in place of the usual ones."
    usual = {"customer_id": ["a", "b"], "item_id": ["x", "y"], "event": ["view"] * 2, "timestamp": ["2024-01-01"] * 2}
    sink = io.BytesIO()
    pq.write_table(pa.table(usual | columns), sink)
    return sink.getvalue()


def not_read(shop: Dataset) -> dict[str, str]:
    files = shop.source_files
    assert (files[files.not_read != ""][["rows", "aside"]] == 0).all(axis=None)
    return files[files.not_read != ""].set_index("file").not_read.to_dict()


def test_each_file_that_is_not_read_is_named(tmp_path):
    view = LOG + "c1,i1,view,2024-01-01\n"
    others = {
        "events.csv.lz4": "other_ending",
        "events.xml": "other_ending",
        "customers.xlsx": "other_ending",
        "part-00001": "other_name",
        "notes": "other_name",
        "sales_2023.csv": "other_name",
        "README.md": "no_data",
        ".DS_Store": "no_data",
        "~$customers.xlsx": "no_data",
    }
    put(tmp_path, {"events.csv": view, "archive/old.csv": view, **dict.fromkeys(others, "PK")})
    shop = read_dataset(tmp_path)
    assert shop.n_rows_in == 1 and not_read(shop) == others | {"archive/": "other_name"}
    assert shop.source_files.query("not_read == ''").file.tolist() == ["events.csv"]
    assert all(name in check_text(shop, "shop") for name in [*others, "archive/"])


def test_tables_are_found_in_any_case(tmp_path):
    put(tmp_path, {"EVENTS.CSV": LOG + "c1,i1,view,2024-01-01\n", "Items.csv": "item_id,title\ni1,Tea\n"})
    put(tmp_path, {"Customers/1.CSV": "customer_id,age\nc1,30\n"})
    shop = read_dataset(tmp_path)
    assert shop.items.title.execute().tolist() == ["Tea"] and shop.customers.age.execute().tolist() == [30]
    assert shop.source_files.file.tolist() == ["EVENTS.CSV", "Items.csv", "1.CSV"] and not_read(shop) == {}
    for name in ("events.csv", "events.parquet", "Events/1.csv"):
        two = put(tmp_path / name.replace("/", "_"), {"EVENTS.CSV": LOG, name: LOG})
        with pytest.raises(ValueError, match=r"holds events twice: .*EVENTS.CSV"):
            read_dataset(two)


@pytest.mark.parametrize(
    "name", ["events_2.csv", "events-2024.csv", "events (1).csv", "Events2.CSV.gz", "2023_events.csv", "events_old/1.csv"]
)
def test_what_looks_like_another_part_is_told(tmp_path, name):
    view = LOG + "c1,i1,view,2024-01-01\n"
    more = gzip.compress(view.encode()) if name.endswith("gz") else view
    put(tmp_path / "shop", {"events.csv": view, name: more})
    with pytest.warns(UserWarning, match="is not read, but is called like another part of events"):
        shop = read_dataset(tmp_path / "shop")
    assert shop.n_rows_in == 1 and list(not_read(shop).values()) == ["like_a_part"]
    text = check_text(shop, "shop")
    assert name.split("/")[0] in text and "put all files of events into one folder events/" in text
    put(tmp_path / "both", {"events/events.csv": view, f"events/{name}": more})
    assert read_dataset(tmp_path / "both").n_rows_in == 2


def test_parts_alone_are_told_in_the_error(tmp_path):
    view = LOG + "c1,i1,view,2024-01-01\n"
    put(tmp_path / "a", {"events_1.csv": view, "events_2.csv": view.replace("c1", "c2")})
    assert read_dataset(tmp_path / "a").n_rows_in == 2   # the same columns: parts of one table
    put(tmp_path / "b", {"events.xlsx": "PK"})
    with pytest.raises(ValueError, match=r"events.xlsx: what is read ends in one of .parquet, .csv"):
        read_dataset(tmp_path / "b")
    put(tmp_path / "c", {"events/1.csv": view})
    assert read_dataset(tmp_path / "c" / "events").n_rows_in == 1


@pytest.mark.parametrize(
    ("parts", "others"),
    [
        (["1.csv", "2.csv.gz", "3.tsv"], {"README.txt": "no_data", "notes.txt": "other_ending", "x.json": "other_ending"}),
        (["1.txt", "2.txt"], {"README": "no_data", "LICENSE.txt": "no_data", "sums.csv": "other_ending"}),
        (["1.csv"], {"readme-first.txt": "no_data", "notes.txt": "other_ending", "part-00001": "other_ending"}),
        (["1.csv", "manifest.csv"], {"_SUCCESS": "no_data", ".1.csv.crc": "no_data", "a.crc": "other_ending"}),
        (["2023/1.csv", "2024/1.csv"], {"2024/_temporary/": "no_data", "2024/.1.csv.crc": "no_data"}),
        (["1.parquet", "a/1.parquet"], {"README.txt": "no_data", "notes.txt": "other_ending", "_metadata": "no_data"}),
        (["part-00000", "part-00001"], {"_SUCCESS": "no_data", "NOTICE": "no_data", "x.png": "other_ending"}),
    ],
)
def test_notes_beside_parts_are_no_parts(tmp_path, parts, others):
    for place, name in enumerate(parts):
        row = f"c{place},i1,view,2024-01-01\n"
        content = (LOG.replace(",", "\t") + row.replace(",", "\t") if name.endswith("tsv") else LOG + row).encode()
        content = parquet() if name.endswith("parquet") else gzip.compress(content) if name.endswith("gz") else content
        put(tmp_path / "events", {name: content})
    for name in others:
        put(tmp_path / "events", {name + "x" if name.endswith("/") else name: "Written each night."})
    shop = read_dataset(tmp_path)
    read = shop.source_files.query("not_read == ''")
    assert read.file.tolist() == sorted(parts) and read.rows.sum() == shop.n_rows_in
    assert not_read(shop) == {f"events/{name}": reason for name, reason in others.items()}
    assert all(name in check_text(shop, "shop") for name in others)


def test_parts_without_an_ending_are_what_their_bytes_say(tmp_path):
    view = (LOG + "c1,i1,view,2024-01-01\n").encode()
    zst = pa.compress(view, "zstd", asbytes=True)
    put(tmp_path / "text", {"events/part-0": view, "events/part-1.gz": gzip.compress(view), "events/part-2.zst": zst})
    put(tmp_path / "parquet", {"events/part-0": parquet(), "events/part-1": parquet()})
    assert read_dataset(tmp_path / "text").n_rows_in == 3 and read_dataset(tmp_path / "parquet").n_rows_in == 4
    assert read_dataset(tmp_path / "text" / "events" / "part-1.gz").n_rows_in == 1
    put(tmp_path / "both", {"events/part-0": parquet(), "events/part-1": view})
    with pytest.raises(ValueError, match=r"part-0 \(parquet\) and part-1 \(text\)"):
        read_dataset(tmp_path / "both")
    put(tmp_path / "none", {"events/part-0": b"\0\1\2", "events/part-1": b"PK\3\4"})
    with pytest.raises(ValueError, match="holds no events"):
        read_dataset(tmp_path / "none")


def test_a_folder_may_be_called_like_a_file(tmp_path):
    "As Spark writes: a folder that is called events.parquet."
    put(tmp_path, {"events.parquet/part-0.parquet": parquet(), "events.parquet/_SUCCESS": ""})
    put(tmp_path, {"Items.csv/part-0.csv": "item_id\nx\n"})
    shop = read_dataset(tmp_path)
    assert shop.n_rows_in == 2 and len(shop.items.execute()) == 1 and not_read(shop) == {"events.parquet/_SUCCESS": "no_data"}
    (tmp_path / "events.parquet").rename(tmp_path / "sales.parquet")
    assert read_dataset(tmp_path / "sales.parquet").n_rows_in == 2
    put(tmp_path / "shop.csv", {"events.csv": LOG + "c1,i1,view,2024-01-01\n", "items.csv": "item_id\ni1\n"})
    assert read_dataset(tmp_path / "shop.csv").n_rows_in == 1


def test_a_link_that_leads_back_is_not_followed(tmp_path):
    put(tmp_path, {"events/1.csv": LOG + "c1,i1,view,2024-01-01\n"})
    (tmp_path / "events" / "again").symlink_to(tmp_path)
    shop = read_dataset(tmp_path)
    assert shop.n_rows_in == 1 and list(not_read(shop)) == ["events/again/"]


def test_files_beside_online_retail_are_named(tmp_path):
    names = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"]
    line = pd.DataFrame([["489434", "85048", "LIGHTS", 12, "2009-12-01 07:45", 6.95, 13085, "UK"]], columns=names)
    line.to_csv(tmp_path / "2009.csv", index=False)
    line.to_excel(tmp_path / "2010.xlsx", index=False)
    put(tmp_path, {"prices.csv": "a,b\n1,2\n", "prose.txt": "Nothing (at all) to read!\n", "x.pdf": "%PDF", "old/x": ""})
    shop = read_dataset(f"online-retail:{tmp_path}")
    unread = {"prices.csv": "other_columns", "prose.txt": "other_columns", "x.pdf": "other_ending", "old/": "other_name"}
    assert not_read(shop) == unread and shop.n_rows_in == 2
    assert "2010.xlsx, Sheet1: 1 rows, workbook" in check_text(shop, "shop")


# Parts are joined


def test_parts_whose_names_differ_in_case_alone(tmp_path):
    prices = {"price": [1, 2], "Price": [3.5, 4.0], "PRICE": ["5", "6"]}
    for place, (name, values) in enumerate(prices.items()):
        text = LOG.replace("\n", f",{name}\n") + "".join(f"c,i,view,2024-01-01,{value}\n" for value in values)
        put(tmp_path / "text" / "events", {f"{place}.csv": text})
        put(tmp_path / "parquet" / "events", {f"{place}.parquet": parquet(**{name: values})})
    put(tmp_path / "text" / "events", {"3.csv": LOG + "c3,i,view,2024-01-01\n"})
    put(tmp_path / "parquet" / "events", {"3.parquet": parquet(customer_id=["c", "d"])})
    for kind, lacking in {"parquet": "3.parquet", "text": "3.csv"}.items():
        shop = read_dataset(tmp_path / kind)
        columns = shop.source_columns.set_index("column")
        assert [name for name in columns.index if name.lower() == "price"] == ["price"]
        assert columns.missing_in["price"] == lacking and shop.events.price.sum().execute() == 21.5
        assert columns.as_text["price"] == ("int64, double, string" if kind == "parquet" else "")


def test_parts_of_one_name_in_two_folders(tmp_path):
    put(tmp_path, {"events/a/1.csv": LOG + "c2,i1,view,2024-01-01\nc1,i1\n"})
    put(tmp_path, {"events/b/1.csv": LOG.replace("\n", ",price\n") + "c1,i1,view,2024-01-01,2\n"})
    shop = read_dataset(tmp_path)
    assert shop.source_files[["file", "rows", "aside"]].values.tolist() == [["a/1.csv", 1, 1], ["b/1.csv", 1, 0]]
    assert shop.source_columns.set_index("column").missing_in["price"] == "a/1.csv"
    assert shop.quarantined.query("table == 'file'").file.tolist() == ["a/1.csv"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_folders_say_is_a_column(tmp_path, ending):
    text = (LOG + "a,x,view,2024-01-01\nb,y,view,2024-01-01\n").encode()
    content = text if ending == "csv" else parquet()
    days = ["day=2024-01-01/hour=07", "day=2024-01-02/hour=7", "day=__HIVE_DEFAULT_PARTITION__/hour=a%20b", "."]
    # A folder above the shop says nothing of it.
    shop = read_dataset(put(tmp_path / "year=1999", {f"events/{day}/part-0.{ending}": content for day in days}))
    columns = shop.source_columns.set_index("column")
    assert columns.loc[["day", "hour"], "read_as"].tolist() == ["", ""] and "year" not in columns.index
    assert columns.example["hour"] == "07" and columns.missing_in["day"] == f"part-0.{ending}"
    assert shop.source_files.file[0] == f"day=2024-01-01/hour=07/part-0.{ending}"
    assert shop.summary.n_events == 8   # the same rows under another day are no copies
    mapped = read_dataset(tmp_path / "year=1999", columns={"session_id": "hour"})
    told = sorted(mapped.events.session_id.execute().dropna().unique())
    assert told == ["07", "7", "a b"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_column_of_a_file_goes_before_what_its_folder_says(tmp_path, ending):
    content = (LOG.replace("\n", ",Day\n") + "a,x,view,2024-01-01,5\n").encode()
    put(tmp_path, {f"events/day=6/1.{ending}": parquet(Day=["5", "5"]) if ending == "parquet" else content})
    columns = read_dataset(tmp_path).source_columns.set_index("column")
    assert columns.example["Day"] == "5" and "day" not in columns.index


# Kinds that differ


def joined(folder: Path, name: str, *parts: pa.Array) -> tuple[list, list[str]]:
    "The values of a column of parts, without those that are missing, and its kinds where these are told."
    for place, values in enumerate(parts):
        put(folder, {f"{place}.parquet": parquet(**{name: values})})
    read = read_parquet_files(connect(), [folder / f"{place}.parquet" for place in range(len(parts))])
    assert read.report.rows == read.table.count().execute()
    return read.table[name].to_pyarrow().drop_null().to_pylist(), read.report.as_text.get(name, [])


FIVES = {
    "int64": pa.array([5, 6]),
    "int32": pa.array([5, 6], pa.int32()),
    "uint64": pa.array([5, 6], pa.uint64()),
    "double": pa.array([5.0, 6.0]),
    "float": pa.array([5.0, 6.0], pa.float32()),
    "decimal": pa.array(["5.00", "6.00"]).cast(pa.decimal128(10, 2)),
    "string": pa.array(["5", "6"]),
    "large_string": pa.array(["5", "6"], pa.large_string()),
    "category": pa.array(["5", "6"]).dictionary_encode(),
    "bytes": pa.array([b"5", b"6"]),
}
ALIKE = [{"int64", "int32"}, {"string", "large_string", "category", "bytes"}]


@pytest.mark.parametrize("one", FIVES)
def test_an_id_is_one_whatever_its_kind(tmp_path, one):
    for other in set(FIVES) - {one}:
        values, told = joined(tmp_path, "customer_id", FIVES[one], FIVES[other])
        wider = any({one, other} <= alike for alike in ALIKE)
        assert sorted(map(str, values)) == ["5", "5", "6", "6"] and bool(told) == (not wider), other


def test_kinds_that_are_read_as_text_are_told(tmp_path):
    put(tmp_path, {"events/1.parquet": parquet(price=[2, 3], customer_id=["c", "d"])})
    shop = read_dataset(put(tmp_path, {"events/2.parquet": parquet(price=[2.5, 2.0])}))
    assert shop.source_columns.set_index("column").as_text["price"] == "int64, double"
    assert sorted(shop.events.price.execute()) == [2, 2, 2.5, 3]
    assert "events column price holds int64, double: read as text" in check_text(shop, "shop")


def test_numbers_are_one_text_in_each_kind(tmp_path):
    text = pa.array(["2.1", "90.75"])
    for values in (
        pa.array([2.1, 90.75]),
        pa.array([2.1, 90.75], pa.float32()),
        pa.array(["2.1000", "90.7500"]).cast(pa.decimal128(20, 4)),
    ):
        assert joined(tmp_path, "size", values, text)[0] == ["2.1", "90.75"] * 2, values.type
    long = pa.array(["12345678901234567890.10", "0.10"]).cast(pa.decimal128(22, 2))
    assert joined(tmp_path, "size", long, text)[0][:2] == ["12345678901234567890.1", "0.1"]
    assert joined(tmp_path, "size", pa.array([1e20, 1e-5]), text)[0][:2] == ["1" + 20 * "0", "1e-05"]
    assert joined(tmp_path, "size", pa.array([float("nan"), 1]), text)[0] == ["1", "2.1", "90.75"]
    assert joined(tmp_path, "flag", pa.array([True, False]), pa.array([1, 0]))[0] == ["1", "0"] * 2
    assert joined(tmp_path, "flag", pa.array([True, False]), pa.array(["true", "no"]))[0][0] == "true"


SECONDS = 1_704_067_200   # 2024-01-01
TIMES = {
    "ms": pa.array([SECONDS * 10**3] * 2, pa.timestamp("ms")),
    "us": pa.array([SECONDS * 10**6] * 2, pa.timestamp("us")),
    "ns": pa.array([SECONDS * 10**9] * 2, pa.timestamp("ns")),
    "zone": pa.array([SECONDS * 10**3] * 2, pa.timestamp("ms", tz="Europe/Berlin")),
    "utc": pa.array([SECONDS * 10**6] * 2, pa.timestamp("us", tz="UTC")),
    "date": pa.array([SECONDS // 86_400] * 2, pa.date32()),
    "epoch": pa.array([SECONDS] * 2),
    "string": pa.array(["2024-01-01 01:00:00+01:00"] * 2),
}
NAIVE, ZONED = {"ms", "us", "ns", "date"}, {"zone", "utc"}


def test_times_of_different_kinds_are_joined(tmp_path):
    for one, other in itertools.combinations(TIMES, 2):
        told = joined(tmp_path, "timestamp", TIMES[one], TIMES[other])[1]
        assert bool(told) == (not any({one, other} <= alike for alike in (NAIVE, ZONED))), (one, other)
    for place, (name, values) in enumerate(TIMES.items()):
        put(tmp_path / name, {"events/1.parquet": parquet(timestamp=values, customer_id=["c", "d"])})
        put(tmp_path / "all", {f"events/{place}.parquet": parquet(timestamp=values, customer_id=[f"{name}1", f"{name}2"])})
    put(tmp_path / "naive", {f"events/{name}.parquet": parquet(timestamp=TIMES[name]) for name in NAIVE})
    for name in ("all", "naive"):
        assert set(read_dataset(tmp_path / name).events.timestamp.execute()) == {pd.Timestamp("2024-01-01")}


def test_a_column_without_values_in_a_part_has_the_kind_of_the_others(tmp_path):
    for name, values in (FIVES | TIMES).items():
        known, told = joined(tmp_path, "extra", pa.nulls(2), values)
        assert len(known) == 2 and told == [] and (name not in ("double", "int64") or known[0] in (5, SECONDS)), name
    assert joined(tmp_path, "extra", pa.nulls(2), pa.nulls(2)) == ([], [])


@pytest.mark.parametrize(
    "values",
    [
        pa.array([{"a": 1, "b": ["x"]}, None]),
        pa.array([[1, 2], None]),
        pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
    ],
    ids=["struct", "list", "map"],
)
def test_nested_columns_are_text(tmp_path, values):
    for other in (pa.array(["x", "y"]), values, pa.array([1.5, 2])):
        known, told = joined(tmp_path, "basket", values, other)
        assert all(isinstance(one, str) for one in known) and "1" in known[0] and told, other.type
    put(tmp_path / "shop", {"events/1.parquet": parquet(basket=values), "events/2.parquet": parquet(basket=[1.5, 2])})
    shop = read_dataset(put(tmp_path / "shop", {"items.parquet": parquet(basket=values)}))
    column = shop.source_columns.set_index(["table", "column"]).loc[("events", "basket")]
    assert column.read_as == "" and column.example in check_text(shop, "shop") and shop.n_rows_in == 4
    assert "1" in shop.items.execute().basket.dropna().iloc[0]


def test_parquet_parts_that_are_empty_are_read(tmp_path):
    sink = io.BytesIO()
    pq.write_table(pa.table({}), sink)   # as pandas writes a frame without columns
    none = pq.read_table(io.BytesIO(parquet())).slice(0, 0)
    empty = io.BytesIO()
    pq.write_table(none, empty)
    put(tmp_path, {f"events/{place}.parquet": one for place, one in enumerate((sink.getvalue(), empty.getvalue(), parquet()))})
    shop = read_dataset(tmp_path)
    assert shop.n_rows_in == 2 and shop.source_files.rows.tolist() == [0, 0, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (parquet()[:-30], "its end is missing"),
        (parquet()[:60], "its end is missing"),
        (LOG.encode(), "begins with 'customer_id,item_id,event,timestamp'"),
        (b"PARE" + parquet()[4:-4] + b"PARE", "encrypted"),
        (b"", "is empty"),
        (parquet(Event=["x", "y"]), "two columns named 'event'"),
        (parquet(**{"": ["x", "y"]}), "a column without a name"),
    ],
    ids=["cut", "short", "text", "encrypted", "nothing", "a name twice", "no name"],
)
def test_a_parquet_part_that_cannot_be_read_is_named(tmp_path, content, message):
    put(tmp_path, {"events/1.parquet": parquet(), "events/day=1/2.parquet": content})
    with pytest.raises(ValueError, match=rf"day=1/2.parquet.*{message}"):
        read_dataset(tmp_path)


def test_a_parquet_part_whose_middle_is_damaged_is_named(tmp_path):
    content = bytearray(parquet())
    content[4:30] = b"\xff" * 26
    put(tmp_path, {"events/1.parquet": parquet(), "events/2.parquet": parquet(), "events/day=1/3.parquet": bytes(content)})
    with pytest.raises(ValueError, match=r"day=1/3\.parquet"):
        read_dataset(tmp_path)


def test_what_is_known_of_joined_tables_is_all_kept():
    one = FileReport(1, missing_in={"price": ["1"]}, as_text={"price": ["int64", "double"]}, repaired={"x": 1})
    two = FileReport(2, missing_in={"price": ["2"], "day": ["2"]}, as_text={"day": ["date"]}, repaired={"x": 2})
    both = join_reports([one, two])
    assert both.rows == 3 and both.repaired == {"x": 3} and both.missing_in == {"price": ["1", "2"], "day": ["2"]}
    assert both.as_text == {"price": ["int64", "double"], "day": ["date"]}


# What cannot be read has an error that teaches


HASHES = "customer_id#item_id#event#timestamp\n" + "c1#i1#view#2024-01-01\n" * 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HASHES, r"tried ',' ';'.*line 1: 'customer_id#.*line 3: 'c1#i1.*delimiter='#'"),
        (HASHES.replace("#", "*"), r"delimiter='\*'"),
        (HASHES.replace("#", " "), r"line 2: 'c1 i1 view.*delimiter=' '"),
        (HASHES.replace("#", "::"), r"delimiter=':'"),
        (HASHES.replace("2024-01-01", "2024-01-01#1,50").replace("stamp", "stamp#price"), r"delimiter='#'"),
        ("<!DOCTYPE html>\n<html><body>Log in, please</body></html>\n", r"line 1 is '<!DOCTYPE html>'.*web page"),
        ("\n\n<html lang='en'>\n", r"line 3 is .*web page"),
        ("<?xml version='1.0'?>\n<a/>\n", "XML"),
        ('{"customer_id": "a", "item_id": "b"}\n' * 3, r"line 1 is '\{\"customer_id.*JSON.*read_json\('FILE', lines=True\)"),
        ('[\n  {"customer_id": "a"},\n  {"customer_id": "b"}\n]\n', r"JSON.*read_json\('FILE'\)"),
        ('[{"customer_id": "a", "item_id": "b"}]', "JSON"),
        ("\n \n\t\n", "3 lines are all blank"),
        ("This is no table (at all): or is it?\nNo!\nNo?\n", r"line 1: 'This is no table.*line 3: 'No\?'"),
        (LOG + "a b\nc d\ne f\ng h\n", r"cut at ','. Line 2 \(short_line\): 'a b'. Line 3 .*'c d'. Line 4 .*'e f'"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_what_is_no_table_is_shown(tmp_path, text, message, packed):
    path = write(tmp_path / "log.csv", text.encode(), "gz" if packed else "")
    with pytest.raises(ValueError, match=f"(?s){message}") as error:
        read_dataset(path)
    assert str(path) in str(error.value) and "segrec-" not in str(error.value)


def test_the_call_of_the_error_works(tmp_path):
    (tmp_path / "log.csv").write_text(HASHES)
    assert read_dataset(tmp_path / "log.csv", layout=Layout(delimiter="#")).n_rows_in == 3
    (tmp_path / "log.csv").write_text(HASHES.replace("#", ","))
    with pytest.raises(ValueError, match=r"tried ';'.*delimiter=','"):
        read_dataset(tmp_path / "log.csv", layout=Layout(delimiter=";"))


def test_a_title_is_no_delimiter(tmp_path):
    for title, time in (("Bericht: Umsatz", "10:30"), ("Umsatz 2024", "2024-01-01 10:30"), ("Umsatz/Jahr", "1/2024")):
        (tmp_path / "log.csv").write_text(f"{title}\nKunde;Ware;Zeit\n" + f"c1;i1;{time}\n" * 9)
        with pytest.raises(ValueError, match=r"no column '(timestamp|event)'.*'Ware', 'Zeit'|'Zeit' is called like one"):
            read_dataset(tmp_path / "log.csv")


def test_a_table_of_one_column_is_one(tmp_path):
    put(tmp_path, {"events.csv": LOG + "c1,i1,view,2024-01-01\n"})
    put(tmp_path, {"customers.csv": 'customer_id\nc1\n"Ann of\nOld Lee"\nc3\n\n', "items.csv": "item_id\ni1\n"})
    shop = read_dataset(tmp_path)
    # A row of the empty line would stand in for the row that is made of two lines.
    assert shop.source_files.set_index("file").rows["customers.csv"] == 3
    assert sorted(shop.customers.customer_id.execute()) == ["Ann of\nOld Lee", "c1", "c3"]
