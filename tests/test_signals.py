"What a signal says beside a purchase, learned where the truth is known, and kept only where it helps."

import numpy as np
import pandas as pd
import pytest

from segrec.data import Dataset, simulate_shop
from segrec.recommendation import (
    DEFAULT_EVENT_WEIGHTS,
    PopularityRecommender,
    RepeatPurchaseRecommender,
    block_days,
    build_interactions,
    choose_signals,
    customer_weights,
    learn_event_weights,
    split_by_time,
)

PURCHASES = {"purchase": 1.0}


def log(*frames: pd.DataFrame) -> Dataset:
    return Dataset(pd.concat(frames, ignore_index=True))


def pairs(first_item: int, n_items: int, n_customers: int = 100) -> pd.DataFrame:
    "Each of some customers with each of some items."
    place = np.arange(n_customers * n_items)
    items = [f"i{item:03d}" for item in first_item + place // n_customers]
    return pd.DataFrame({"customer_id": [f"c{customer:03d}" for customer in place % n_customers], "item_id": items})


def happened(frame: pd.DataFrame, event: str, day: str) -> pd.DataFrame:
    return frame.assign(event=event, timestamp=day)


@pytest.fixture(scope="module")
def taught() -> Dataset:
    "Of 1,000 pairs a kind: 40 % of those bought are bought in the last week, of those in carts 20 %, viewed 5 %."
    parts = []
    for first, (event, hundredths) in enumerate({"purchase": 40, "cart": 20, "view": 5}.items()):
        own = pairs(10 * first, 10)
        parts += [
            happened(own, event, "2025-01-01"),
            happened(own.iloc[::2].iloc[: 10 * hundredths], "purchase", "2025-01-08"),
        ]
    return log(*parts)


def test_weights_are_the_rates_over_that_of_a_purchase(taught):
    table = learn_event_weights(taught, days=7).set_index("event")
    assert table.source.to_dict() == {"view": "learned", "cart": "learned", "purchase": "by definition"}
    assert table.rate.to_dict() == pytest.approx({"view": 0.05, "cart": 0.2, "purchase": 0.4})
    assert table.weight.to_dict() == pytest.approx({"view": 0.125, "cart": 0.5, "purchase": 1.0})
    assert (table.ci_low < table.rate).all() and (table.rate < table.ci_high).all()
    assert table.n.tolist() == [1000] * 3 and table.n_bought.tolist() == [50, 200, 400]


def test_a_signal_beside_another_is_taken_apart():
    "Whatever is bought was in a cart, too: what a purchase adds is what carts without one do not explain."
    carts, bought = pairs(0, 20), pairs(0, 10)
    later = [carts.iloc[:1000].iloc[::2], carts.iloc[1000:].iloc[::5]]  # 50 % of those bought, 20 % of carts alone
    shop = log(
        happened(carts, "cart", "2025-01-01"),
        happened(bought, "purchase", "2025-01-02"),
        *(happened(part, "purchase", "2025-01-09") for part in later),
    )
    table = learn_event_weights(shop, days=7).set_index("event")
    assert table.rate.to_dict() == pytest.approx({"cart": 0.2, "purchase": 0.3})


def test_what_cannot_be_learned_has_its_default(taught):
    never_again = log(
        happened(pairs(0, 10), "purchase", "2025-01-01"),
        happened(pairs(10, 10), "cart", "2025-01-01"),
        happened(pairs(10, 4), "purchase", "2025-01-08"),
    )
    few = log(
        happened(pairs(0, 2), "purchase", "2025-01-01"),
        happened(pairs(0, 2).head(50), "purchase", "2025-01-08"),
        happened(pairs(5, 1, 50), "cart", "2025-01-01"),
    )
    for shop, event, why in (
        (never_again, "cart", "default: what was bought is not bought again"),
        (few, "cart", "default: too few pairs"),
        (taught.between(end="2025-01-02"), "view", "default: the log has one day, and no before and after"),
        (
            log(happened(pairs(0, 2), "cart", "2025-01-01"), happened(pairs(5, 2), "purchase", "2025-01-08")),
            "cart",
            "default: what was known is not bought in the block",
        ),
    ):
        row = learn_event_weights(shop).set_index("event").loc[event]
        assert row.source == why and row.weight == DEFAULT_EVENT_WEIGHTS[event]


@pytest.fixture(scope="module")
def telling() -> Dataset:
    "Some have bought everything; the others buy what they had in the cart before. Views are at random."
    generator = np.random.default_rng(0)
    everything, looked = pairs(0, 40, 10).replace({"customer_id": "c"}, {"customer_id": "d"}, regex=True), pairs(0, 40)
    carts, views = (looked.groupby("customer_id").sample(3, random_state=generator) for _ in range(2))
    return log(
        happened(everything, "purchase", "2025-01-01"),
        happened(carts, "cart", "2025-01-02"),
        happened(views, "view", "2025-01-02"),
        happened(carts, "purchase", "2025-01-09"),
    )


def test_a_perfect_signal_is_kept_and_a_useless_one_left_out(telling):
    weights = {"purchase": 1, "cart": 2, "view": 1.5}
    choice = choose_signals(telling, RepeatPurchaseRecommender(), weights, validation_days=7)
    table = choice.table.set_index("signal")
    assert choice.event_weights == {"purchase": 1, "cart": 2} and choice.half_life_days is None
    assert table.ndcg["cart"] == pytest.approx(1) and table.ci_low["cart"] > 0.5
    assert not table.kept["view"] and table.reason["view"] in ("worse", "no clear gain")
    # The other way round: carts at random, and views of what is bought.
    swapped = telling.events.execute().replace({"event": {"cart": "view", "view": "cart"}})
    weights = {"purchase": 1, "cart": 1.5, "view": 2}
    assert choose_signals(Dataset(swapped), RepeatPurchaseRecommender(), weights, validation_days=7).event_weights == {
        "purchase": 1,
        "view": 2,
    }


def test_validation_is_never_worse_than_purchases_alone():
    train, _ = split_by_time(simulate_shop(200, 60, 90, random_state=2), test_days=14)
    choice = choose_signals(train, RepeatPurchaseRecommender(), half_lives=(7, 30))
    table = choice.table
    used = table[table.kept].iloc[-1]
    assert table.signal[0] == "purchases alone" and used.ndcg >= table.ndcg[0]
    assert (table.ci_low[table.kept & (table.signal != "purchases alone")] > 0).all()
    inner, _ = split_by_time(train, block_days(train))
    again = choose_signals(train, RepeatPurchaseRecommender(), half_lives=(7, 30))
    assert again.table.equals(table) and again.event_weights == choice.event_weights
    # What is tried is learned before the validation block, so what happens in it changes no weight.
    weights = learn_event_weights(inner).set_index("event").weight
    assert all(weights[row.signal] == row.weight for row in table[table.signal.isin(weights.index)].itertuples())


def test_one_kind_unknown_kinds_and_nobody_to_judge(telling, taught):
    alone = telling.between(end="2025-01-10").events.filter(lambda table: table.event == "purchase").execute()
    choice = choose_signals(Dataset(alone), PopularityRecommender(), validation_days=7)
    assert choice.event_weights == PURCHASES and choice.table.signal.tolist() == ["purchases alone"]
    other = pd.concat([alone, alone.head(200).assign(event="stare", timestamp=pd.Timestamp("2025-01-03"))])
    assert choose_signals(Dataset(other), PopularityRecommender(), validation_days=7).table.equals(choice.table)
    nobody = log(
        happened(pairs(0, 3, 50), "purchase", "2025-01-01"),
        happened(pairs(3, 3, 50), "cart", "2025-01-02"),
        happened(pairs(3, 1, 3), "purchase", "2025-01-09"),
    )
    choice = choose_signals(nobody, RepeatPurchaseRecommender(), validation_days=7)
    assert choice.event_weights == PURCHASES and choice.table.reason[1] == "too few customers to judge"


def test_a_half_life_that_helps_is_kept():
    "Tastes turn: what was bought often long ago is bought no more."
    old, new = pairs(0, 5), pairs(5, 5)
    shop = log(
        *(happened(old, "purchase", f"2025-01-0{day}") for day in (1, 2, 3)),
        happened(new, "purchase", "2025-03-01"),
        happened(new, "purchase", "2025-03-05"),
    )
    choice = choose_signals(shop, RepeatPurchaseRecommender(), half_lives=(7, 1000), validation_days=2)
    assert choice.half_life_days == 7 and choice.event_weights == PURCHASES
    assert choice.table.set_index("signal").kept.to_dict() == {
        "purchases alone": True,
        "half-life 7 days": True,
        "half-life 1000 days": False,
    }


@pytest.fixture(scope="module")
def tiers() -> Dataset:
    events = pd.DataFrame(
        [("a", "x", 4.0, "2025-01-01"), ("b", "x", 16.0, "2025-01-31"), ("c", "y", 64.0, "2025-01-31")],
        columns=["customer_id", "item_id", "price", "timestamp"],
    ).assign(event="purchase")
    looks = pd.DataFrame({"customer_id": ["d"], "item_id": "y", "event": "view", "timestamp": "2025-01-31"})
    tier = pd.DataFrame({"customer_id": list("abcd"), "loyalty_tier": ["low", "high", "middle", None]})
    return Dataset(pd.concat([events, looks]), customers=tier)


def test_customer_weights_by_hand(tiers):
    value = customer_weights(tiers, "value")
    assert value.to_dict() == pytest.approx({"a": 2 * 3 / 14, "b": 4 * 3 / 14, "c": 8 * 3 / 14})
    recency = customer_weights(tiers, "recency", half_life_days=30)
    assert recency.to_dict() == pytest.approx({"a": 0.6, "b": 1.2, "c": 1.2})
    loyalty = customer_weights(tiers, "loyalty", tiers=["low", "middle", "high"])
    assert loyalty.to_dict() == pytest.approx({"a": 4 / 7, "b": 12 / 7, "c": 8 / 7, "d": 4 / 7})
    weighed = build_interactions(tiers, customer_weights=value).frame.set_index("customer_id").weight
    assert weighed.to_dict() == pytest.approx(value.to_dict())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda shop: customer_weights(shop, "age"), "must be one of"),
        (lambda shop: customer_weights(shop, "loyalty", column="tier", tiers=["low"]), "must be a column"),
        (lambda shop: customer_weights(shop, "loyalty", tiers=["low", "high"]), "also middle"),
        (lambda shop: customer_weights(shop, "recency", half_life_days=float("nan")), "half_life_days == nan"),
        (lambda shop: choose_signals(shop, PopularityRecommender(), {"cart": float("nan")}), "'cart'. == nan"),
        (lambda shop: choose_signals(shop, PopularityRecommender(), {"buy": 1.0}), "event_weights == 'buy'"),
        (lambda shop: choose_signals(shop, PopularityRecommender(), half_lives=[0]), "half_life_days == 0"),
        (lambda shop: learn_event_weights(shop, days=0), "days == 0"),
    ],
)
def test_errors_teach(tiers, call, words):
    with pytest.raises(ValueError, match=words):
        call(tiers)


def test_stars_turn_a_review():
    bought = pd.DataFrame({"customer_id": "a", "item_id": ["best", "worst", "mute"], "timestamp": "2025-01-01"})
    reviews = bought.assign(event="review", rating=[5, 1, None])
    shop = log(bought.assign(event="purchase"), reviews)
    frame = build_interactions(shop, event_weights={"purchase": 1, "review": 0.5}).frame
    assert dict(zip(frame.item_id, frame.weight, strict=True)) == {"best": 1.5, "mute": 1.5, "worst": 0.5}
