"Metrics against scikit-learn and by hand, splits, comparisons against statsmodels, and a search that sees no test block."

import math
import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from conftest import purchases
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, ndcg_score
from statsmodels.stats.multitest import multipletests

from segrec.core import paired_difference, paired_differences
from segrec.data import Dataset
from segrec.recommendation import (
    ALSRecommender,
    EvaluationBlock,
    PopularityRecommender,
    RepeatPurchaseRecommender,
    SegmentedRecommender,
    block_days,
    build_interactions,
    compare_all_models,
    compare_models,
    customer_metrics,
    evaluate,
    evaluate_models,
    evaluate_over_time,
    list_metrics,
    rolling_splits,
    split_by_time,
    tune,
    tune_als,
)

LISTS = ("ndcg", "recall", "hit_rate", "map", "mrr")


class Given(PopularityRecommender):
    "Shows everybody the items of one list, in its order."

    order: tuple[str, ...] = ()

    def _scores(self, rows):
        places = {item: place for place, item in enumerate(self.order)}
        scores = [-places.get(item, np.inf) for item in self.interactions_.item_ids]
        return np.tile(np.array(scores, dtype=float), (len(rows), 1))


def shows(train, *order) -> Given:
    model = Given().fit(train)
    model.order = order
    return model


def shop_of(rows, items=None) -> Dataset:
    "A shop from (customer, item, time, price, quantity)."
    names = ["customer_id", "item_id", "timestamp", "price", "quantity"]
    return Dataset(pd.DataFrame(rows, columns=names).assign(event="purchase"), items=items)


@pytest.fixture(scope="module")
def blocks(demo):
    train, test = split_by_time(demo, 28)
    return train, test, EvaluationBlock(train, test)


@pytest.fixture(scope="module")
def past() -> Dataset:
    "Ann bought a and b, Bob c and d, Cat e and f."
    owners = dict(zip("abcdef", ("ann", "ann", "bob", "bob", "cat", "cat"), strict=True))
    return shop_of([(owner, item, "2025-01-01", 1.0, 1) for item, owner in owners.items()])


# --- metrics


def test_a_full_ranking_has_the_average_precision_of_scikit_learn(blocks):
    train, test, block = blocks
    model = ALSRecommender(8).fit(train)
    n_items = len(block.item_ids)
    ours, shown = customer_metrics(model, block, k=n_items)
    bought = test.events.filter(test.events.event == "purchase").execute().groupby("customer_id").item_id.agg(set)
    for customer in block.customer_ids[:60]:
        ranks = shown[shown.customer_id == customer].set_index("item_id")["rank"].reindex(block.item_ids)
        relevant = [float(item in bought[customer]) for item in block.item_ids]
        assert ranks.notna().all()
        assert ours["map"][customer] == pytest.approx(average_precision_score(relevant, -ranks))
        assert ours["ndcg"][customer] == pytest.approx(ndcg_score([relevant], [-ranks.to_numpy()]))
        best = min(rank for rank, hit in zip(ranks, relevant, strict=True) if hit)
        assert ours["mrr"][customer] == pytest.approx(1 / best)
        assert ours["recall"][customer] == ours["hit_rate"][customer] == 1


@pytest.mark.parametrize(
    ("order", "mean_precision", "reciprocal"),
    [
        ("abcdef", (1 / 1 + 2 / 2 + 3 / 3) / 3, 1),
        ("adbecf", (1 / 1 + 2 / 3) / 3, 1),
        ("deabcf", (1 / 3 + 2 / 4) / 3, 1 / 3),
        ("defabc", 1 / 3 * 1 / 4, 1 / 4),
    ],
)
def test_lists_counted_by_hand(past, order, mean_precision, reciprocal):
    "Ann buys a, b and c; four items are shown."
    now = shop_of([("ann", item, "2025-02-01", 1.0, 1) for item in "abc"])
    ann = customer_metrics(shows(past, *order), EvaluationBlock(past, now), k=4)[0].loc["ann"]
    assert (ann["map"], ann["mrr"]) == (pytest.approx(mean_precision), pytest.approx(reciprocal))


