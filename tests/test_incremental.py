"What an update must hold: the same interactions as if built at once, exact rows, and a quality near a retrain's."

import numpy as np
import pandas as pd
import pytest
from conftest import purchases

from segrec.data import Dataset, simulate_shop
from segrec.recommendation import (
    ALSRecommender,
    EASERecommender,
    EnsembleRecommender,
    EvaluationBlock,
    Recommender,
    build_interactions,
    customer_metrics,
)


@pytest.fixture(scope="module")
def shop() -> Dataset:
    return simulate_shop(random_state=3)


def days_of(shop, start, end):
    events = shop.events.filter((shop.events.timestamp >= start) & (shop.events.timestamp < end)).execute()
    return [part for _, part in events.groupby(events.timestamp.dt.normalize())]


@pytest.mark.parametrize("half_life_days", [None, 30])
@pytest.mark.parametrize("min_customers", [1, 30])
def test_extended_is_as_built_at_once(shop, half_life_days, min_customers):
    end = shop.as_of - pd.Timedelta(days=7)
    cut = end - pd.Timedelta(days=21)
    known = build_interactions(shop.between(end=cut), half_life_days, min_customers)
    for day in days_of(shop, cut, end):
        known = known.extended_by(day)
    whole = build_interactions(shop.between(end=end), half_life_days, min_customers)
    assert known.item_ids.equals(whole.item_ids) and known.customer_ids.equals(whole.customer_ids)
    pd.testing.assert_frame_equal(
        known.signals.reset_index(drop=True), whole.signals.reset_index(drop=True), rtol=0, atol=1e-9
    )
    assert abs(known.matrix - whole.matrix).max() < 1e-9 and known.as_of == whole.as_of
    assert known.items.index.equals(known.item_ids)


def test_late_and_new_ids_find_their_places():
    known = build_interactions(Dataset(purchases([("bob", "jam", "2025-01-05"), ("dan", "tea", "2025-01-09")])))
    late = purchases([("bob", "jam", "2025-01-02"), ("ann", "ale", "2025-01-03"), ("eve", "zinc", "2025-01-03")])
    both = known.extended_by(late)
    assert both.customer_ids.tolist() == ["ann", "bob", "dan", "eve"] and both.item_ids.tolist() == [
        "ale",
        "jam",
        "tea",
        "zinc",
    ]
    assert both.signals.days.tolist() == [7, 8, 5, 1, 7] and both.as_of == known.as_of


def test_an_item_is_learned_once_enough_customers_bought_it(tmp_path):
    rows = [(f"c{number}", "tea", "2025-01-01") for number in range(3)] + [("c0", "jam", "2025-01-01")]
    model = ALSRecommender(factors=2, min_customers=3).fit(Dataset(purchases(rows)))
    model.update(purchases([("c1", "jam", "2025-01-02"), ("c1", "jam", "2025-01-03")]))
    assert model.interactions_.item_ids.tolist() == ["tea"], "two customers are too few"
    model.save(tmp_path)
    model = Recommender.load(tmp_path).update(purchases([("new", "jam", "2025-01-04")]))
    assert model.interactions_.item_ids.tolist() == ["jam", "tea"] and model.interactions_.bought[:, 0].sum() == 4
    assert "jam" in set(model.recommend("c0").item_id)


def test_what_comes_back_is_taken_off():
    bought = purchases([("ann", "tea", "2025-01-01"), ("bob", "jam", "2025-01-01")])
    shop = Dataset(pd.concat([bought, purchases([("ann", "tea", "2025-01-03")]).assign(event="return")]))
    known = build_interactions(shop.between(end="2025-01-02"), event_weights={"purchase": 1, "return": -1})
    model = ALSRecommender(factors=2).fit(known).update(shop.between(start="2025-01-02"))
    assert model.interactions_.customer_ids.tolist() == ["bob"] and len(model.recommend("bob")) == 1


@pytest.mark.parametrize("half_life_days", [None, 30])
def test_touched_customers_are_exact(shop, half_life_days):
    end = shop.as_of - pd.Timedelta(days=5)
    model = ALSRecommender(16, regularization=1).fit(build_interactions(shop.between(end=end), half_life_days))
    for day in days_of(shop, end, shop.as_of):
        model.update(day)
    matrix = model.interactions_.matrix
    for row in model.interactions_.customer_ids.get_indexer(day.customer_id[day.event == "purchase"].unique()):
        mine = matrix[[row]]
        assert np.abs(model.fold_in(mine.data, mine.indices) - model.customer_factors_[row]).max() < 1e-4
    items = model.item_factors_.astype(float)
    assert np.allclose(model.gram_, items.T @ items + np.eye(16)), "the Gram matrix is that of the factors as they are"


def test_everybody_has_a_turn(shop):
    end = shop.as_of - pd.Timedelta(days=4)
    model = ALSRecommender(8).fit(shop.between(end=end))
    for day in days_of(shop, end, shop.as_of):
        model.update(day)
    assert min(model.customer_solved_.min(), model.item_solved_.min()) >= model.n_updates_ - 1


@pytest.mark.parametrize(
    "make", [lambda: ALSRecommender(8), EASERecommender, EnsembleRecommender], ids=["als", "ease", "ensemble"]
)
def test_updates_survive_a_save_and_are_the_same_each_time(make, shop, tmp_path):
    end = shop.as_of - pd.Timedelta(days=3)
    first, second, last = days_of(shop, end, shop.as_of)
    model = make().fit(shop.between(end=end)).update(first)
    model.save(tmp_path)
    again = Recommender.load(tmp_path)
    ids = [*model.interactions_.customer_ids[:30], "nobody"]
    pd.testing.assert_frame_equal(again.recommend(ids), model.recommend(ids), check_exact=True)
    for one in (model, again):
        one.update(second).update(last)
    pd.testing.assert_frame_equal(again.recommend(ids), model.recommend(ids), check_exact=True)
    for customer, item in model.recommend(ids, n=1)[["customer_id", "item_id"]].itertuples(index=False):
        why = model.explain(customer, item)
        assert abs(why.parts.contribution.sum() - why.score) < 1e-6


def test_daily_updates_hold_what_a_retrain_gains(shop):
    end = shop.as_of - pd.Timedelta(days=28)
    cut = end - pd.Timedelta(days=60)
    settings = {"factors": 16, "regularization": 3}
    stale = ALSRecommender(**settings).fit(shop.between(end=cut))
    updated = ALSRecommender(**settings).fit(shop.between(end=cut))
    for day in days_of(shop, cut, end):
        updated.update(day)
    retrained = ALSRecommender(**settings).fit(shop.between(end=end))
    block = EvaluationBlock(shop.between(end=end), shop.between(start=end))
    ndcg = [customer_metrics(model, block)[0].ndcg.mean() for model in (stale, updated, retrained)]
    assert ndcg[2] > ndcg[0] and ndcg[1] - ndcg[0] > 0.9 * (ndcg[2] - ndcg[0])
