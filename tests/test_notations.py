"""Generated logs in every notation of numbers, times and words read back to the same events, or are refused with a question."""

# ruff: noqa: E501

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segrec.data import Layout, read_dataset

DECIMALS, THOUSANDS = (".", ","), ("", ".", ",", " ", "\u00a0", "\u202f", "'", "’")
CURRENCIES = ("{}", "€ {}", "{} €", "EUR {}", "{}EUR", "${}", "US${}", "R$ {}", "{} kr", "CHF {}", "£{}", "{} zł")
SIGNS = ("-{}", "{}-", "({})", "−{}")
TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d.%m.%Y %H:%M",
    "%d.%m.%y",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d-%m-%Y",
    "%Y/%m/%d %H:%M",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%b %d, %Y %I:%M %p",
    "%d %B %Y",
    "%A, %d %b %Y %H:%M:%S",
    "seconds",
    "milliseconds",
    "excel",
)
WORDS = (
    {"view": "view", "cart": "cart", "purchase": "purchase"},
    {"view": "pv", "cart": "cart", "purchase": "buy"},
    {"view": "Product Viewed", "cart": "Product Added", "purchase": "Order Completed"},
    {"view": "view_item", "cart": "add_to_cart", "purchase": "transaction"},
    {"view": "Ansicht", "cart": "In den Warenkorb", "purchase": "Kauf"},
    {"view": "vue", "cart": "Ajout au panier", "purchase": "Achat"},
    {"view": "vista", "cart": "Añadir al carrito", "purchase": "Compra"},
)
HEADERS = (
    ("customer_id", "item_id", "event", "timestamp", "price", "quantity"),
    ("Kundennummer", "Artikel", "Ereignis", "Datum", "Preis", "Menge"),
    ("client", "produit", "événement", "Date", "Prix", "Quantité"),
    ("Cliente", "Producto", "Evento", "Fecha", "Precio", "Cantidad"),
    ("user_id", "product_id", "event_type", "event_time", "unit_price", "qty"),
)
EVENTS = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.integers(1, 9),
        st.sampled_from(["view", "cart", "purchase"]),
        st.datetimes(dt.datetime(2015, 1, 1), dt.datetime(2025, 6, 1)).map(lambda moment: moment.replace(second=0, microsecond=0)),
        st.integers(1, 3_000_000),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=12,
)


def written_number(cents: int, decimal: str, thousands: str, currency: str, sign: str) -> str:
    whole, rest = divmod(abs(cents), 100)
    digits = f"{whole:,}".replace(",", thousands) + decimal + f"{rest:02d}"
    text = currency.format(digits)
    return sign.format(text) if cents < 0 else text


def written_time(moment: dt.datetime, form: str) -> str:
    utc = moment.replace(tzinfo=dt.UTC)
    if form == "excel":
        return repr((moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1))
    if form in ("seconds", "milliseconds"):
        return str(int(utc.timestamp()) * (1 if form == "seconds" else 1000))
    return moment.strftime(form)


def as_written(moment: dt.datetime, form: str) -> dt.datetime:
    "What of a moment a form holds."
    has_clock = form in ("excel", "seconds", "milliseconds") or "%H" in form or "%I" in form
    return moment if has_clock else moment.replace(hour=0, minute=0)


def log_of(rows, header, words, decimal, thousands, currency, sign, form) -> pd.DataFrame:
    # Two rows decide what the others may leave open: a day above 12, a price with both marks.
    rows = [(1, 1, "purchase", dt.datetime(2024, 1, 31, 10, 5), 129_950, 1), *rows, (2, 1, "purchase", dt.datetime(2024, 2, 28, 9, 0), -550, 1)]
    frame = pd.DataFrame(
        [
            (f"k{who}", f"0{item}", words[event], written_time(moment, form), written_number(cents, decimal, thousands, currency, sign), str(units))
            for who, item, event, moment, cents, units in rows
        ],
        columns=header,
    )
    return frame


