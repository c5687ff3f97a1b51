"What outside testers wrote as shops do, and what was misread: each kind, with the truth that its generator knows."

import random
import shlex
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segrec.cli_options import pairs_of
from segrec.data import Dataset, Layout, read_dataset
from segrec.data.description import describe_source
from segrec.data.engine import connect
from segrec.data.layout import TableLayout, layout_of
from segrec.data.log import Log
from segrec.data.log_money import find_refunds
from segrec.data.summary import check_facts, check_text

N = 120
PRICES = [13.5, 250, 1_499, 7.25, 89.9, 1_020.4, 42]


def sold(seed: int = 1) -> pd.DataFrame:
    "Lines whose price of a unit, quantity, discount and time are known."
    draw = random.Random(seed)
    rows = [
        {
            "order_id": f"o{number // 2}", "customer": f"k{number // 2 % 9}", "item": draw.randrange(len(PRICES)),
            "qty": draw.randint(1, 4), "off": draw.choice([0, 0.5, 1.25, 2]),
            "date": f"2024-{1 + number % 3:02d}-{1 + number % 28:02d} {8 + number % 12:02d}:05:00",
        }
        for number in range(N)
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(sku="A" + frame["item"].astype(str), list=[PRICES[one] for one in frame["item"]])


def gross(shop) -> float:
    "Money of purchases."
    events = shop.events.execute()
    bought = events[events.event == "purchase"]
    units = bought.quantity.fillna(1) if "quantity" in bought else 1
    return float((bought.price * units).sum())


def written(frame: pd.DataFrame, path: Path, **columns) -> Path:
    frame[["order_id", "customer", "sku", "date"]].assign(**columns).to_csv(path, index=False)
    return path


AMOUNTS = {   # of a price: how it is written
    "Rs.": lambda one: f"Rs.{one:,.2f}",
    "kr.": lambda one: f"kr.{one:.0f}",
    "Fr.": lambda one: f"Fr.{one:.0f}.-",
    "no cents": lambda one: f"€ {one:.0f},-" if one == int(one) else f"€ {one:.2f}".replace(".", ","),
    "yen": lambda one: f"{one:.0f}円",
    "hryvnia": lambda one: f"{one:.2f} грн",
    "per unit": lambda one: f"{one:.0f}/-",
    "figure space": lambda one: f"{one:,.2f}".replace(",", "\u2007"),
}


@pytest.mark.parametrize("how", AMOUNTS)
def test_amounts_in_more_notations(how, tmp_path):
    frame = sold()
    whole = how in ("kr.", "Fr.", "yen", "per unit")
    truth = sum(round(one) if whole else one for one in frame["list"])
    path = written(frame, tmp_path / "log.csv", unit_price=frame["list"].map(AMOUNTS[how]))
    assert gross(read_dataset(path)) == pytest.approx(truth)


@pytest.mark.parametrize("minus", ["-{}", "\u2011{}", "({})", "{}-", "\u2212{}"])
@pytest.mark.parametrize("around", ["€{}", "{} kr."])
def test_minus_in_any_place_is_a_return(minus, around, tmp_path):
    frame = sold().drop_duplicates(["customer", "sku"])
    text = [around.format(f"{one:.2f}") for one in frame["list"]]
    back = frame.assign(date="2024-05-01 10:00:00").head(5)
    prices = [*text, *(minus.format(around.format(f"{one:.2f}")) for one in back["list"])]
    path = written(pd.concat([frame, back]), tmp_path / "log.csv", unit_price=prices)
    shop = read_dataset(path)
    assert shop.event_counts.to_dict() == {"purchase": len(frame), "return": 5}
    assert gross(shop) == pytest.approx(frame["list"].sum())


def test_one_value_that_is_none_costs_one_row(tmp_path):
    frame = sold()
    prices = frame["list"].map("{:.2f}".format)
    prices[7] = "call"
    shop = read_dataset(written(frame, tmp_path / "log.csv", unit_price=prices))
    assert gross(shop) == pytest.approx(frame["list"].sum() - frame["list"][7])
    prices[::7] = "call us"
    with pytest.raises(ValueError, match="18 values that are no numbers"):
        read_dataset(written(frame, tmp_path / "many.csv", unit_price=prices))
    prices = frame["list"].map("{:.2f}".format)
    prices[::7] = ["NULL", "None", "N/A", "\\N", "-", "nan"] * 3
    shop = read_dataset(written(frame, tmp_path / "null.csv", unit_price=prices))
    assert gross(shop) == pytest.approx(frame["list"].sum() - frame["list"][::7].sum())


DISCOUNTS = {   # columns of a log -> what was paid for all of it
    "list price, off the line, with totals": lambda one: {
        "unit_price": one.list, "discount": one.off * one.qty, "line_total": (one.list - one.off) * one.qty},
    "price paid": lambda one: {"unit_price": one.list - one.off, "discount": one.off},
    "per cent by its name": lambda one: {"unit_price": one.list * 10, "discount_percent": 90 + 10 * one.off / one.list},
    "per cent of the order": lambda one: {"unit_price": one.list * 2, "order_discount": "50%"},
    "money of the line called price": lambda one: {"Price": (one.list - one.off) * one.qty},
    "an order's total in each line": lambda one: {
        "amount": ((one.list - one.off) * one.qty).groupby(one.order_id).transform("sum")},
}


@pytest.mark.parametrize("what", DISCOUNTS)
def test_whose_money_it_is(what, tmp_path):
    frame = sold()
    off = 0 if what == "per cent of the order" else frame.off
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, **DISCOUNTS[what](frame))
    told = Layout(events={"discounted": False}) if what == "per cent by its name" else None
    assert gross(read_dataset(path, layout=told)) == pytest.approx(((frame["list"] - off) * frame.qty).sum(), abs=0.02)


