"Segments, customers, versions and tables with SQL in their names: written as they are, or refused."

import random
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd

from segrec.data.schema import as_ids
from segrec.segmentation import write_labels
from segrec.segmentation.labels import read_labels

from . import OWN_ERRORS, check_refusal
from .names import HOSTILE

SQL = [
    "'; DROP TABLE kept; --", '"; DROP TABLE kept; --', "x' OR '1'='1", "kept", "a.b", "select", "1", "ä", "a b",
    "`kept`", "[kept]",
    "main.kept", "kept; delete from kept", "%s", "?", ":1", "$1", "\\", "\\'", "''", "/* */", "-- ", "\0",
    "\ud800", "x" * 300, "",
]


def attempt(number: int, folder: Path) -> str:
    "One table of labels, written twice and read."
    draw = random.Random(number)
    texts = [*SQL, *HOSTILE]
    customers = pd.Index([draw.choice(texts) + str(place) for place in range(5)], dtype=object)
    labels = pd.Series([draw.choice(texts) for _ in customers], index=customers, dtype=object)
    table = "segment_labels" if draw.random() < .6 else draw.choice(SQL)
    kind = draw.choice(["duckdb", "sqlite"])
    path = folder / f"shop.{kind}"
    connect = duckdb.connect if kind == "duckdb" else sqlite3.connect
    base = connect(str(path))
    base.execute("create table kept (one integer)")
    base.execute("insert into kept values (1)")
    base.commit()
    base.close()
    try:
        for day in ("2024-01-01", "2024-01-02"):
            write_labels(labels, str(path), day, draw.choice(texts), table)
        found = read_labels(str(path), table=table)
        assert found.to_dict() == dict(zip(as_ids(customers), labels, strict=True))
        outcome = "held"
    except OWN_ERRORS as error:
        check_refusal(error)
        outcome = "refused"
    base = connect(str(path))
    assert base.execute("select count(*) from kept").fetchone() == (1,), "another table was changed"
    base.close()
    return outcome