def expected(rows, form) -> pd.DataFrame:
    rows = [(1, 1, "purchase", dt.datetime(2024, 1, 31, 10, 5), 129_950, 1), *rows, (2, 1, "return", dt.datetime(2024, 2, 28, 9, 0), 550, 1)]
    frame = pd.DataFrame(
        [(f"k{who}", f"0{item}", event, as_written(moment, form), cents / 100, units) for who, item, event, moment, cents, units in rows],
        columns=["customer_id", "item_id", "event", "timestamp", "price", "quantity"],
    )
    return frame


def as_read(shop) -> pd.DataFrame:
    "All rows of a log as they were read, kept or set aside for what they are."
    judged = shop._judged["events"]
    names = ["customer_id", "item_id", "event", "timestamp", "price", "quantity"]
    return judged.select(names).execute()


def ordered(frame: pd.DataFrame) -> list[tuple]:
    rounded = frame.assign(price=frame.price.astype(float).round(6), quantity=frame.quantity.astype(float))
    return sorted(map(tuple, rounded.astype({"timestamp": str}).to_numpy()))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    EVENTS,
    st.sampled_from(HEADERS),
    st.sampled_from(WORDS),
    st.sampled_from(DECIMALS),
    st.sampled_from(THOUSANDS),
    st.sampled_from(CURRENCIES),
    st.sampled_from(SIGNS),
    st.sampled_from(TIMES),
)
def test_every_notation_is_read_back(tmp_path_factory, rows, header, words, decimal, thousands, currency, sign, form) -> None:
    if thousands == decimal:
        thousands = ""
    path = tmp_path_factory.mktemp("log") / "log.csv"
    log_of(rows, header, words, decimal, thousands, currency, sign, form).to_csv(path, index=False, sep=";")
    shop = read_dataset(path, now="2026-01-01", equal_lines="units")
    assert ordered(as_read(shop)) == ordered(expected(rows, form))
    assert shop.n_rows_in == len(rows) + 2


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=20), st.sampled_from("/-"))
def test_dates_of_two_readings_are_asked(tmp_path_factory, days, mark) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    rows = "".join(f"k{place},i,{first:02d}{mark}{second:02d}{mark}2024\n" for place, (first, second) in enumerate(days))
    path.write_text("customer,sku,date\n" + rows)
    if any(first != second for first, second in days):   # else both readings are one
        with pytest.raises(ValueError, match="day_first"):
            read_dataset(path, columns={"event": "purchase"})
    for day_first in (True, False):
        shop = read_dataset(path, columns={"event": "purchase"}, layout=Layout(events={"day_first": day_first}))
        months = {second if day_first else first for first, second in days}
        assert {*shop.events.timestamp.month().execute()} == months


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(1_000, 999_999), min_size=1, max_size=20), st.sampled_from(".,"))
def test_thousands_of_two_readings_are_asked(tmp_path_factory, prices, mark) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text("customer;sku;date;price\n" + "".join(f"k{i};i{i};2024-01-01;{price:,}\n".replace(",", mark) for i, price in enumerate(prices)))
    with pytest.raises(ValueError, match="decimal"):
        read_dataset(path)
    whole = read_dataset(path, layout=Layout(events={"thousands": mark})).events.price.execute()
    assert sorted(whole) == sorted(map(float, prices))
    fractions = read_dataset(path, layout=Layout(events={"decimal": mark})).events.price.execute()
    assert sorted(fractions.round(3)) == sorted(round(price / 1000, 3) for price in prices)