@pytest.mark.parametrize("kind", ["unit", "line", "percent"])
def test_what_a_discount_of_list_prices_is_of_is_asked(kind, tmp_path):
    frame = sold()
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], discount=frame.off)
    with pytest.raises(ValueError, match=r"events\.discount=unit"):
        read_dataset(path)
    off = {"unit": frame.off, "line": frame.off / frame.qty, "percent": frame["list"] * frame.off / 100}[kind]
    shop = read_dataset(path, layout=Layout(events={"discount": kind}))
    assert gross(shop) == pytest.approx(((frame["list"] - off) * frame.qty).sum())


@pytest.mark.parametrize("is_off", [True, False])
def test_a_discount_that_nothing_tells_of_is_asked(is_off, tmp_path):
    frame = sold().assign(sku=[f"A{n}" for n in range(N)])   # each item once: no other line tells
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], discount=frame.off)
    with pytest.raises(ValueError, match=r"events\.discounted=true"):
        read_dataset(path)
    kind = {} if is_off else {"discount": "line"}
    shop = read_dataset(path, layout=Layout(events={"discounted": is_off, **kind}))
    assert gross(shop) == pytest.approx((frame["list"] * frame.qty - (0 if is_off else frame.off)).sum())


@pytest.mark.parametrize("header", ["Rabatt %", "Discount (%)", "Remise %", "discount_percent"])
@pytest.mark.parametrize("of", ["line", "order"])
def test_a_per_cent_sign_in_a_header_is_read(header, of, tmp_path):
    frame = sold()
    share = frame.index % 3 * 10 if of == "line" else frame.order_id.str[1:].astype(int) % 3 * 10
    name = header if of == "line" else f"Order discount {'%' if '%' in header else 'percent'}"
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], **{name: share})
    assert gross(read_dataset(path)) == pytest.approx((frame["list"] * frame.qty * (1 - share / 100)).sum())


def test_a_number_that_was_given_twice_costs_no_order(tmp_path):
    rows = []
    for order in range(20):
        status = "cancelled" if order % 5 == 4 else "paid"
        first = {"Order": order, "Customer": f"c{order}", "Date": f"2024-02-{order + 1:02d}", "Status": status}
        for line in range(3):
            rows.append({**(first if line == 0 else {"Order": order}), "SKU": f"s{line}", "Qty": 1, "Unit price": 10})
    other = {"Customer": "c99", "Date": "2024-02-25", "Status": "paid", "SKU": "s1", "Qty": 1, "Unit price": 10}
    rows.append({"Order": 3, **other})
    pd.DataFrame(rows).to_csv(tmp_path / "log.csv", index=False)
    shop = read_dataset(tmp_path / "log.csv")
    assert gross(shop) == 16 * 30 + 10 - 20   # whose the two lines of order 3 are that name nobody is not known
    assert shop.ingest_report.set_index("rule").rows["missing_customer"] == 2


@pytest.mark.parametrize("of", ["lines", "no order"])
def test_a_discount_that_is_called_total_and_told_of_each_line(of, tmp_path):
    frame = sold()
    path = tmp_path / "log.csv"
    off = pd.Series(1 + frame.index % 2, frame.index)
    written(frame, path, qty=frame.qty, unit_price=frame["list"], total_discount=off)
    if of == "no order":
        pd.read_csv(path).drop(columns="order_id").to_csv(path, index=False)
    expected = (frame["list"] * frame.qty).sum() - off.sum()
    shop = read_dataset(path, layout=None if of == "lines" else Layout(events={"equal_lines": "units"}))
    assert gross(shop) == pytest.approx(expected)


def test_refunds_without_orders_are_of_lines(tmp_path):
    frame = sold()
    path = tmp_path / "log.csv"
    back = (frame["list"] * frame.qty).where(frame.index % 4 == 0, 0)
    written(frame, path, qty=frame.qty, unit_price=frame["list"], refund_amount=back)
    pd.read_csv(path).drop(columns="order_id").to_csv(path, index=False)
    events = read_dataset(path, layout=Layout(events={"equal_lines": "units"})).events.execute()
    returned = events[events.event == "return"]
    assert (returned.price * returned.quantity).sum() == pytest.approx(back.sum())


STATUSES = {   # whether it is a sale; None: it was, and came back
    "Shipped - Delivered to Buyer": True,
    "Awaiting Fulfillment": True,
    "Paid & shipped": True,
    "Versandbereit": True,
    "Cancelled by customer": False,
    "Payment failed": False,
    "Awaiting Payment": False,
    "En attente de paiement": False,
    "Test": False,
    "Shipped - Returned to Seller": None,
    "returned by user": None,
}


