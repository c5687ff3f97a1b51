"""Shops of other makes than `simulate_shop`, and what may go wrong with any shop's log: for tests and benchmarks.

Each shop is a frame of events; each fault takes a frame and gives another. Numbers are drawn anew with each seed, also those
that make a shop what it is: how many customers it has, how long its log is, how often people come.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

Random = np.random.Generator


def _moments(g: Random, day: np.ndarray, start: pd.Timestamp) -> pd.Series:
    "Moments of days, by a shop's hours."
    hour = np.clip(g.normal(15, 4, len(day)), 0, 23.98)
    return pd.Series(start + pd.to_timedelta(day * 86_400 + (hour * 3600).astype(np.int64), unit="s"))


def _prices(g: Random, n_items: int) -> np.ndarray:
    return np.round(np.exp(g.normal(2.7, 0.8, n_items)), 2) + 0.5


def _popular(g: Random, n_items: int, n: int, steepness: float) -> np.ndarray:
    weights = 1 / np.arange(1, n_items + 1) ** steepness
    return g.choice(n_items, n, p=weights / weights.sum())


def _days_of(
    g: Random, n_customers: int, n_days: int, a_month: float, shape: float, stay: float
) -> tuple[np.ndarray, np.ndarray]:
    "Customers and days on which they come: everybody at a rate of their own, from a first day until they leave."
    first = g.integers(-n_days, n_days, n_customers).clip(0)
    gone = first + g.exponential(stay, n_customers)
    rate = g.gamma(shape, a_month / shape, n_customers) / 30
    who, when = [], []
    for customer in range(n_customers):
        end = min(gone[customer], n_days)
        n = g.poisson(rate[customer] * max(end - first[customer], 0)) + 1
        days = np.concatenate([[first[customer]], g.uniform(first[customer], max(end, first[customer] + 1), n - 1)])
        who.append(np.full(n, customer))
        when.append(np.minimum(days.astype(int), n_days - 1))
    return np.concatenate(who), np.concatenate(when)


def visits(g: Random) -> pd.DataFrame:
    "A clickstream: pages that are looked at again and again, carts, purchases that often need no cart."
    n_customers, n_items, n_days = int(g.integers(300, 900)), int(g.integers(80, 400)), int(g.integers(70, 200))
    who, day = _days_of(g, n_customers, n_days, g.uniform(3, 7), g.uniform(0.6, 2), g.uniform(60, 400))
    begin = _moments(g, day, pd.Timestamp("2024-02-05"))
    n_views = 1 + g.poisson(g.uniform(1, 4), len(who))
    visit = np.repeat(np.arange(len(who)), n_views)
    item = _popular(g, n_items, len(visit), g.uniform(0.5, 0.9))
    taste = g.integers(0, n_items, (n_customers, 6))
    own = g.random(len(visit)) < 0.5
    item = np.where(own, taste[who[visit], g.integers(0, 6, len(visit))], item)
    second = pd.Series(g.integers(4, 90, len(visit))).groupby(visit).cumsum().to_numpy()
    views = pd.DataFrame({"customer_id": who[visit], "item_id": item, "session_id": visit, "event": "view",
                          "timestamp": begin.to_numpy()[visit] + pd.to_timedelta(second, unit="s")})
    again = views[g.random(len(views)) < g.uniform(0.05, 0.3)]
    again = again.assign(timestamp=again.timestamp + pd.to_timedelta(g.integers(1, 40, len(again)), unit="s"))
    wanted = views[g.random(len(views)) < g.uniform(0.1, 0.25)]
    skips = g.random(len(wanted)) < g.uniform(0.05, 0.5)
    carts = wanted[~skips].assign(event="cart", timestamp=wanted.timestamp[~skips] + pd.Timedelta(seconds=20))
    bought = wanted[g.random(len(wanted)) < g.uniform(0.4, 0.8)]
    bought = bought.assign(event="purchase", timestamp=bought.timestamp + pd.Timedelta(seconds=300))
    # From a list of favourites, a mail or another device: nobody saw a page.
    direct = views[g.random(len(views)) < g.uniform(0, 0.04)].assign(event="purchase")
    log = pd.concat([views[~views.index.isin(direct.index)], again, carts, bought, direct])
    prices = _prices(g, n_items)
    return _named(log.assign(price=np.where(log.event == "purchase", prices[log.item_id.to_numpy(int)], np.nan)), "v", "p")


def orders(g: Random) -> pd.DataFrame:
    "Orders of several lines and nothing else, of a shop that may rest on one weekday, grow and have a season."
    n_customers, n_items, n_days = int(g.integers(300, 1200)), int(g.integers(60, 500)), int(g.integers(120, 420))
    who, day = _days_of(g, n_customers, n_days, g.uniform(0.7, 3), g.uniform(0.5, 1.5), g.uniform(100, 700))
    season = 1 + g.uniform(0, 0.35) * np.sin(2 * np.pi * (day / 365 + g.random()))
    kept = g.random(len(who)) < season / season.max()
    rest = int(g.integers(0, 12))
    kept &= (day % 7) != rest
    who, day = who[kept], day[kept]
    n_lines = 1 + g.poisson(g.uniform(0.5, 6), len(who))
    order = np.repeat(np.arange(len(who)), n_lines)
    taste = g.integers(0, n_items, (n_customers, 12))
    own = g.random(len(order)) < 0.6
    item = np.where(own, taste[who[order], g.integers(0, 12, len(order))], _popular(g, n_items, len(order), 0.7))
    log = pd.DataFrame({"customer_id": who[order], "item_id": item, "order_id": order, "event": "purchase",
                        "timestamp": _moments(g, day, pd.Timestamp("2023-03-06")).to_numpy()[order],
                        "quantity": 1 + g.poisson(g.uniform(0.2, 3), len(order))})
    log = log.drop_duplicates(["order_id", "item_id"])
    return _named(log.assign(price=_prices(g, n_items)[log.item_id.to_numpy(int)]), "c", "sku-")


def marketplace(g: Random) -> pd.DataFrame:
    "Most buy once; a catalogue so large that most items are sold a few times."
    n_customers, n_items, n_days = int(g.integers(1600, 5000)), int(g.integers(300, 2000)), int(g.integers(120, 400))
    n_orders = g.geometric(g.uniform(0.75, 0.95), n_customers)
    who = np.repeat(np.arange(n_customers), n_orders)
    # As many came before the log began: who comes back does so all along.
    gap = np.where(pd.Series(who).duplicated(), g.exponential(60, len(who)), 0).astype(int)
    day = g.integers(-n_days, n_days, n_customers)[who] + pd.Series(gap).groupby(who).cumsum().to_numpy()
    who, day = who[(day >= 0) & (day < n_days)], day[(day >= 0) & (day < n_days)]
    item = _popular(g, n_items, len(who), g.uniform(0.4, 0.8))
    when = _moments(g, day, pd.Timestamp("2024-01-01")).to_numpy()
    log = pd.DataFrame({"customer_id": who, "item_id": item, "order_id": np.arange(len(who)), "event": "purchase",
                        "timestamp": when, "quantity": 1})
    prices = _prices(g, n_items)
    log["price"] = prices[item]
    if g.random() < 0.5:   # with what they looked at
        n_views = 1 + g.poisson(g.uniform(1, 4), len(log))
        place = np.repeat(np.arange(len(log)), n_views)
        seen = np.where(pd.Series(place).duplicated(), _popular(g, n_items, len(place), 0.6), item[place])
        views = pd.DataFrame({"customer_id": who[place], "item_id": seen, "event": "view",
                              "timestamp": when[place] - pd.to_timedelta(g.integers(30, 1800, len(place)), unit="s")})
        log = pd.concat([log, views])
    return _named(log, "buyer", "offer")


def subscriptions(g: Random) -> pd.DataFrame:
    "Boxes that come each week, fortnight or month at the same hour, until somebody leaves; and something beside now and then."
    n_customers, n_items, n_days = int(g.integers(250, 700)), int(g.integers(20, 80)), int(g.integers(150, 400))
    gap = g.choice([7, 14, 28, 30], n_customers, p=[0.3, 0.3, 0.2, 0.2])
    first = g.integers(-n_days, n_days, n_customers)
    gone = first.clip(0) + g.exponential(g.uniform(120, 400), n_customers)
    first = np.where(first < 0, first % gap, first)   # who came before the log began goes on
    hour = g.integers(6 * 3600, 22 * 3600, n_customers)
    rows = []
    for customer in range(n_customers):
        for day in np.arange(first[customer], min(gone[customer], n_days), gap[customer]):
            rows.append((customer, int(day), hour[customer]))
    who, day, second = (np.array(column) for column in zip(*rows, strict=True))
    n_lines = 1 + g.poisson(g.uniform(0.5, 3), n_customers)
    taste = g.integers(0, n_items, (n_customers, 12))
    order = np.repeat(np.arange(len(who)), n_lines[who])
    place = pd.Series(order).groupby(order).cumcount().to_numpy() % 12
    item = np.where(g.random(len(order)) < 0.1, g.integers(0, n_items, len(order)), taste[who[order], place])
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(day * 86_400 + second, unit="s")
    log = pd.DataFrame({"customer_id": who[order], "item_id": item, "order_id": order, "event": "purchase",
                        "timestamp": when.to_numpy()[order], "quantity": 1 + g.poisson(0.3, len(order))})
    log = log.drop_duplicates(["order_id", "item_id"])
    return _named(log.assign(price=_prices(g, n_items)[log.item_id.to_numpy(int)]), "sub", "box")


def kinds(g: Random) -> pd.DataFrame:
    "Orders and visits of three to five kinds of customers, apart in hours, prices, categories and rate; attrs: truth."
    n_kinds, n_customers, n_items = int(g.integers(3, 6)), int(g.integers(300, 700)), int(g.integers(120, 400))
    n_days = int(g.integers(110, 180))
    kind = np.sort(g.integers(0, n_kinds, n_customers))
    hour = g.permutation(np.linspace(8, 21, n_kinds))
    level = g.permutation(np.linspace(0.5, 2.0, n_kinds))
    visits_a_month = g.permutation(np.geomspace(2, 6, n_kinds))
    n_views = g.permutation(np.linspace(1, 5, n_kinds))
    prices = np.sort(_prices(g, n_items))
    n_visits = 1 + g.poisson(visits_a_month[kind] * n_days / 30 * g.gamma(8, 1 / 8, n_customers))
    who = np.repeat(np.arange(n_customers), n_visits)
    day = g.uniform(0, n_days, len(who)).astype(int)
    second = (np.clip(g.normal(hour[kind[who]], 1.2), 0, 23.9) * 3600).astype(int)
    begin = pd.Timestamp("2024-03-04") + pd.to_timedelta(day * 86_400 + second, unit="s")
    n_lines = 1 + g.poisson(n_views[kind[who]])
    visit = np.repeat(np.arange(len(who)), n_lines)
    # Dear items are the last ones: each kind looks around a place of its own.
    place = np.clip(g.normal(level[kind[who[visit]]] / 2.2, 0.15), 0, 0.999)
    item = (place * n_items).astype(int)
    when = begin.to_numpy()[visit] + pd.to_timedelta(g.integers(5, 900, len(visit)), unit="s").to_numpy()
    views = pd.DataFrame({"customer_id": who[visit], "item_id": item, "session_id": visit, "event": "view", "timestamp": when})
    bought = views[g.random(len(views)) < g.uniform(0.15, 0.4)]
    bought = bought.assign(event="purchase", timestamp=bought.timestamp + pd.Timedelta(seconds=120))
    log = pd.concat([views, bought])
    log["price"] = np.where(log.event == "purchase", prices[log.item_id.to_numpy(int)], np.nan)
    named = _named(log, "k", "thing")
    named.attrs["truth"] = {f"k{place}": f"kind {one}" for place, one in enumerate(kind)}
    return named


def _named(log: pd.DataFrame, customer: str, item: str) -> pd.DataFrame:
    "With ids of texts, in the order of time; the days at both ends may be cut."
    starts = {"customer_id": customer, "item_id": item, "session_id": "s", "order_id": "o"}
    named = log.copy()
    for name, start in starts.items():
        if name in named:
            text = start + named[name].fillna(-1).astype(int).astype(str)
            named[name] = text.where(named[name].notna())
    return named.sort_values(["timestamp", "customer_id", "item_id"], kind="stable").reset_index(drop=True)


SHOPS: dict[str, Callable[[Random], pd.DataFrame]] = {
    "visits": visits, "orders": orders, "marketplace": marketplace, "subscriptions": subscriptions, "kinds": kinds,
}


# What may go wrong with a log. Each takes a log and gives another; moments are those of the middle of the log.


def _days(log: pd.DataFrame) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.sort(log.timestamp.dt.normalize().unique()))


def _block(log: pd.DataFrame, g: Random, n_days: int) -> pd.Series:
    "Which rows are of so many days in a row, somewhere within the log."
    days = _days(log)
    place = int(g.integers(1, max(2, len(days) - n_days - 1)))
    return log.timestamp.dt.normalize().isin(pd.date_range(days[place], periods=n_days))


def duplicated_days(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "Some days were loaded twice."
    return pd.concat([log, log[_block(log, g, int(g.integers(2, 6)))]], ignore_index=True)


def block_an_hour_later(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "Some days come again, by a clock that is an hour off or more."
    block = log[_block(log, g, int(g.integers(2, 8)))]
    later = block.timestamp + pd.Timedelta(hours=int(g.integers(1, 10)))
    return pd.concat([log, block.assign(timestamp=later)], ignore_index=True)


def rows_told_twice(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "A share of all messages was delivered twice."
    return pd.concat([log, log[g.random(len(log)) < g.uniform(0.05, 0.2)]], ignore_index=True)


def doubled_ids(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "A part of the customers was loaded again under new ids."
    ids = log.customer_id.unique()
    some = log[log.customer_id.isin(g.choice(ids, int(g.uniform(0.1, 0.4) * len(ids)), replace=False))]
    return pd.concat([log, some.assign(customer_id="new-" + some.customer_id.astype(str))], ignore_index=True)


def lost_days(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "Some days are not there."
    days = _days(log)
    n_lost = int(g.integers(4, 12)) if len(days) > 30 else 3
    return log[~_block(log, g, n_lost)].reset_index(drop=True)


LOG_FAULTS: dict[str, Callable[[pd.DataFrame, Random], pd.DataFrame]] = {
    "duplicated days": duplicated_days, "a block an hour later": block_an_hour_later, "rows told twice": rows_told_twice,
    "doubled ids": doubled_ids, "lost days": lost_days,
}


def cold_customers(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "Of many customers the first order or visit alone is there."
    ids = log.customer_id.unique()
    some = log.customer_id.isin(g.choice(ids, int(g.uniform(0.35, 0.5) * len(ids)), replace=False))
    first = log.groupby("customer_id").timestamp.transform("min")
    return log[~some | (log.timestamp <= first + pd.Timedelta(minutes=5))].reset_index(drop=True)


def thin_log(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "Of everybody a few events are there."
    place = log.groupby("customer_id").cumcount()
    return log[place < int(g.integers(2, 5))].reset_index(drop=True)


RATES = (4.3, 7.5, 11.0, 25.0, 100.0, 110.0, 400.0)   # zloty, Danish and Norwegian crowns, koruna, cents, yen, forint for a euro


def mixed_currencies(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "A part of the customers pays in another currency, and no column says so."
    ids = log.customer_id.unique()
    abroad = log.customer_id.isin(g.choice(ids, int(g.uniform(0.05, 0.3) * len(ids)), replace=False))
    return log.assign(price=log.price.where(~abroad, log.price * g.choice(RATES)))


def switched_currency(log: pd.DataFrame, g: Random) -> pd.DataFrame:
    "From one day on all amounts are in another currency."
    late = log.timestamp >= log.timestamp.quantile(g.uniform(0.5, 0.9))
    return log.assign(price=log.price.where(~late, log.price * g.choice(RATES)))


CURRENCY_FAULTS = {"mixed currencies": mixed_currencies, "switched currency": switched_currency}