def test_two_currencies_in_one_column_are_never_added(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = ["€ 10,00", "€ 20,00", "€ 30,50", "$ 5,00"]
    path.write_text("Kunde;Artikel;Datum;Preis\n" + "".join(f"k{i};a;0{i + 1}.01.2024;{price}\n" for i, price in enumerate(rows)))
    shop = read_dataset(path)
    assert shop.layout.currency == "EUR" and shop.quarantined.reason.tolist() == ["other_currency"]
    path.write_text("Kunde;Artikel;Datum;Preis\n" + "".join(f"k{i};a;0{i + 1}.01.2024;{price}\n" for i, price in enumerate(rows[2:])))
    with pytest.raises(ValueError, match="currency"):
        read_dataset(path)


@pytest.mark.parametrize("text", [False, True])
def test_integers_are_days_in_frames_too(text: bool) -> None:
    from segrec.data import Dataset

    days = [20240105101500, 20240131235959]
    log = pd.DataFrame({"customer_id": ["a", "b"], "item_id": "x", "event": "purchase", "timestamp": list(map(str, days)) if text else days})
    assert Dataset(log).events.timestamp.max().execute() == pd.Timestamp("2024-01-31 23:59:59")
    log = log.assign(timestamp=["20060413", "20060414"] if text else [20060413, 20060414])
    assert Dataset(log).events.timestamp.min().execute() == pd.Timestamp("2006-04-13")
    log = log.assign(timestamp=["45292.5", "45293"] if text else [45292.5, 45293.0])
    assert Dataset(log).events.timestamp.min().execute() == pd.Timestamp("2024-01-01 12:00")


def test_days_and_hours_are_by_the_shops_clock(tmp_path: Path) -> None:
    from segrec.data import purchase_lines
    from segrec.segmentation import customer_features

    path = tmp_path / "log.csv"
    path.write_text("customer_id,item_id,event,timestamp\na,x,purchase,2024-07-06 00:30:00\na,y,purchase,2024-07-06 23:30:00\na,z,purchase,2024-07-07 00:15:00\n")
    berlin = read_dataset(path, layout=Layout(time_zone="Europe/Berlin"))
    assert str(berlin.events.timestamp.min().execute()) == "2024-07-05 22:30:00"
    assert str(berlin.as_of) == "2024-07-07 22:00:00"
    X = customer_features(berlin).iloc[0]
    assert X.frequency == 2 and X.weekend_share == 1 and X.evening_share == 1 / 3
    assert purchase_lines(berlin.events, "Europe/Berlin").order.nunique().execute() == 2
    zoned = tmp_path / "zoned.csv"
    zoned.write_text("customer_id,item_id,event,timestamp\na,x,purchase,2024-07-05T22:30:00Z\na,y,purchase,2024-07-06T23:30:00+02:00\na,z,purchase,2024-07-07T00:15:00+0200\n")
    assert read_dataset(zoned, layout=Layout(time_zone="Europe/Berlin")).fingerprint == berlin.fingerprint


def test_whoever_sends_everything_back_is_worth_nothing(tmp_path: Path) -> None:
    from segrec.data import Dataset
    from segrec.segmentation import customer_features, customer_lifetime_value, high_value_customers, rfm_scores

    rows = []
    for who in range(60):
        for week in range(0, 40, 2 + who % 5):
            rows.append((f"k{who:02d}", f"i{week % 7}", "purchase", pd.Timestamp("2024-01-01") + pd.Timedelta(days=7 * week + who % 7), 20.0 + who))
    for week in range(40):
        moment = pd.Timestamp("2024-01-02") + pd.Timedelta(days=7 * week)
        rows.append(("sender", "i1", "purchase", moment, 900.0))
        rows.append(("sender", "i1", "return", moment + pd.Timedelta(days=3), 900.0))
    shop = Dataset(pd.DataFrame(rows, columns=["customer_id", "item_id", "event", "timestamp", "price"]), now="2025-01-01")
    X = customer_features(shop, features=["monetary", "gross_monetary", "average_order_value"])
    assert X.monetary["sender"] == 0 and X.gross_monetary["sender"] == 36_000 and X.average_order_value["sender"] == 900
    values = customer_lifetime_value(shop, horizon_days=182, n_resamples=0).set_index("customer_id").value
    assert values["sender"] == 0 and (values.drop("sender") > 0).all()
    assert "sender" not in high_value_customers(shop, by="ltv", share=.2) and "sender" not in high_value_customers(shop, by="monetary", share=.2)
    assert rfm_scores(shop).m["sender"] == 1


def test_orders_without_a_price_do_not_lower_the_average(tmp_path: Path) -> None:
    from segrec.data import Dataset
    from segrec.segmentation import customer_features

    log = pd.DataFrame({
        "customer_id": "a", "item_id": ["x", "y", "z"], "event": "purchase", "price": [10.0, 20.0, None],
        "timestamp": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
    })  # fmt: skip
    assert customer_features(Dataset(log), features=["average_order_value"]).average_order_value.tolist() == [15]