@pytest.mark.parametrize("status", STATUSES)
def test_statuses_of_several_words(status, tmp_path):
    frame = sold()
    words = ["Paid" if number % 2 else status for number in range(N)]
    shop = read_dataset(written(frame, tmp_path / "log.csv", qty=1, unit_price=10, Status=words))
    counts = shop.event_counts
    assert counts["purchase"] == (N // 2 if STATUSES[status] is False else N)
    assert counts.get("return", 0) == (N // 2 if STATUSES[status] is None else 0)


def test_a_state_of_the_country_is_no_status(tmp_path):
    frame = sold().assign(state=[["New York", "Ohio", "new", "Complete"][n % 4] for n in range(N)])
    shop = read_dataset(written(frame, tmp_path / "log.csv", price=frame["list"], State=frame.state))
    assert shop.event_counts["purchase"] == N and "State" not in str(shop.layout.events.keep)


def test_a_status_of_a_refund_alone_is_asked(tmp_path):
    frame = sold()
    status = [["Refunded", "In Bearbeitung bei X", "Z3"][n // 2 % 3] for n in range(N)]
    with pytest.raises(ValueError, match=r"status: 'Status' has words that are unknown: .*'Z3'"):
        read_dataset(written(frame, tmp_path / "log.csv", price=frame["list"], Status=status))


def test_statuses_that_are_unknown_are_asked(tmp_path):
    frame = sold()
    words = ["Paid", "Storniert", "Zur Abholung", "Paid"] * (N // 4)
    path = written(frame, tmp_path / "log.csv", qty=1, unit_price=10, **{"Order Status": words})
    with pytest.raises(ValueError, match=r"'Order Status' has words that are unknown: 'Zur Abholung' \(30 rows\)") as asked:
        read_dataset(path)
    option = str(asked.value).split("on the command line -o ")[1]
    assert option == """'events.keep.Order Status=["Paid", "Zur Abholung", ""]'"""
    shop = read_dataset(path, layout=layout_of(pairs_of("-o", [shlex.split(option)[0]], "")))
    assert shop.event_counts["purchase"] == 90


RETURNS = {
    "Transaction Type": ("Sale", "Refund"),
    "Document Type": ("Invoice", "Credit memo"),
    "Belegart": ("Rechnung", "Gutschrift"),
    "Art": ("Rechnung", "Gutschrift"),   # a name that says nothing
}


@pytest.mark.parametrize("header", RETURNS)
def test_documents_of_returns_are_no_sales(header, tmp_path):
    frame = sold()
    again = frame[frame.index % 5 == 0].assign(date="2024-04-01 10:00:00")
    both = pd.concat([frame, again], ignore_index=True)
    sale, back = RETURNS[header]
    kinds = [sale if number < N else back for number in range(len(both))]
    path = written(both, tmp_path / "log.csv", qty=both.qty, unit_price=both["list"], **{header: kinds})
    if header == "Art":
        with pytest.raises(ValueError, match=r"'Art' may say what happened.*events\.columns\.event=Art"):
            read_dataset(path)
    shop = read_dataset(path, columns={"event": header} if header == "Art" else None)
    assert (shop.event_counts["purchase"], shop.event_counts["return"]) == (N, len(again))


def test_a_word_of_a_column_of_kinds_does_not_swallow_a_log(tmp_path):
    frame = sold()
    kinds = ["sale" if number % 4 == 0 else "regular" for number in range(N)]
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], Type=kinds)
    with pytest.raises(ValueError, match=r"'Type' may say what happened: 'regular' \(90 rows\).*events\.event=purchase"):
        read_dataset(path)
    assert read_dataset(path, columns={"event": "purchase"}).summary.n_purchases == N


@pytest.mark.parametrize("header", ["Price [EUR]", "Price (PLN)", "Nettopreis", "VK-Preis", "Price incl. 19% VAT", "unit_amount"])
def test_more_names_of_prices(header, tmp_path):
    frame = sold()
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, **{header: frame["list"]})
    assert gross(read_dataset(path)) == pytest.approx((frame["list"] * frame.qty).sum())


@pytest.mark.parametrize("header", ["Order Total", "grand_total", "Bestellsumme"])
@pytest.mark.parametrize("orders", ["of two lines", "of one line"])
def test_the_money_of_orders_alone(header, orders, tmp_path):
    frame = sold() if orders == "of two lines" else sold().assign(order_id=[f"o{number}" for number in range(N)])
    lines = frame["list"] * frame.qty
    total = lines.groupby(frame.order_id).transform("sum")
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, **{header: total})
    assert gross(read_dataset(path)) == pytest.approx(lines.sum())


def test_what_may_be_money_is_asked(tmp_path):
    frame = sold()
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, price_cents=(frame["list"] * 100).astype(int), tax_amount=1)
    with pytest.raises(ValueError, match=r"'price_cents' may be\. Where none is, say -o events\.money=none"):
        read_dataset(path)
    assert "price" not in read_dataset(path, layout=Layout(events={"money": "none"})).events.columns


@pytest.mark.parametrize("names", [("Einzelpreis netto", "Einzelpreis brutto"), ("Price excl. VAT", "Price incl. VAT")])
def test_which_of_two_prices_counts_is_asked(names, tmp_path):
    frame = sold()
    net, gross_ = names
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, **{gross_: frame["list"] * 1.19, net: frame["list"]})
    with pytest.raises(ValueError, match=r"is without taxes and .* with them"):
        read_dataset(path)
    shop = read_dataset(path, columns={"price": net})
    assert gross(shop) == pytest.approx((frame["list"] * frame.qty).sum())


@pytest.mark.parametrize("header", ["Reference", "Name"])
def test_what_names_orders_or_customers_names_no_items(header, tmp_path):
    rows = [(f"o{number}", f"k{number % 9}", f"2024-01-{1 + number % 28:02d}", 10 + number) for number in range(60)]
    frame = pd.DataFrame(rows, columns=["Order ID", "Email", "Date", "Total"])
    frame[header] = ["XKBKNABJ" + str(number) for number in range(60)] if header == "Reference" else "Name of " + frame.Email
    frame.to_csv(tmp_path / "orders.csv", index=False)
    with pytest.raises(ValueError, match="no column 'item_id'"):
        read_dataset(tmp_path / "orders.csv")


