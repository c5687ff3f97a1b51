"Lists judged week by week, for one group of customers."

import numpy as np
import pandas as pd
import pytest

from segrec.core.intervals import paired_difference
from segrec.data import Dataset, read_dataset
from segrec.recommendation import (
    EvaluationBlock,
    PopularityRecommender,
    RepeatPurchaseRecommender,
    build_interactions,
    customer_metrics,
    evaluate,
    list_metrics,
    plot_weekly_metrics,
    split_by_time,
    weekly_metrics,
)


def log(*rows):
    return Dataset(pd.DataFrame(rows, columns=["customer_id", "item_id", "timestamp"]).assign(event="purchase"))


@pytest.fixture(scope="module")
def split():
    return split_by_time(read_dataset("demo-shop"), test_days=24)


@pytest.fixture(scope="module")
def lists(split):
    train, _ = split
    models = {"most bought": PopularityRecommender(), "own purchases": RepeatPurchaseRecommender()}
    customers = build_interactions(train).customer_ids
    return {name: one.fit(train).recommend(customers, n=20) for name, one in models.items()}


def test_weeks_by_hand():
    "Ann finds her tea in the first week at rank 2, and nothing in the second; Bob is not of the group."
    train = log((1, "tea", "2025-01-01"), (2, "jam", "2025-01-07"))
    test = log((1, "tea", "2025-01-09"), (2, "jam", "2025-01-10"), (1, "jam", "2025-01-15"), (2, "tea", "2025-01-16"))
    shown = pd.DataFrame({"customer_id": [1, 1, 2], "item_id": ["mug", "tea", "jam"], "rank": [1, 2, 1]})
    table = weekly_metrics({"shown": shown}, train, test, customer_ids=[1], k=2)
    assert table.week.astype(str).tolist() == ["2025-01-08", "2025-01-15"]
    assert np.allclose(table.value, [1 / np.log2(3), 0]) and table.n.tolist() == [1, 1]
    assert table.ci_low.isna().all(), "one customer has no interval"
    both = weekly_metrics({"shown": shown}, train, test, k=2)
    assert both.n.tolist() == [2, 2] and np.allclose(both.value, [(1 / np.log2(3) + 1) / 2, 0])


def test_a_week_is_what_evaluate_says_of_it(split, lists):
    train, test = split
    first = train.as_of
    table = weekly_metrics(lists, train, test, metrics=("ndcg", "recall"))
    assert table.week.nunique() == 4, "the last week is shorter, and not lost"
    week = test.between(start=first + pd.Timedelta(days=7), end=first + pd.Timedelta(days=14))
    expected = evaluate(RepeatPurchaseRecommender().fit(train), train, week).set_index("metric")
    mine = table[(table.week == first + pd.Timedelta(days=7)) & (table["list"] == "own purchases")].set_index("metric")
    columns = ["value", "ci_low", "ci_high", "n"]
    assert np.allclose(mine[columns].astype(float), expected.loc[mine.index, columns].astype(float))


def test_gains_are_paired_and_over_the_first(split, lists):
    train, test = split
    known = build_interactions(train)
    best = known.customer_ids[:60]
    table = weekly_metrics(lists, known, test, customer_ids=best).set_index(["list", "week"])
    block = EvaluationBlock(known, test.between(end=train.as_of + pd.Timedelta(days=7))).of_customers(best)
    ours, theirs = (list_metrics(lists[name], block).ndcg for name in ("own purchases", "most bought"))
    row = table.loc[("own purchases", train.as_of)]
    assert np.allclose(row[["gain", "gain_low", "gain_high"]].astype(float), paired_difference(ours, theirs)[:3])
    assert (table.loc["most bought", ["gain", "gain_low", "gain_high"]] == 0).all(axis=None)
    assert row.n == len(block.customer_ids) < 60
    assert table.equals(weekly_metrics(lists, known, test, customer_ids=best).set_index(["list", "week"]))


def test_lists_are_worth_what_their_model_is(split, lists):
    train, test = split
    block = EvaluationBlock(train, test)
    of_model = customer_metrics(RepeatPurchaseRecommender().fit(train), block, explore=False)[0]
    shuffled = lists["own purchases"].sample(frac=1, random_state=0)
    assert list_metrics(shuffled, block).equals(of_model), "the order of the rows is not the rank"
    nobody = list_metrics(shuffled.head(0), block)
    assert (nobody.ndcg == 0).all() and len(nobody) == len(block.customer_ids)


def test_a_week_of_nobody(split, lists):
    train, test = split
    table = weekly_metrics(lists, train, test, customer_ids=["nobody"])
    assert (table.n == 0).all() and table[["value", "gain"]].isna().all(axis=None)


def test_picture(split, lists):
    train, test = split
    figure = plot_weekly_metrics(
        weekly_metrics(lists, train, test), title="Own purchases, week by week", unit="NDCG@10 (0 to 1)"
    )
    above, below = figure.axes
    assert above.get_ylabel() == "NDCG@10 (0 to 1)" and "most bought" in below.get_ylabel()
    assert [text.get_text() for text in above.get_legend().get_texts()] == list(lists)
    assert len(above.containers) == 2 and len(below.containers) == 1


@pytest.mark.parametrize(
    ("error", "word", "change"),
    [
        (TypeError, "lists", {"lists": {}}),
        (ValueError, "ndcg_new", {"metrics": ["ndcg_new"]}),
        (ValueError, "rank", {"lists": {"a": pd.DataFrame({"customer_id": [1]})}}),
        (ValueError, "end of train", {"test": None}),
    ],
)
def test_errors_teach(split, lists, error, word, change):
    train, test = split
    given = {"lists": lists, "train": train, "test": test} | change
    with pytest.raises(error, match=word):
        weekly_metrics(**given | {"test": given["test"] or train})