def test_few_places_and_much_bought(past):
    "With one place the best possible list has one hit: MAP is 1, recall a third."
    now = shop_of([("ann", item, "2025-02-01", 1.0, 1) for item in "abc"])
    ann = customer_metrics(shows(past, *"abcdef"), EvaluationBlock(past, now), k=1)[0].loc["ann"]
    assert ann["map"] == 1 and ann.recall == pytest.approx(1 / 3)


def test_repeats_and_new_items_are_counted_apart(past):
    "Ann knows a and b. She buys a again and e for the first time; what she knows is not among the new."
    now = shop_of([("ann", item, "2025-02-01", 1.0, 1) for item in "ae"])
    ann = customer_metrics(shows(past, *"bacdef"), EvaluationBlock(past, now), k=5)[0].loc["ann"]
    assert (ann.mrr, ann.mrr_repeat, ann.mrr_new) == (1 / 2, 1 / 2, pytest.approx(1 / 3))
    assert ann["map"] == pytest.approx((1 / 2 + 2 / 5) / 2) and ann.map_repeat == 1 / 2
    assert ann.map_new == pytest.approx(1 / 3)
    bob = customer_metrics(
        shows(past, *"bacdef"), EvaluationBlock(past, shop_of([("bob", "c", "2025-02-01", 1.0, 1)]))
    )[0].loc["bob"]
    assert bob[[name + "_new" for name in LISTS]].isna().all(), "he bought nothing new"


@settings(max_examples=15, deadline=None)
@given(order=st.permutations("abcdef"), bought=st.sets(st.sampled_from("abcdef"), min_size=1), k=st.integers(1, 6))
def test_any_list_against_the_definitions(past, order, bought, k):
    now = shop_of([("ann", item, "2025-02-01", 1.0, 1) for item in sorted(bought)])
    ann = customer_metrics(shows(past, *order), EvaluationBlock(past, now), k=k, explore=False)[0].loc["ann"]
    hits = [item in bought for item in order[:k]]
    precision = [sum(hits[: rank + 1]) / (rank + 1) for rank in range(k) if hits[rank]]
    assert ann["map"] == pytest.approx(sum(precision) / min(len(bought), k))
    assert ann.mrr == pytest.approx(1 / (hits.index(True) + 1) if any(hits) else 0)
    assert ann.recall == pytest.approx(sum(hits) / len(bought)) and ann.hit_rate == any(hits)
    best = sum(1 / math.log2(rank + 2) for rank in range(min(len(bought), k)))
    assert ann.ndcg == pytest.approx(sum(hit / math.log2(rank + 2) for rank, hit in enumerate(hits)) / best)


def test_the_order_of_the_log_is_of_no_account(demo, blocks):
    train, _, block = blocks
    model = RepeatPurchaseRecommender().fit(train)
    log = demo.events.execute().sample(frac=1, random_state=1)
    mixed_train, mixed_test = split_by_time(Dataset(log, demo.items.execute()), 28)
    mixed = RepeatPurchaseRecommender().fit(mixed_train)
    first = evaluate(model, train, block)
    assert first.equals(evaluate(mixed, mixed_train, mixed_test))


def test_diversity_by_category_and_brand():
    "a and b share both, a and c the brand alone, a and d nothing; e is known by neither, and left out."
    items = pd.DataFrame(
        [("a", "x", "p"), ("b", "x", "p"), ("c", "y", "p"), ("d", "z", "q"), ("e", None, None)],
        columns=["item_id", "category", "brand"],
    )
    past = shop_of([("ann", item, "2025-01-01", 1.0, 1) for item in "abcde"], items)
    block = EvaluationBlock(past, shop_of([("ann", "a", "2025-02-01", 1.0, 1)]))

    def diversity(order: str) -> float:
        return customer_metrics(shows(past, *order), block, k=len(order))[0].diversity["ann"]

    assert [diversity(order) for order in ("ab", "ac", "ad")] == [pytest.approx(0), pytest.approx(0.5), 1]
    assert diversity("abd") == pytest.approx((0 + 1 + 1) / 3) and diversity("aed") == 1
    assert np.isnan(diversity("ae")), "one known item is no pair"


