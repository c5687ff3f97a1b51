"What a model knows after an update is what it would have learned from all events at once."

import numpy as np
import pandas as pd
import pytest
from conftest import purchases

from segrec.data import Dataset
from segrec.recommendation import (
    PopularityRecommender,
    Recommender,
    RepeatPurchaseRecommender,
    build_interactions,
)

WEIGHTS = {"view": 0.1, "cart": 0.3, "purchase": 1, "return": -1, "review": 0.5}


def busy_log(seed: int, n: int = 500) -> pd.DataFrame:
    "Events of all kinds, some in orders, some sent twice; returns mostly of what was bought, views often on the same day."
    generator = np.random.default_rng(seed)
    log = pd.DataFrame(
        {
            "customer_id": [f"c{one}" for one in generator.integers(0, 15, n)],
            "item_id": [f"i{one}" for one in generator.integers(0, 12, n)],
            "event": generator.choice(["view", "cart", "purchase", "purchase", "return", "review"], n),
            "timestamp": pd.Timestamp("2025-01-01") + pd.to_timedelta(generator.integers(0, 40 * 24, n), unit="h"),
            "order_id": np.where(generator.random(n) < 0.5, None, [f"o{one}" for one in generator.integers(0, 200, n)]),
            "rating": generator.integers(1, 6, n),
        }
    ).sort_values("timestamp", ignore_index=True)
    return log.assign(rating=log.rating.where(log.event == "review"))


def same(one, other) -> None:
    first, second = (both.signals.reset_index(drop=True) for both in (one, other))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    assert one.as_of == other.as_of and (one.bought != other.bought).nnz == 0


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["frame", "shop"])
def test_told_bit_by_bit_or_at_once(seed, kind, tmp_path):
    log = busy_log(seed)
    factors = pd.Series(np.linspace(0, 3, 8), index=[f"c{one}" for one in range(8)])
    settings = {"half_life_days": 30, "event_weights": WEIGHTS, "customer_weights": factors}
    at_once = build_interactions(Dataset(log), **settings)
    model = PopularityRecommender().fit(build_interactions(Dataset(log.head(250)), **settings))
    model.save(tmp_path)
    model = Recommender.load(tmp_path)
    for start in range(250, 500, 125):
        part = log.iloc[start - 10 : start + 125]  # the last ten are sent again
        model.update(part if kind == "frame" else Dataset(part))
    same(model.interactions_, at_once)


def test_items_come_in_once_enough_customers_want_them_with_all_that_is_known():
    log = busy_log(9).query("event == 'purchase'")
    for low in (3, 8):
        at_once = build_interactions(Dataset(log), min_customers=low)
        known = build_interactions(Dataset(log.head(60)), min_customers=low)
        new = log.iloc[60:]
        assert len(known.item_ids) < len(at_once.item_ids) or low == 3
        same(known.extended_by(new), at_once)


def test_what_was_left_out_by_name_stays_out():
    known = build_interactions(Dataset(busy_log(3)))
    some = known.of_items(known.item_ids[:4]).of_customers(np.arange(15) < 10)
    more = purchases(
        [
            ("c9", known.item_ids[8], "2025-03-01"),
            (known.customer_ids[12], "i0", "2025-03-01"),
            ("zoe", "new", "2025-03-01"),
        ]
    )
    both = some.extended_by(more)
    assert set(both.item_ids) == {*some.item_ids, "new"} and set(both.customer_ids) == {*some.customer_ids, "zoe"}


def test_an_update_follows_only_what_was_known_at_that_moment():
    log = busy_log(4).query("event == 'purchase'")
    shop = Dataset(log)
    known = build_interactions(shop).before(10)
    both = pd.concat([log[log.timestamp < known.as_of], log.iloc[-1:]])
    same(known.extended_by(log.iloc[-1:]), build_interactions(Dataset(both)))


def test_returns_alone_and_quiet_weeks():
    shop = Dataset(
        purchases([("ann", "tea", "2025-01-01"), ("ann", "jam", "2025-01-02"), ("bob", "jam", "2025-01-03")])
    )
    back = pd.DataFrame({"customer_id": ["ann"], "item_id": ["tea"], "event": ["return"], "timestamp": ["2025-01-09"]})
    known = build_interactions(shop, event_weights={"purchase": 1, "return": -1})
    model = RepeatPurchaseRecommender().fit(known)
    before = model.recommend("ann")
    assert model.update(back.head(0)).recommend("ann").equals(before)
    assert model.update(shop.between(start="2026-01-01")).recommend("ann").equals(before)
    model.update(back)
    assert model.interactions_.item_ids.tolist() == ["jam"]
    again = purchases([("ann", "tea", "2025-01-10")])
    assert model.update(again).recommend("ann").item_id.tolist() == before.item_id.tolist(), (
        "bought twice and returned once"
    )


def test_what_a_model_does_not_weigh_changes_nothing():
    shop = Dataset(busy_log(4))
    model = PopularityRecommender().fit(shop)
    before = model.interactions_
    returns = busy_log(5).query("event == 'return'").drop(columns=["order_id", "rating"])
    assert model.update(returns).interactions_ is before
    assert model.update(shop.between(start="2030-01-01")).interactions_ is before


@pytest.mark.parametrize("weights", [None, {"purchase": 1, "return": -1}])
def test_a_day_of_returns_alone_is_no_error(weights):
    log = purchases([("ann", "tea", "2025-01-01"), ("ann", "jam", "2025-01-02"), ("bob", "jam", "2025-01-03")])
    back = pd.DataFrame({"customer_id": ["ann"], "item_id": ["tea"], "event": ["return"], "timestamp": ["2025-01-09"]})
    for told in (back, back.assign(event=" Return"), back.assign(timestamp="2025-01-01")):
        model = RepeatPurchaseRecommender().fit(build_interactions(Dataset(log), event_weights=weights))
        assert model.update(told).interactions_.item_ids.tolist() == (["jam", "tea"] if weights is None else ["jam"])
    model = RepeatPurchaseRecommender().fit(build_interactions(Dataset(log), event_weights=weights))
    before = model.recommend("ann")
    early = back.assign(timestamp="2024-12-01")  # sent back before it was bought
    for told in (back.assign(item_id="never bought"), back.assign(customer_id=7), early):
        assert model.update(told).recommend("ann").equals(before)
    mixed = pd.concat([early, purchases([("bob", "tea", "2025-01-20")])])
    assert model.update(Dataset(mixed)).interactions_.bought.sum() == 4
    with pytest.raises(ValueError, match="unreadable_time"):
        model.update(back.assign(timestamp="never"))
