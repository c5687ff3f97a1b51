"Where logs come from: files, databases and a real server all give the same shop."

import contextlib
import getpass
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from conftest import purchases
from typer.testing import CliRunner

from segrec.cli import app
from segrec.data import Dataset, Layout, read_dataset
from segrec.reports import run_report
from segrec.segmentation import read_labels, write_labels

pytestmark = pytest.mark.xdist_group("sources")   # its fixtures are made once


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    "A PostgreSQL server of our own on loopback, stopped at the end: address without password, and with."
    pytest.importorskip("psycopg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [
        Path(path).parent for path in [shutil.which("initdb")] if path
    ]
    if not found:
        pytest.skip("no PostgreSQL server is installed")
    folder = tmp_path_factory.mktemp("postgres")
    # PostgreSQL refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    user = "postgres" if as_user else getpass.getuser()
    if as_user:
        for place in (folder, *folder.parents):
            if place == folder or place.name.startswith(("pytest-", "popen-")):
                place.chmod(0o755)
        shutil.chown(folder, "postgres")
    (folder / "password").write_text("secret word")
    (folder / "password").chmod(0o644)
    run = [*as_user, str(found[-1] / "initdb"), "-D", str(folder / "data"), "-U", user, "-A", "scram-sha-256"]
    subprocess.run([*run, "--pwfile", str(folder / "password")], check=True, capture_output=True, cwd=folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-D", str(folder / "data"), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", str(folder)]
    process = subprocess.Popen(
        [*as_user, str(found[-1] / "postgres"), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    url = f"postgresql://{user}:secret%20word@127.0.0.1:{port}/postgres"
    import psycopg

    for _ in range(100):
        try:
            psycopg.connect(url).close()
            break
        except psycopg.OperationalError:
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def filled(server, demo):
    "The server, with the demo shop in its tables."
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        kinds = {
            "timestamp": "timestamptz",
            "quantity": "numeric(8, 1)",
            "price": "numeric(10, 2)",
            "discount": "double precision",
        }
        for name in ("events", "items", "customers"):
            frame = getattr(demo, name).execute()
            fields = ", ".join(f'"{column}" {kinds.get(column, "text")}' for column in frame)
            connection.execute(f"DROP TABLE IF EXISTS {name}")
            connection.execute(f"CREATE TABLE {name} ({fields})")
            with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
                    copy.write_row([value if not isinstance(value, pd.Timestamp) else f"{value}+00" for value in row])
    return server


def test_a_server_gives_the_same_shop(filled, demo, tmp_path):
    shop = read_dataset(filled)
    assert shop.n_rows_in == demo.n_rows_in and shop.summary.equals(demo.summary)
    assert shop.events.price.sum().execute() == pytest.approx(demo.events.price.sum().execute())
    page = run_report("segments", filled, tmp_path)
    written = [
        path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.suffix in (".html", ".json", ".ipynb")
    ]
    assert page.is_file() and not any("secret" in text for text in written)


def test_each_row_of_a_server_comes_whatever_its_kinds(server):
    import psycopg

    rows = [
        "('11111111-2222-3333-4444-555555555555', 'tea', '2025-01-01 10:00+01', 2.50, '{a,b}', 'high', 12345678901234567890)",
        "('22222222-2222-3333-4444-555555555555', 'jam', '2025-01-02 10:00+01', 'NaN', '{}', 'low', 7)",
        "('33333333-2222-3333-4444-555555555555', 'oil', 'infinity', 3, NULL, 'low', 8)",
        "('44444444-2222-3333-4444-555555555555', 'oil', '4713-01-01 00:00+00 BC', 3, NULL, 'low', 9)",
        "('11111111-2222-3333-4444-555555555555', 'a \"b\"\n', '2025-01-03 10:00+01', 4.75, NULL, 'low', 10)",
    ]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS odd CASCADE; CREATE SCHEMA odd; CREATE TYPE odd.level AS ENUM ('low', 'high')")
        connection.execute("CREATE DOMAIN odd.money AS numeric CHECK (value > 0 OR value = 'NaN')")
        connection.execute(
            "CREATE TABLE odd.sales (customer_id uuid, item_id text, timestamp timestamptz, price odd.money, tags text[], "
            "level odd.level, order_id numeric(20, 0))"
        )
        connection.execute(f"INSERT INTO odd.sales VALUES {', '.join(rows)}")
    shop = read_dataset(server, columns={"event": "purchase"}, layout=Layout(events={"table": "odd.sales"}))
    events = shop.events.execute().sort_values("timestamp")
    assert shop.n_rows_in == 5 and len(events) == 3
    assert shop.quarantined.reason.tolist() == ["unreadable_time"] * 2 and "infinity" in [*shop.quarantined.timestamp]
    assert events.customer_id.tolist()[0] == "11111111-2222-3333-4444-555555555555"
    assert events.order_id.tolist() == ["12345678901234567890", "7", "10"] and events.price.sum() == 7.25
    assert events.timestamp.tolist()[0] == pd.Timestamp("2025-01-01 09:00") and events["item_id"].tolist()[2] == 'a "b"'


def test_a_server_with_long_values_and_names_that_differ_in_case(server):
    import psycopg

    fields = "customer_id text, item_id text, event text, timestamp timestamptz, price numeric"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS long CASCADE; CREATE SCHEMA long")
        connection.execute(f'CREATE TABLE long.notes ({fields}, note text); CREATE TABLE long.twice ({fields}, "Price" numeric)')
        row = "('ann', 'tea', 'purchase', '2025-01-0{0}', 2.5, {1})"
        notes = ", ".join(row.format(day, "repeat('x', 20000000)" if day == 2 else "'short'") for day in (1, 2, 3))
        connection.execute(f"INSERT INTO long.notes VALUES {notes}")
    shop = read_dataset(server, layout=Layout(events={"table": "long.notes"}))
    assert shop.n_rows_in == 3 and shop.events.price.sum().execute() == 7.5
    with pytest.raises(ValueError, match="two columns named 'price': rename or drop one"):
        read_dataset(server, layout=Layout(events={"table": "long.twice"}))


def test_a_file_that_this_process_has_open(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as mine:
        fields = "customer_id VARCHAR, item_id VARCHAR, event VARCHAR, timestamp TIMESTAMP, price DOUBLE, wait INTERVAL"
        mine.execute(f"CREATE TABLE sales ({fields})")
        mine.execute("INSERT INTO sales VALUES ('ann', 'tea', 'purchase', '2025-01-01', 2.5, INTERVAL 3 DAY)")
        mine.execute("CREATE VIEW events AS SELECT * FROM sales")
        assert read_dataset(path).n_rows_in == 1
        mine.execute("INSERT INTO sales VALUES ('bob', 'tea', 'purchase', '2025-01-02', 2.5, NULL)")
        assert read_dataset(path).n_rows_in == 2
    assert read_dataset(path).n_rows_in == 2


def test_bytes_that_sqlite_takes_for_text(tmp_path):
    connection = sqlite3.connect(tmp_path / "shop.sqlite")
    connection.execute("CREATE TABLE events (customer_id TEXT, item_id TEXT, event TEXT, timestamp TEXT)")
    row = "(CAST(x'{}' AS TEXT), 'tea', 'purchase', '2025-01-01')"
    connection.execute(f"INSERT INTO events VALUES {', '.join(map(row.format, ('ff41', 'fe41', 'c3a941')))}")
    connection.commit()
    connection.close()
    shop = read_dataset(tmp_path / "shop.sqlite")
    assert sorted(shop.events.customer_id.execute()) == ["\\xfeA", "\\xffA", "éA"]


def test_many_read_labels_while_one_writes(tmp_path):
    url = str(tmp_path / "labels.duckdb")
    write_labels(pd.Series({"ann": "a"}), url, "2026-01-01", "v1")
    code = f"from segrec.segmentation import read_labels; assert len(read_labels({url!r})) == 1"
    readers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    holds = f"import duckdb, time; c = duckdb.connect({url!r}); print('held', flush=True); time.sleep(1.5)"
    assert [one.wait() for one in readers] == [0] * 4
    with subprocess.Popen([sys.executable, "-c", holds], stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline()
        assert read_labels(url).to_dict() == {"ann": "a"}   # waits until it is free
        assert write_labels(pd.Series({"ann": "b"}), url, "2026-02-01", "v1").opened == 1
    with duckdb.connect(url) as mine:   # this process itself
        assert read_labels(url).to_dict() == {"ann": "b"} and mine.execute("SELECT 1").fetchone() == (1,)


COMMANDS = {
    "check": ["check", "{}"],
    "check --json": ["check", "{}", "--json"],
    "drift": ["drift", "--current", "{}"],
    "drift --json": ["drift", "--current", "{}", "--json"],
    "diagnose": ["diagnose", "--data", "{}"],
    "init": ["init", "{}", "--out", "shop.toml"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["user and password", "query"])
def test_commands_that_succeed_say_no_password(command, form, server, demo, tmp_path, monkeypatch):
    import psycopg

    monkeypatch.chdir(tmp_path)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS said")
        connection.execute("CREATE DATABASE said")
    server = server.removesuffix("/postgres") + "/said"
    with psycopg.connect(server, autocommit=True) as connection:
        columns = 'customer_id text, item_id text, event text, "timestamp" timestamp'
        connection.execute(f"CREATE TABLE public.events ({columns})")
        rows = demo.events.select("customer_id", "item_id", "event", "timestamp").execute().iloc[::15]
        with connection.cursor() as cursor, cursor.copy("COPY public.events FROM STDIN") as copy:
            for row in rows.itertuples(index=False):
                copy.write_row([*row[:3], row.timestamp.to_pydatetime()])
    user, place = server.removeprefix("postgresql://").split(":")[0], server.split("@")[1]
    url = server if form == "user and password" else f"postgresql://{place}?user={user}&password=secret%20word"
    done = CliRunner().invoke(app, [word.format(url) for word in COMMANDS[command]])
    assert done.exit_code in (0, 2, 3, 5), done.output
    written = "".join(path.read_text() for path in tmp_path.iterdir() if path.is_file())
    said = done.output + written
    assert "secret" not in said and (place.split("/")[0] in said or command == "drift --json")


def test_an_address_in_any_form_opens_the_same_shop(filled, monkeypatch):
    user, place = filled.removeprefix("postgresql://").split("@")[0].split(":")[0], filled.split("@")[1]
    host, name = place.split("/")
    one, port = host.split(":")
    n_rows = read_dataset(filled).n_rows_in
    for address in (
        filled.replace("%20", "%20").replace("postgresql", "postgres"),
        f"postgresql://{host}/{name}?user={user}&password=secret%20word",
        f"postgresql:///{name}?host={one}&port={port}&user={user}&password=secret+word",
        f"postgresql://{user}@{place}?password=secret%20word&sslmode=prefer",
    ):
        assert read_dataset(address).n_rows_in == n_rows, address
    monkeypatch.setenv("PGPASSWORD", "secret word")
    assert read_dataset(f"postgresql://{user}@{place}").n_rows_in == n_rows


def test_a_server_that_does_not_answer(server):
    with pytest.raises(ValueError, match="does not answer") as error:
        read_dataset(server.replace("secret", "wrong"))
    assert "wrong" not in str(error.value)


@pytest.mark.parametrize("ending", ["duckdb", "sqlite", "db"])
def test_database_files_give_the_same_shop(tmp_path, demo, ending):
    path = tmp_path / f"it's a shop.{ending}"
    frames = {name: getattr(demo, name).execute() for name in ("events", "items", "customers")}
    if ending == "sqlite":
        connection = sqlite3.connect(path)
        for name, frame in frames.items():
            frame.to_sql(name, connection, index=False)
        connection.close()
    else:
        with duckdb.connect(str(path)) as database:
            for name, frame in frames.items():
                database.register("frame", frame)
                database.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
    assert read_dataset(path).fingerprint == demo.fingerprint


def test_sqlite_columns_that_mix_kinds(tmp_path):
    connection = sqlite3.connect(tmp_path / "shop.sqlite")
    connection.execute("CREATE TABLE events (customer_id, item_id, event, timestamp, price, note)")
    rows = [(1, "a", "purchase", "2025-01-01", 2, None), ("x1", "b", "purchase", "2025-01-02", "3.5", b"blob")]
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    shop = read_dataset(tmp_path / "shop.sqlite")
    assert sorted(shop.events.customer_id.execute()) == ["1", "x1"] and shop.events.price.sum().execute() == 5.5


def test_a_database_without_events(tmp_path):
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.execute("CREATE TABLE sales (a INTEGER)")
    with pytest.raises(ValueError, match="CREATE VIEW events"):
        read_dataset(tmp_path / "shop.duckdb")


def test_online_retail_in_all_its_editions(test_data, tmp_path):
    raw = pd.read_parquet(test_data / "online_retail_2010_2011.parquet").head(3000)
    raw.to_parquet(tmp_path / "lines.parquet")
    american = raw.rename(columns={"Invoice": "InvoiceNo", "Price": "UnitPrice", "Customer ID": "CustomerID"})
    stamps = american.InvoiceDate.dt
    american["InvoiceDate"] = [
        f"{month}/{day}/{year} {hour}:{minute:02d}"
        for month, day, year, hour, minute in zip(
            stamps.month, stamps.day, stamps.year, stamps.hour, stamps.minute, strict=True
        )
    ]
    american.to_csv(tmp_path / "lines.csv", index=False)
    with pd.ExcelWriter(tmp_path / "lines.xlsx") as book:
        raw.head(1500).to_excel(book, sheet_name="one", index=False)
        raw.tail(1500).to_excel(book, sheet_name="two", index=False)
    shops = [read_dataset(f"online-retail:{tmp_path / name}") for name in ("lines.parquet", "lines.csv", "lines.xlsx")]
    assert len({shop.events.timestamp.max().execute() for shop in shops}) == 1
    assert len({tuple(shop.summary) for shop in shops}) == 1
    assert read_dataset(tmp_path / "lines.parquet").fingerprint == shops[0].fingerprint
    with pytest.raises(FileNotFoundError, match="UCI"):
        read_dataset("online-retail")


def test_both_years_of_online_retail(test_data):
    shop = read_dataset(f"online-retail:{test_data}")
    report = shop.ingest_report.query("table == 'events'").set_index("rule").rows
    assert shop.n_rows_in == 525_461 + 541_909 == shop.summary.n_events + shop.n_rows_aside
    # Nine days stand in both files: 22,523 lines each, less those that other rules set aside.
    assert report["duplicate_line"] > 20_000 and report["cancellation"] > 15_000 and report["item_spelling"] > 0
    again = Dataset(shop.events, shop.items, shop.customers)
    assert again.n_rows_aside == 0 and again.ingest_report.rows.sum() == 0 and again.fingerprint == shop.fingerprint


def test_a_session_in_another_zone():
    "An Ibis table on somebody else's connection, which counts time in New York."
    import ibis

    elsewhere = ibis.duckdb.connect()
    elsewhere.raw_sql("SET TimeZone = 'America/New_York'")
    log = purchases([("a", "x", "2025-01-01 12:00:00+00:00"), ("b", "x", "2025-01-01 23:00")])
    texts = elsewhere.create_table("texts", log)
    instants = elsewhere.create_table(
        "instants", log.assign(timestamp=pd.to_datetime(log.timestamp, utc=True, format="ISO8601"))
    )
    expected = [pd.Timestamp("2025-01-01 12:00"), pd.Timestamp("2025-01-01 23:00")]
    for table in (texts, instants):
        assert Dataset(table).events.order_by("customer_id").timestamp.execute().tolist() == expected


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "postgres"])
def test_labels_have_a_history_in_every_database(kind, request, tmp_path):
    url = request.getfixturevalue("server") if kind == "postgres" else f"{kind}:///{tmp_path}/labels.{kind}"
    runs = {
        "2026-01-01": ({"ann": "a", "bob": "b", "o'neil": "quote's"}, "v1"),
        "2026-02-01": ({"ann": "a", "bob": "a", "eve": "b"}, "v1"),
        "2026-03-01 12:30": ({"ann": "b", "bob": "a", "o'neil": "b"}, "v2"),
    }
    for day, (labels, version) in runs.items():
        for _ in range(2):  # once more changes nothing
            written = write_labels(pd.Series(labels), url, day, version)
    assert written == (3, 3, 3)
    for day, (labels, _) in runs.items():
        assert read_labels(url, day).to_dict() == labels, day
    assert read_labels(url, "2026-02-28").to_dict() == runs["2026-02-01"][0] and read_labels(url, "2025-12-31").empty
    assert read_labels(url).to_dict() == runs["2026-03-01 12:30"][0]
    with pytest.raises(ValueError, match="history is written forwards"):
        write_labels(pd.Series({"ann": "a"}), url, "2026-02-15", "v2")
    # Nothing of a run that fails is there.
    with pytest.raises(ValueError, match="no table of labels"):
        write_labels(pd.Series({"ann": "a"}), url, "2026-04-01", "v3", table=other_table(url))
    assert read_labels(url).to_dict() == runs["2026-03-01 12:30"][0]
    with pytest.raises(ValueError, match="letters, digits"):
        read_labels(url, table="x; DROP TABLE y")


def other_table(url: str) -> str:
    "A table of somebody else's in the same database."
    kind, _, path = url.partition("://")
    if kind == "duckdb":
        with duckdb.connect(path) as connection:
            connection.execute("CREATE TABLE theirs (x INTEGER)")
    elif kind == "sqlite":
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE theirs (x INTEGER)")
    else:
        import psycopg

        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE theirs (x INTEGER)")
    return "theirs"


def test_first_writers_at_once_end_whole(server):
    "Six runs make the table at the same moment: one makes it, the rest wait, and all labels are there."
    labels = pd.Series({f"c{number}": "all" for number in range(50)})
    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(lambda _: write_labels(labels, server, "2026-01-01", "v1", table="at_once"), range(6)))
    assert [one.customers for one in written] == [50] * 6
    assert len(read_labels(server, table="at_once")) == 50