def test_without_attributes_and_prices_nothing_is_made_up(past):
    log = pd.DataFrame(
        {"customer_id": "ann", "item_id": ["a"], "event": "purchase", "timestamp": pd.Timestamp("2025-02-01")}
    )
    block = EvaluationBlock(past, Dataset(log))
    ann = customer_metrics(shows(past, *"ab"), block, k=2)[0].loc["ann"]
    assert ann.mrr == 1 and ann[["diversity", "revenue", "revenue_share"]].isna().all()
    table = evaluate(shows(past, *"ab"), past, block).set_index("metric")
    assert table.value[["diversity", "revenue", "revenue_share"]].isna().all() and table.n["revenue"] == 0


def test_revenue_is_the_money_that_was_paid_for_what_was_shown(past):
    "Ann pays 2 x 3 for a, on two days, and 4 for c; Bob has no price, and Cat buys nothing that is shown."
    now = shop_of(
        [
            ("ann", "a", "2025-02-01", 3.0, 1),
            ("ann", "a", "2025-02-02", 3.0, None),
            ("ann", "c", "2025-02-01", 2.0, 2),
            ("bob", "a", "2025-02-01", None, 1),
            ("cat", "f", "2025-02-01", 5.0, 1),
        ]
    )
    metrics, _ = customer_metrics(shows(past, *"abdcef"), EvaluationBlock(past, now), k=3)
    assert metrics.revenue.to_dict() == {"ann": 6, "bob": pytest.approx(np.nan, nan_ok=True), "cat": 0}
    assert metrics.revenue_share["ann"] == pytest.approx(0.6) and metrics.revenue_share["cat"] == 0


def test_revenue_of_everything_is_all_that_was_paid(blocks):
    train, test, block = blocks
    model = PopularityRecommender().fit(train)
    metrics, _ = customer_metrics(model, block, k=len(block.item_ids))
    lines = test.events.filter(test.events.event == "purchase").execute()
    paid = (lines.price * lines.quantity.fillna(1)).groupby(lines.customer_id).sum()
    assert np.allclose(metrics.revenue, paid[metrics.index]) and np.allclose(metrics.revenue_share, 1)


def test_interactions_as_a_test_block(demo, blocks):
    train, _, block = blocks
    everything = build_interactions(demo)
    known = everything.before(28)
    other = EvaluationBlock(known, everything.last(28))
    model = ALSRecommender(8).fit(train)
    ours, theirs = (customer_metrics(model, one)[0] for one in (block, other))
    money = ["revenue", "revenue_share"]
    assert ours.drop(columns=money).equals(theirs.drop(columns=money)) and other.n_cold == block.n_cold
    assert ours[money].notna().all(axis=None) and theirs[money].isna().all(axis=None)
    table = evaluate(model, known, everything.last(28)).set_index("metric")
    assert table.value["ndcg"] == pytest.approx(ours.ndcg.mean())


def test_a_part_of_the_customers_has_the_metrics_of_the_whole(blocks):
    train, _, block = blocks
    model = RepeatPurchaseRecommender().fit(train)
    some = block.customer_ids[5:40]
    whole, part = (customer_metrics(model, one)[0] for one in (block, block.of_customers(some)))
    pd.testing.assert_frame_equal(whole.loc[some], part)


def test_an_empty_block(demo, blocks):
    train = blocks[0]
    nobody = demo.between(start="2030-01-01")
    table = evaluate(PopularityRecommender().fit(train), train, nobody)
    assert (table.n == 0).all() and table.value.isna().all() and {"map", "mrr_new", "revenue"} <= set(table.metric)


