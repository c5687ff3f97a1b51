"""Shops of other makes than `simulate_shop`, and what may go wrong with any shop's log: for tests and benchmarks.

Each shop is a frame of events; each fault takes a frame and gives another. Numbers are drawn anew with each seed, also those
that make a shop what it is: how many customers it has, how long its log is, how often people come.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

Random = np.random.Generator
DAY = pd.Timedelta(days=1)


def _moments(g: Random, day: np.ndarray, start: pd.Timestamp) -> pd.Series:
    "Moments of days, by a shop's hours."
    hour = np.clip(g.normal(15, 4, len(day)), 0, 23.98)
    return pd.Series(start + pd.to_timedelta(day * 86_400 + (hour * 3600).astype(np.int64), unit="s"))


def _prices(g: Random, n_items: int) -> np.ndarray:
    return np.round(np.exp(g.normal(2.7, 0.8, n_items)), 2) + 0.5


def _popular(g: Random, n_items: int, n: int, steepness: float) -> np.ndarray:
    weights = 1 / np.arange(1, n_items + 1) ** steepness
    return g.choice(n_items, n, p=weights / weights.sum())


def _days_of(g: Random, n_customers: int, n_days: int, a_month: float, shape: float, stay: float) -> tuple[np.ndarray, np.ndarray]:
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
    n_customers, n_items, n_days = int(g.integers(800, 2500)), int(g.integers(300, 2000)), int(g.integers(120, 400))
    n_orders = g.geometric(g.uniform(0.75, 0.95), n_customers)
    who = np.repeat(np.arange(n_customers), n_orders)
    first = g.integers(0, n_days, n_customers)
    later = (g.random(len(who)) * (n_days - first[who])).astype(int)
    day = first[who] + np.where(pd.Series(who).duplicated(), later, 0)
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
    first = g.integers(-n_days, n_days, n_customers).clip(0)
    gone = first + g.exponential(g.uniform(120, 400), n_customers)
    gap = g.choice([7, 14, 28, 30], n_customers, p=[0.3, 0.3, 0.2, 0.2])
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


def _named(log: pd.DataFrame, customer: str, item: str) -> pd.DataFrame:
    "With ids of texts, in the order of time; the days at both ends may be cut."
    named = log.assign(customer_id=customer + log.customer_id.astype(int).astype(str), item_id=item + log.item_id.astype(int).astype(str))
    for name in ("session_id", "order_id"):
        if name in named:
            named[name] = named[name].map(lambda one: f"{name[0]}{int(one)}", na_action="ignore")
    return named.sort_values(["timestamp", "customer_id", "item_id"], kind="stable").reset_index(drop=True)


SHOPS: dict[str, Callable[[Random], pd.DataFrame]] = {
    "visits": visits, "orders": orders, "marketplace": marketplace, "subscriptions": subscriptions,
}