FLAGS = {"1": "0", "true": "false", "yes": "no", "Ja": "Nein"}


@pytest.mark.parametrize("yes", FLAGS)
@pytest.mark.parametrize("header", ["refunded", "is_return"])
def test_marks_of_returns(yes, header, tmp_path):
    frame = sold()
    marks = [yes if number % 6 == 0 else FLAGS[yes] for number in range(N)]
    shop = read_dataset(written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], **{header: marks}))
    events = shop.events.execute()
    returned = events[events.event == "return"]
    assert (returned.price * returned.quantity).sum() == pytest.approx((frame["list"] * frame.qty)[frame.index % 6 == 0].sum())


@pytest.mark.parametrize("header", ["qty_refunded", "Returned quantity", "Retourenmenge"])
def test_units_that_came_back(header, tmp_path):
    frame = sold()
    back = frame.qty.where(frame.index % 6 == 0, 0).clip(upper=2)
    shop = read_dataset(written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], **{header: back}))
    events = shop.events.execute()
    returned = events[events.event == "return"]
    assert returned.quantity.sum() == pytest.approx(back.sum())
    assert (returned.price * returned.quantity).sum() == pytest.approx((frame["list"] * back).sum())


def test_columns_beside_the_vocabulary_can_be_named(tmp_path):
    frame = sold()
    back = frame["list"].where(frame.index % 9 == 0, 0)
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], Zurück=back)
    shop = read_dataset(path, columns={"refunded": "Zurück"})
    assert shop.event_counts["return"] > 0


@pytest.mark.parametrize("word", ["euro", "€", "EUR", "Euros"])
def test_the_currency_of_a_layout_in_words(word, tmp_path):
    path = written(sold(), tmp_path / "log.csv", price=10, currency="EUR")
    shop = read_dataset(path, layout=Layout(currency=word))
    assert (shop.summary.n_purchases, shop.layout.currency) == (N, "EUR")