# --- splits


def test_rolling_splits_follow_each_other(demo):
    splits = rolling_splits(demo, test_days=21, n_splits=4)
    assert len(splits) == 4
    for train, test in splits:
        assert train.summary["last"] < test.summary["first"] and train.summary["first"] == demo.summary["first"]
    for (_, one), (later, other) in pairwise(splits):
        assert one.as_of + pd.Timedelta(days=21) == other.as_of and later.summary["last"] == one.summary["last"]
    tests = sum(test.summary.n_events for _, test in splits)
    assert splits[0][0].summary.n_events + tests == demo.summary.n_events
    ours, theirs = rolling_splits(demo, 28, 1)[0], split_by_time(demo, 28)
    assert [one.fingerprint for one in ours] == [one.fingerprint for one in theirs]


def test_a_log_too_short_for_so_many_splits():
    shop = Dataset(purchases([("ann", "tea", f"2025-01-{day:02d}") for day in range(1, 11)]))
    assert len(rolling_splits(shop, test_days=3, n_splits=3)) == 3
    with pytest.raises(ValueError, match="n_splits == 2, must be so few that 2 blocks of 5 days"):
        rolling_splits(shop, test_days=5, n_splits=2)
    with pytest.raises(ValueError, match="n_splits == 0, must be an integer >= 1"):
        rolling_splits(shop, n_splits=0)


def test_a_model_over_time(demo):
    model = RepeatPurchaseRecommender()
    table = evaluate_over_time(model, demo, test_days=28, n_splits=3)
    assert list(table.columns[:2]) == ["split", "test_start"] and not hasattr(model, "interactions_")
    for number, (train, test) in enumerate(rolling_splits(demo, 28, 3), start=1):
        part = table[table.split == number].reset_index(drop=True)
        alone = evaluate(RepeatPurchaseRecommender().fit(train), train, test)
        assert part[alone.columns].equals(alone) and (part.test_start == test.as_of - pd.Timedelta(days=28)).all()
    seen = []

    def factory(train):
        seen.append(train.as_of)
        return RepeatPurchaseRecommender().fit(train)

    assert evaluate_over_time(factory, demo, n_splits=3).equals(table) and len(seen) == 3 and seen == sorted(seen)
    with pytest.raises(TypeError, match="model == 'popular', must be a recommender"):
        evaluate_over_time("popular", demo)


# --- comparisons


@pytest.fixture(scope="module")
def measured() -> dict[str, pd.DataFrame]:
    "Five models of 71 customers and 9 unknown ones; a mean differs from another by exactly what is said here."
    generator = np.random.default_rng(0)
    base = np.where(np.arange(80) < 9, np.nan, generator.beta(2, 5, 80))
    ids = pd.Index([f"c{number:02d}" for number in range(80)], name="customer_id")
    frames = {}
    # The standard error of a difference is .0134: d is 2.5 of them away from a, b and c.
    for name, gain in {"a": 0, "b": 0, "c": 0, "d": 0.0335, "e": 0.2}.items():
        noise = generator.normal(0, 0.08, 80)
        frames[name] = pd.DataFrame({"ndcg": base + gain + noise - noise[9:].mean()}, index=ids)
    return frames


def test_all_pairs_with_the_correction_of_statsmodels(measured):
    table = compare_all_models(measured)
    assert list(table.columns) == [
        *("segment", "first", "second", "difference", "ci_low", "ci_high", "p_value", "p_adjusted", "n", "verdict")
    ]
    assert list(zip(table["first"], table.second, strict=True))[:5] == [*(("a", other) for other in "bcde"), ("b", "c")]
    assert len(table) == 10 and (table.n == 71).all()
    assert np.allclose(table.p_adjusted, multipletests(table.p_value, method="holm")[1])
    # Holm by hand: the smallest p times their number, the next times one less, never falling.
    p = np.sort(table.p_value)
    assert np.allclose(np.sort(table.p_adjusted), np.minimum(1, np.maximum.accumulate(p * np.arange(10, 0, -1))))
    verdicts = table.set_index(["first", "second"]).verdict
    assert verdicts["a", "e"] == "worse" and verdicts["a", "b"] == "no clear difference"
    assert (verdicts.isin(["better", "worse"]).to_numpy() == (table.p_adjusted < 0.05)).all()
    assert ((table.p_value < 0.05) & (table.verdict == "no clear difference")).any(), "the correction is of account"


def test_each_against_a_baseline_and_in_segments(measured):
    table = compare_all_models(measured, baseline="e")
    assert table["first"].tolist() == list("abcd") and set(table.second) == {"e"} and (table.difference < 0).all()
    for row in table.itertuples():
        alone = compare_models(measured, row.first, "e").iloc[0]
        assert row.difference == pytest.approx(alone.difference) and row.n == alone.n
        assert (row.ci_low, row.ci_high) == (
            pytest.approx(alone.ci_low, abs=0.005),
            pytest.approx(alone.ci_high, abs=0.005),
        )
    labels = pd.Series(["x"] * 40 + ["y"] * 36 + ["few"] * 4, index=measured["a"].index)
    parts = compare_all_models(measured, baseline="e", segments=labels)
    assert parts.segment.unique().tolist() == ["all", "few", "x", "y"] and len(parts) == 16
    few = parts[parts.segment == "few"]
    assert few.p_adjusted.isna().all() and (few.verdict == "too few customers").all() and (few.n == 4).all()
    known = parts[parts.segment != "few"]
    assert np.allclose(known.p_adjusted, multipletests(known.p_value, method="holm")[1])
    assert (known.verdict == "worse").all(), "however many comparisons, what differs much is found"


def test_many_comparisons_have_enough_resamples():
    "With the thousand resamples of one comparison, the best possible p-value times 66 would be .13."
    generator = np.random.default_rng(0)
    models = {f"m{number}": pd.DataFrame({"ndcg": generator.normal(number, 0.01, 30)}) for number in range(12)}
    assert (compare_all_models(models).verdict == "worse").all()


def test_models_that_are_the_same_do_not_differ(measured):
    table = compare_all_models({"a": measured["a"], "again": measured["a"]})
    assert table.p_adjusted.tolist() == [1] and table.verdict.tolist() == ["no clear difference"]
    with pytest.raises(ValueError, match="two models or more"):
        compare_all_models({"a": measured["a"]})
    with pytest.raises(ValueError, match="baseline == 'z', must be one of 'a'"):
        compare_all_models(measured, baseline="z")
    with pytest.raises(ValueError, match="metric == 'auc', must be one of 'ndcg'"):
        compare_all_models(measured, metric="auc")


def test_several_differences_are_those_of_each_pair():
    generator = np.random.default_rng(0)
    values = generator.normal(0.1, 1, (40, 3))
    values[:3] = np.nan
    values[3:38, 2] = np.nan
    found = paired_differences(values)
    for column in (0, 1):
        assert found[column] == pytest.approx(paired_difference(values[:, column], np.zeros(40)))
    assert found[2].value == pytest.approx(np.nanmean(values[:, 2])) and np.isnan(found[2].p_value)


def test_every_metric_can_be_compared(blocks):
    train, _, block = blocks
    models = {"own": RepeatPurchaseRecommender().fit(train), "all": PopularityRecommender().fit(train)}
    table, by_customer = evaluate_models(models, train, block)
    for metric in ("map", "mrr_new", "revenue", "diversity"):
        values = table[table.metric == metric].set_index("model").value
        row = compare_all_models(by_customer, metric=metric).iloc[0]
        assert row.difference == pytest.approx(values["own"] - values["all"])


# --- tuning