def test_words_that_are_unknown_are_named_where_nothing_is_kept(tmp_path):
    path = written(sold(), tmp_path / "log.csv", event=["koop", "browse_page"] * (N // 2))
    with pytest.raises(ValueError, match=r"'browse_page' \(60 rows\).*events\.words"):
        read_dataset(path)


def test_a_form_of_times_that_is_proposed_fits(tmp_path):
    path = written(sold().assign(date=["Feb-05-24", "Mar-17-24", "Dec-31-23"] * (N // 3)), tmp_path / "log.csv", price=10)
    with pytest.raises(ValueError, match=r"events\.date_format=") as asked:
        read_dataset(path)
    form = str(asked.value).split("events.date_format=")[-1].strip("'")
    assert str(read_dataset(path, layout=Layout(events={"date_format": form})).summary["last"].date()) == "2024-03-17"


def test_a_zone_that_a_form_reads_is_no_shops_clock(tmp_path):
    path = written(sold().assign(date="2024-02-01 10:00:00 Europe/Berlin"), tmp_path / "log.csv", price=10)
    layout = Layout(time_zone="Europe/Berlin", events={"date_format": "%Y-%m-%d %H:%M:%S %Z"})
    assert str(read_dataset(path, layout=layout).summary["first"]) == "2024-02-01 09:00:00"


@pytest.mark.parametrize("other", ["Discounts", "promo"])
def test_a_total_that_is_not_price_times_quantity_is_asked(other, tmp_path):
    frame = sold()
    total = (frame["list"] - frame.off) * frame.qty
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], line_total=total, **{other: frame.off})
    with pytest.raises(ValueError, match=r"'line_total' is not 'unit_price' times the quantity in \d+ of 120 lines"):
        read_dataset(path)
    assert gross(read_dataset(path, columns={"price": "line_total"})) == pytest.approx(total.sum())
    assert gross(read_dataset(path, columns={"price": "unit_price"})) == pytest.approx((frame["list"] * frame.qty).sum())


TITLES = [["Informe de ventas", "Tienda: X"], ["Sales report", ""], ["Report", "", "From 2024-01-01"], ["Store;42", "Report"]]


@pytest.mark.parametrize("titles", TITLES)
def test_titles_that_are_filled_up_with_empty_fields(titles, tmp_path):
    frame = sold()
    path = written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"])
    lines = path.read_text().replace(",", ";").splitlines()
    padded = [title + ";" * (lines[0].count(";") - title.count(";")) for title in titles]
    path.write_text("\n".join([*padded, *lines]) + "\n")
    shop = read_dataset(path)
    assert gross(shop) == pytest.approx((frame["list"] * frame.qty).sum()) and shop.summary.n_events == N


def two_exports(folder: Path, frame: pd.DataFrame, **later) -> Path:
    "Rows 0 to 79, and rows 40 to 119 as they were later."
    (folder / "events").mkdir()
    whole = frame[["order_id", "customer", "sku", "date", *(name for name in frame if name in COLUMNS)]]
    whole.iloc[:80].to_csv(folder / "events" / "a.csv", index=False)
    whole.assign(**later).iloc[40:].to_csv(folder / "events" / "b.csv", index=False)
    return folder


COLUMNS = ("qty", "price", "Status", "refunded amount")


@pytest.mark.parametrize("then", ["processing", "Pending payment"])
@pytest.mark.parametrize("now", ["paid", "refunded", "cancelled"])
def test_a_status_that_has_changed_between_two_exports(then, now, tmp_path):
    frame = sold().rename(columns={"list": "price"}).assign(Status=then)
    changed = frame.order_id.isin([f"o{number}" for number in range(25, 35)])   # lines 50 to 69
    frame["Status"] = frame.Status.where(changed, "paid")
    shop = read_dataset(two_exports(tmp_path, frame, Status=frame.Status.where(~changed, now)))
    counts = shop.event_counts
    assert counts["purchase"] == (N if now != "cancelled" else N - 20)
    assert counts.get("return", 0) == (20 if now == "refunded" else 0)
    assert shop.n_rows_in == 160 and shop.ingest_report.set_index("rule").rows["older_status"] == 20


def test_a_refund_of_an_order_in_two_exports(tmp_path):
    frame = sold().rename(columns={"list": "price"})
    money = (frame.price * frame.qty).groupby(frame.order_id).transform("sum")
    frame["refunded amount"] = (money / 2).where(frame.order_id.isin(["o5", "o25", "o55"]), 0)
    events = read_dataset(two_exports(tmp_path, frame)).events.execute()
    back = events[events.event == "return"]
    assert (back.price * back.quantity).sum() == pytest.approx(frame.groupby("order_id")["refunded amount"].max().sum())


def test_equal_amounts_are_no_order_totals(tmp_path):
    frame = sold()
    two = frame.assign(item=frame["item"].where(frame.index != 1, frame["item"][0]))
    amounts = [9.99] * N
    assert gross(read_dataset(written(two, tmp_path / "flat.csv", amount=amounts))) == pytest.approx(9.99 * N)


@pytest.mark.parametrize("header", ["order_currency", "price_currency", "ccy", "Monnaie", "Bestellwährung", "Order currency"])
def test_currencies_under_other_names_are_never_added(header, tmp_path):
    frame = sold()
    codes = ["EUR", "USD"] * (N // 2)
    with pytest.raises(ValueError, match="EUR in 60 rows, USD in 60 rows"):
        read_dataset(written(frame, tmp_path / "log.csv", unit_price=frame["list"], **{header: codes}))


@pytest.mark.parametrize(
    ("words", "code"),
    [(["€", "EUR", "euro", "EUR."], "EUR"), (["$", "USD", "dollars"], "USD"), (["kr", "kr.", "SEK"], "SEK"),
     (["$", "CAD"], "CAD")],
)
def test_one_currency_in_many_words(words, code, tmp_path):
    frame = sold()
    prices = [f"{one:.2f} {words[place % len(words)]}" for place, one in enumerate(frame["list"])]
    shop = read_dataset(written(frame, tmp_path / "log.csv", unit_price=prices))
    assert shop.layout.currency == code and gross(shop) == pytest.approx(frame["list"].sum())


def test_signs_beside_another_amount_tell_the_currency(tmp_path):
    frame = sold()
    totals = [f"{'€$'[place % 2]}{one * qty:.2f}" for place, (one, qty) in enumerate(zip(frame["list"], frame.qty, strict=True))]
    with pytest.raises(ValueError, match="never added"):
        read_dataset(written(frame, tmp_path / "log.csv", qty=frame.qty, unit_price=frame["list"], line_total=totals))


TIMES = {   # as it is written -> UTC, of a shop in Berlin
    "20240705001500": "2024-07-04 22:15",
    "20240705T001500": "2024-07-04 22:15",
    "Jul 5, 2024 9:05:11 PM UTC": "2024-07-05 21:05:11",
    "05-JUL-24": "2024-07-04 22:00",
    "5 de julio de 2024": "2024-07-04 22:00",
    "7/15/24, 9:05\u202fPM": "2024-07-15 19:05",
    "15.07.2024 10:15 Uhr": "2024-07-15 08:15",
    "15/07/2024 9:05 p. m.": "2024-07-15 19:05",
    "45478,5": "2024-07-05 10:00",
    "20240705.0": "2024-07-04 22:00",
}


@pytest.mark.parametrize("text", TIMES)
def test_times_in_more_forms(text, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(f'customer;sku;order_date;price\nk1;a;"{text}";5\nk2;b;"{text}";6\n', encoding="utf-8")
    shop = read_dataset(path, layout=Layout(time_zone="Europe/Berlin"))
    assert shop.events.timestamp.execute().unique().tolist() == [pd.Timestamp(TIMES[text])]


def test_years_of_two_digits_first(tmp_path):
    days = [f"23-{month:02d}-{day:02d}" for month in (11, 12) for day in range(1, 29)]
    path = tmp_path / "log.csv"
    path.write_text("customer,sku,order_date,price\n" + "".join(f"k{n},a,{day},5\n" for n, day in enumerate(days)))
    assert str(read_dataset(path).summary["last"].date()) == "2023-12-28"
    path.write_text("customer,sku,order_date,price\n" + "".join(f"k{n},a,{day},5\n" for n, day in enumerate(days[:3])))
    with pytest.raises(ValueError, match="date_format = '%y-%m-%d' or date_format = '%d-%m-%y' under"):
        read_dataset(path)
    few = "customer,sku,order_date,price\nk1,a,01/02/03,5\nk2,b,02/03/03,5\n"
    (tmp_path / "few.csv").write_text(few)
    with pytest.raises(ValueError, match="'%y/%m/%d' or date_format = '%d/%m/%y' or date_format = '%m/%d/%y'"):
        read_dataset(tmp_path / "few.csv")
    shop = read_dataset(path, layout=Layout(events={"date_format": "%y-%m-%d"}))
    assert str(shop.summary["last"].date()) == "2023-11-03"


@pytest.mark.parametrize(
    ("clocks", "hours"),
    [([5, 1631, 42], ["00:05", "16:31", "00:42"]), ([5, 23, 10], ["05:00", "23:00", "10:00"]),
     ([93000, 163105, 5], ["09:30", "16:31", "00:00"]),
     (["10h15", "9h05", "23h59"], ["10:15", "09:05", "23:59"])],
)
def test_an_hour_in_a_column_of_its_own(clocks, hours, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("customer,sku,Date,Time,price\n" + "".join(f"k{n},a,20240105,{clock},5\n" for n, clock in enumerate(clocks)))
    times = read_dataset(path).events.order_by("customer_id").timestamp.execute()
    assert [f"{one:%H:%M}" for one in times] == hours


def test_what_a_known_layout_says_of_days_yields_to_the_days(tmp_path):
    lines = [f"53636{n},22{n % 5}23,MUG {n % 5},6,{1 + n:02d}/01/2024 10:26,2.55,1785{n % 7},Germany\n" for n in range(25)]
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    (tmp_path / "retail.csv").write_text(head + "".join(lines))
    shop = read_dataset(tmp_path / "retail.csv")
    assert shop.summary.n_events == 25 and str(shop.summary["last"].date()) == "2024-01-25"
    (tmp_path / "early.csv").write_text(head + "".join(lines[:9]))
    for day_first, month in ((True, 1), (False, 9)):
        early = read_dataset(tmp_path / "early.csv", layout=Layout(events={"day_first": day_first}))
        assert early.summary["last"].month == month


def test_months_that_have_got_a_column(tmp_path):
    (tmp_path / "2024-01.csv").write_text("customer,sku,order_date,qty\nk1,a,2024-01-03,1\nk2,b,2024-01-04,2\n")
    (tmp_path / "2024-02.csv").write_text("customer,sku,order_date,qty,unit_price\nk1,a,2024-02-03,1,5\nk2,b,2024-02-04,2,6\n")
    assert read_dataset(tmp_path).n_rows_in == 4


def test_names_of_taxes_and_of_amounts_in_a_currency(tmp_path):
    frame = sold()
    more = {"Total Tax": 1.9, "Item Tax": 0.5, "Amount in shop currency": frame["list"], "Preis (EUR, inkl. MwSt)": frame["list"]}
    shop = read_dataset(written(frame, tmp_path / "log.csv", **more))
    assert gross(shop) == pytest.approx(frame["list"].sum()) and shop.layout.currency is None


@pytest.mark.parametrize(
    ("back", "of_line"), [([0, 0, 40, 40], False), ([50, None, 50, None], False), ([10, 30, 10, 30], True)],
    ids=["more in a later export", "in the first line alone", "of each line"],
)
def test_whether_a_refund_is_of_the_order_or_of_the_line(back, of_line):
    frame = pd.DataFrame({"order": "o1", "customer": "a", "sku": [*"xyxy"], "back": back})
    columns = {"order_id": "order", "customer_id": "customer", "item_id": "sku", "refunded": "back"}
    log = Log(connect().create_table("log", frame), TableLayout(), Layout(), columns, {})
    find_refunds(log)
    assert log.refund_of_line is of_line


def test_refunds_that_are_told_twice_count_once(tmp_path):
    rows = "o1,a,x,2024-01-01,1,100,refunded\no1,a,x,2024-01-09,-1,100,refunded\n"
    rows += "o2,a,y,2024-01-02,1,80,paid\no3,b,x,2024-01-03,1,50,paid\n"
    (tmp_path / "log.csv").write_text("order_id,customer,sku,order_date,qty,unit_price,status\n" + rows)
    events = read_dataset(tmp_path / "log.csv").events.execute()
    kept = (events.price * events.quantity * events.event.map({"purchase": 1, "return": -1})).groupby(events.customer_id).sum()
    assert kept.to_dict() == {"a": 80, "b": 50}


@pytest.mark.parametrize("header", ["event_type", "action", "Ereignis"])
def test_words_that_are_unknown_are_no_purchases(header, tmp_path):
    frame = sold()
    path = written(frame, tmp_path / "log.csv", price=frame["list"], **{header: ["zap", "zip"] * (N // 2)})
    with pytest.raises(ValueError, match=r"'zap' \(60 rows\), 'zip' \(60 rows\).*-o events.words.zap=purchase"):
        read_dataset(path)
    shop = read_dataset(path, layout=Layout(events={"words": {"zip": "purchase", "zap": "view"}}))
    assert shop.event_counts.to_dict() == {"purchase": 60, "view": 60}


def test_statuses_that_say_nothing_of_a_sale(tmp_path):
    frame = sold()
    events = ["view"] * 100 + ["purchase"] * 20
    status = [""] * 100 + ["paid", "cancelled"] * 10
    shop = read_dataset(written(frame, tmp_path / "views.csv", event=events, price=frame["list"], order_status=status))
    assert shop.event_counts.to_dict() == {"view": 100, "purchase": 10}
    shop = read_dataset(written(frame, tmp_path / "people.csv", price=frame["list"], status=["new", "returning"] * (N // 2)))
    assert shop.summary.n_purchases == N


def test_a_number_of_the_line_is_no_item(tmp_path):
    frame = sold()
    shop = read_dataset(written(frame, tmp_path / "log.csv", item_id=range(9000, 9000 + N), price=frame["list"]))
    assert shop.summary.n_items == len(PRICES)


def test_structs_that_have_got_a_field(tmp_path):
    def day(number: int, more: dict) -> None:
        item = {"item_id": "mug", "item_name": "Mug", "price": 5.0, "quantity": 2} | more
        rows = [
            {"event_name": "purchase", "event_timestamp": 1704450000000000 + number * 86400 * 10**6 + n,
             "user_pseudo_id": f"u{n}", "items": [item], "ecommerce": {"transaction_id": f"t{number}{n}"}, "user_properties": []}
            for n in range(3)
        ]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"events_2024010{number}.parquet")

    day(5, {})
    day(6, {"item_params": [{"key": "size", "value": "L"}]})
    shop = read_dataset(tmp_path)
    assert gross(shop) == 60 and shop.summary.n_items == 1 and shop.source_columns is not None


def test_init_writes_what_is_missing_and_no_list_that_ages(tmp_path):
    (tmp_path / "log.csv").write_text("Wer,SKU,Date,Price,Status\nk1,a,2024-01-05,5,paid\nk2,b,2024-01-06,6,paid\n")
    made = describe_source(tmp_path / "log.csv", columns={"customer_id": "Wer"})
    text = made.path.read_text()
    assert "# keep = " in text and "[events.keep]" not in text
    (tmp_path / "log.csv").write_text("Wer,SKU,Date,Price,Status\nk1,a,2024-01-05,5,paid\nk2,b,2024-01-06,6,refunded\n")
    assert read_dataset(made.path).event_counts.to_dict() == {"purchase": 2, "return": 1}
    made = describe_source(tmp_path / "log.csv", force=True)
    assert "# customer_id = 'Wer'" in made.path.read_text() and made.questions


def test_the_same_reading_each_time(demo):
    first = [read_dataset("complete-journey").layout for _ in range(2)]
    assert first[0] == first[1]


def test_everything_is_asked_at_once(tmp_path):
    frame = pd.DataFrame({
        "bought on": [f"{1 + n % 12:02d}/{1 + n % 12:02d}/2024" if n else "03/04/2024" for n in range(30)],
        "sku": [f"A{n % 5}" for n in range(30)], "amount": "1.299", "who knows": "x", "order number": range(30),
    })
    frame.to_csv(tmp_path / "log.csv", index=False)
    said = {"date": "bought on"}
    with pytest.raises(ValueError, match="questions decide") as asked:
        read_dataset(tmp_path / "log.csv", columns={"timestamp": said["date"]})
    text = str(asked.value)
    assert "customer_id: no column is known as one" in text
    assert "Layout(events={'columns': {'customer_id': 'who knows'}})" in text
    assert "events.decimal" in text and "events.day_first" in text


USELESS = {
    "layout": (Layout(layout="rees46"), "layout == 'rees46'.*has other columns"),
    "files": (Layout(events={"files": ["log.csv"]}), "events.files ==.*memory"),
    "encoding": (Layout(encoding="cp1252"), "encoding == 'cp1252'.*memory"),
    "items": (Layout(items={"delimiter": ";"}), "items.delimiter ==.*memory"),
    "table": (Layout(events={"table": "orders"}), "events.table ==.*memory"),
    "discount": (Layout(events={"discount": "line"}), "events.discount == 'line'.*no column is known as discount"),
    "discounted": (Layout(events={"discounted": False}), "events.discounted == False.*no column is known as discount"),
}


@pytest.mark.parametrize("what", USELESS)
def test_a_key_without_effect_is_refused(what, tmp_path):
    layout, message = USELESS[what]
    names = {"customer": "customer_id", "sku": "item_id", "date": "timestamp", "list": "price"}
    frame = sold().drop(columns="item").rename(columns=names)
    with pytest.raises(ValueError, match=message):
        Dataset(frame.assign(event="purchase"), layout=layout)


def test_a_key_of_files_is_refused_of_a_database(tmp_path):
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as base:
        values = "'k' customer_id, 'a' item_id, 'purchase' event, timestamp '2024-01-01' \"timestamp\""
        base.execute(f"create table events as select {values}")
    with pytest.raises(ValueError, match=r"encoding == 'cp1252'.*a database"):
        read_dataset(tmp_path / "shop.duckdb", layout=Layout(encoding="cp1252"))


def test_money_without_a_price_is_refused(tmp_path):
    frame = sold().rename(columns={"order_id": "order"})
    frame[["order", "customer", "sku", "date"]].to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(ValueError, match=r"events\.money == 'line'.*no column is known as price"):
        read_dataset(tmp_path / "log.csv", layout=Layout(events={"money": "line"}))


ZONES = {
    "Eastern Time (US & Canada)": ("America/New_York", 5),
    "Asia/Tokyo": ("Asia/Tokyo", -9),
    "Shop time": ("UTC", 0),
}


@pytest.mark.parametrize("word", ZONES)
def test_a_column_that_names_the_time_zone(word, tmp_path):
    frame = sold()
    path = written(frame, tmp_path / "log.csv", price=5, **{"Time Zone": word})
    shop, (zone, hours) = read_dataset(path), ZONES[word]
    assert shop.layout.time_zone == zone and ("'Shop time'" in shop.why["time_zone"]) == (zone == "UTC")
    first = shop.events.timestamp.min().execute()
    assert first.tz_localize(None) == pd.Timestamp(frame.date.min()) + pd.Timedelta(hours=hours)


def test_month_first_is_refused_of_dates_with_dots(tmp_path):
    path = written(sold().assign(date=["05.06.2024"] * N), tmp_path / "log.csv", price=5)
    with pytest.raises(ValueError, match=r"day_first == False.*date_format"):
        read_dataset(path, layout=Layout(events={"day_first": False}))


def test_words_that_no_row_has_are_named(tmp_path):
    frame = sold().rename(columns={"list": "price"}).assign(event="kauf")
    frame[["customer", "sku", "date", "event", "price"]].to_csv(tmp_path / "log.csv", index=False)
    shop = read_dataset(tmp_path / "log.csv", layout=Layout(events={"words": {"kuaf": "purchase", "kauf": "purchase"}}))
    assert shop.why["events.words.kuaf"] == "no row has this word"
    assert "events.words.kauf" not in shop.why
    assert "events.words.kuaf = purchase: no row has this word" in check_text(shop, "log.csv")


def test_a_log_without_money_says_so(tmp_path):
    path = written(sold(), tmp_path / "log.csv", event="purchase")
    assert "no column is money" in check_text(read_dataset(path), "log.csv")
    assert check_facts(read_dataset(path), "log.csv")["has_money"] is False


def test_a_refund_of_a_part_without_an_amount_is_told(tmp_path):
    status = ["paid", "partially_refunded", "paid", "paid"] * (N // 4)
    shop = read_dataset(written(sold(), tmp_path / "log.csv", price=5, status=status))
    assert "refunded in part counts as kept" in shop.why["events.columns.status"]
    amounts = read_dataset(written(sold(), tmp_path / "both.csv", price=5, status=status, refund_amount=1))
    assert "refunded in part" not in amounts.why["events.columns.status"]


@pytest.mark.parametrize("hour", [None, 12, 20])
def test_a_last_day_that_is_cut_is_known(hour, tmp_path):
    draw = random.Random(3)
    rows = [
        {"customer_id": f"k{draw.randrange(400)}", "item_id": f"a{draw.randrange(50)}", "event": "view",
         "timestamp": f"2024-03-{day:02d} {draw.randint(8, 21):02d}:{draw.randint(0, 59):02d}:00"}
        for day in range(1, 31) for _ in range(60)
    ]
    frame = pd.DataFrame(rows)
    if hour is not None:
        frame = frame[frame.timestamp < f"2024-03-30 {hour}"]
    frame.to_csv(tmp_path / "log.csv", index=False)
    shop = read_dataset(tmp_path / "log.csv")
    assert shop.span.is_last_whole is (hour is None)
    assert ("2024-03-30, is not whole" in check_text(shop, "log.csv")) == (hour is not None)
    assert check_facts(shop, "log.csv")["last_day_is_whole"] is (hour is None)


@pytest.mark.parametrize("kind", ["discount of the order", "money of the order"])
def test_an_order_in_two_exports_is_one_order(kind, tmp_path):
    frame = sold()
    numbers = frame.groupby("order_id").cumcount()
    if kind == "discount of the order":
        more = {"unit_price": frame["list"], "qty": frame.qty, "order_discount": 3.0}
        truth = (frame["list"] * frame.qty).sum() - 3.0 * frame.order_id.nunique()
    else:
        lines = frame["list"] * frame.qty
        more = {"total": lines.groupby(frame.order_id).transform("sum"), "qty": frame.qty, "line": numbers}
        truth = lines.sum()
    (tmp_path / "one").mkdir()
    (tmp_path / "two" / "events").mkdir(parents=True)
    whole = frame.assign(**more)
    written(frame, tmp_path / "one" / "log.csv", **more)
    for name, part in {"a": whole.iloc[:80], "b": whole.iloc[40:]}.items():
        written(part, tmp_path / "two" / "events" / f"{name}.csv", **{column: part[column] for column in more})
    once, twice = read_dataset(tmp_path / "one" / "log.csv"), read_dataset(tmp_path / "two")
    assert gross(once) == pytest.approx(truth)
    assert gross(twice) == pytest.approx(truth)


def test_a_coupon_of_woocommerce_is_taken_off_once(tmp_path):
    frame = pd.DataFrame({
        "Order Number": [1, 1, 2, 3], "Order Status": ["Completed", "Completed", "Processing", "Cancelled"],
        "Order Date": [f"2024-01-0{day} 10:15" for day in (1, 1, 2, 3)],
        "Email (Billing)": ["a@x.com", "a@x.com", "b@x.com", "c@x.com"],
        "Cart Discount Amount": [5, 5, 0, 0], "Order Subtotal Amount": [50, 50, 20, 20], "Order Refund Amount": 0,
        "Order Total Amount": [45, 45, 20, 20], "SKU": ["s1", "s2", "s1", "s2"], "Item #": [1, 2, 1, 1],
        "Item Name": ["One", "Two", "One", "Two"], "Quantity (- Refund)": [2, 1, 1, 1], "Item Cost": [18, 9, 20, 10],
        "Coupon Code": ["take5", "take5", "", ""], "Discount Amount": [5, 5, None, None],
    })
    frame.to_csv(tmp_path / "orders.csv", index=False)
    shop = read_dataset(tmp_path / "orders.csv")
    assert shop.layout.layout == "woocommerce_items"
    assert gross(shop) == pytest.approx(45 + 20)   # what was cancelled is no sale
    assert shop.summary.n_purchases == 3