def with_dealt_out_items(demo, first: int, last: int) -> Dataset:
    "The purchases, with the items of some days before the end dealt out anew."
    log = demo.events.filter(demo.events.event == "purchase").order_by("timestamp", "customer_id", "item_id").execute()
    days = (demo.as_of - log.timestamp) / pd.Timedelta(days=1)
    dealt = days.between(last, first, inclusive="right")
    log.loc[dealt, "item_id"] = np.random.default_rng(0).permutation(log.item_id[dealt])
    return Dataset(log, items=demo.items.execute())


def test_tuning_never_looks_at_the_test_block(demo):
    parameters = {"factors": [4, 16], "regularization": [1, 10]}
    found = {
        name: tune(ALSRecommender(), parameters, split_by_time(with_dealt_out_items(demo, *days), 28)[0])
        for name, days in {"as it was": (0, 0), "test": (28, 0), "validation": (56, 28), "before": (150, 56)}.items()
    }
    best, tries = found["as it was"]
    assert found["test"][1].equals(tries) and found["test"][0].settings() == best.settings()
    assert not found["validation"][1].equals(tries) and not found["before"][1].equals(tries)


def test_interactions_of_the_past_know_nothing_later(demo):
    "Neither a search nor a model that asks the shop behind its interactions finds the test block there."
    as_it_was, other = demo.between(), with_dealt_out_items(demo, 28, 0)
    known, changed = (build_interactions(shop).before(28) for shop in (as_it_was, other))
    train, _ = split_by_time(demo, 28)
    parameters = {"half_life_days": [10, 40, None]}
    tries = tune(RepeatPurchaseRecommender(), parameters, train, validation_days=28)[1]
    for one in (known, changed):
        assert tune(RepeatPurchaseRecommender(), parameters, one, validation_days=28)[1].equals(tries)
        assert one.dataset.summary["last"] < one.as_of
    first, second, third = (SegmentedRecommender().fit(data).validation_ for data in (known, changed, train))
    assert first.equals(second) and first.equals(third)
    assert block_days(known) == block_days(train) == 28


def test_the_tries_are_judged_on_the_last_days_of_the_log(demo):
    train, _ = split_by_time(demo, 28)
    best, tries = tune(PopularityRecommender(), {"half_life_days": [None, 5, 50]}, train, validation_days=14)
    inner, validation = split_by_time(train, 14)
    for row, half_life in zip(tries.itertuples(), [None, 5, 50], strict=True):
        table = evaluate(PopularityRecommender(half_life).fit(inner), inner, validation).set_index("metric")
        ndcg = table.loc["ndcg"]
        assert (row.ndcg, row.n) == (pytest.approx(ndcg.value), ndcg.n)
        assert (row.ci_low, row.ci_high) == (pytest.approx(ndcg.ci_low), pytest.approx(ndcg.ci_high))
    assert tries.chosen.tolist() == (tries.ndcg == tries.ndcg.max()).tolist()
    assert best.half_life_days == [None, 5, 50][tries.ndcg.idxmax()] and not hasattr(best, "interactions_")


def test_tuning_keeps_the_other_settings_and_the_model(demo):
    model = ALSRecommender(factors=4, iterations=3, min_customers=20, random_state=5)
    best, tries = tune(model, {"regularization": np.array([0.5, 20.0])}, demo)
    assert len(tries) == 2 and model.regularization == 10 and not hasattr(model, "interactions_")
    assert (best.factors, best.iterations, best.min_customers, best.random_state) == (4, 3, 20, 5)
    same, table = tune_als(demo, regularizations=(0.5, 20.0), factors=(4,), min_customers=20, random_state=5)
    assert list(table.columns) == ["factors", "regularization", "ndcg", "ci_low", "ci_high", "n", "chosen"]
    assert same.factors == 4 and same.min_customers == 20


def test_rare_items_are_left_out_of_models_and_not_of_the_judgement(demo):
    train, _ = split_by_time(demo, 28)
    tries = tune(ALSRecommender(factors=4), {"min_customers": [1, 60]}, train, validation_days=28)[1]
    inner, validation = split_by_time(train, 28)
    for row in tries.itertuples():
        model = ALSRecommender(factors=4, min_customers=int(row.min_customers)).fit(inner)
        assert row.ndcg == pytest.approx(customer_metrics(model, EvaluationBlock(inner, validation))[0].ndcg.mean())
    assert tries.n.nunique() == 1 and tries.ndcg.nunique() == 2


def test_a_search_over_ranges(demo):
    distributions = pytest.importorskip("optuna").distributions
    parameters = {"factors": [2, 4, 8], "regularization": distributions.FloatDistribution(0.1, 100, log=True)}
    model = ALSRecommender(iterations=3)
    best, tries = tune(model, parameters, demo, n_tries=12, random_state=1)
    again, table = tune(model, parameters, demo, n_tries=12, random_state=1)
    assert table.equals(tries) and again.settings() == best.settings() and len(tries) == 12
    assert tries.regularization.between(0.1, 100).all() and set(tries.factors) <= {2, 4, 8}
    chosen = tries[tries.chosen].iloc[0]
    assert (best.factors, best.regularization) == (chosen.factors, chosen.regularization)
    assert not tune(model, parameters, demo, n_tries=12, random_state=2)[1].equals(tries)
    few = {"factors": [2, 4, 8], "regularization": [1, 10]}
    some = tune(model, few, demo, n_tries=5)[1]
    assert 1 < len(some) <= 5 and not some.duplicated(["factors", "regularization"]).any(), "more than may be tried"


def test_what_tuning_refuses(demo, monkeypatch):
    train = demo
    for call, kind, words in (
        (lambda: tune("als", {"factors": [1]}, train), TypeError, "model == 'als'"),
        (lambda: tune(ALSRecommender, {"factors": [1]}, train), TypeError, "must be a recommender"),
        (lambda: tune(ALSRecommender(), {"alpha": [1]}, train), ValueError, "must be one of 'factors'"),
        (lambda: tune(ALSRecommender(), {"factors": []}, train), TypeError, r"parameters\['factors'\] == \[\]"),
        (lambda: tune(ALSRecommender(), {"factors": "8"}, train), TypeError, "a list of values"),
        (
            lambda: tune(ALSRecommender(), {"factors": [8]}, train, validation_days=0),
            ValueError,
            "validation_days == 0",
        ),
        (lambda: tune(ALSRecommender(), {"factors": [8]}, train, validation_days=900), ValueError, "nothing to learn"),
    ):
        with pytest.raises(kind, match=words):
            call()
    shop = Dataset(purchases([("ann", "tea", "2025-01-01"), ("bob", "tea", "2025-03-01")]))
    with pytest.raises(ValueError, match="days in which customers who bought before buy again"):
        tune(PopularityRecommender(), {"half_life_days": [None, 5]}, shop)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match=r"pip install 'segrec\[tune\]'"):
        tune(ALSRecommender(), {"factors": [2, 4]}, demo, n_tries=1)


def test_only_the_order_of_ranks_counts(demo):
    train, test = split_by_time(demo, 28)
    block = EvaluationBlock(train, test)
    lists = PopularityRecommender().fit(train).recommend(block.customer_ids, n=20)
    right = list_metrics(lists, block)
    for other in (lists["rank"] - 1, lists["rank"] * 3 + 2):
        pd.testing.assert_frame_equal(
            list_metrics(lists.assign(rank=other).sample(frac=1, random_state=0), block), right
        )


def test_a_try_without_items_fails_alone(demo):
    train, _ = split_by_time(demo, 28)
    best, table = tune(ALSRecommender(4), {"min_customers": [1, 10_000]}, train, validation_days=28)
    assert best.min_customers == 1 and table.ndcg.isna().tolist() == [False, True]
    with pytest.raises(ValueError, match="min_customers"):
        tune(ALSRecommender(4), {"min_customers": [10_000]}, train, validation_days=28)
