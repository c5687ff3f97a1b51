"What every recommender must do, on a checkerboard where each customer has exactly one right answer."

import numpy as np
import pandas as pd
import pytest
from conftest import purchases
from sklearn.metrics import ndcg_score

from segrec.data import Dataset
from segrec.recommendation import (
    ALSRecommender,
    EvaluationBlock,
    PopularityRecommender,
    RepeatPurchaseRecommender,
    SegmentedRecommender,
    build_interactions,
    customer_metrics,
    evaluate,
    split_by_time,
)

MODELS = {
    "popularity": PopularityRecommender,
    "repeat": RepeatPurchaseRecommender,
    "decayed": lambda: RepeatPurchaseRecommender(half_life_days=30),
    "als": lambda: ALSRecommender(factors=3, regularization=0.01),
    "segmented": lambda: SegmentedRecommender({"ALS": ALSRecommender(3, 0.01)}, choose=False),
}


@pytest.fixture(scope="module")
def board() -> Dataset:
    return Dataset(
        purchases(
            [
                (f"c{row:02d}", f"i{column:02d}", "2025-01-01")
                for row in range(20)
                for column in range(20)
                if row % 2 == column % 2 and row != column
            ]
        )
    )


@pytest.fixture(params=MODELS)
def model(request, board):
    return MODELS[request.param]().fit(board)


def test_lists_are_tidy(model, board):
    ids = ["c03", "nobody", "c04"]
    lists = model.recommend(ids, n=5)
    assert list(lists.columns) == ["customer_id", "item_id", "score", "rank"]
    assert lists.customer_id.tolist() == np.repeat(ids, 5).tolist() and lists["rank"].tolist() == [1, 2, 3, 4, 5] * 3
    assert (lists.groupby("customer_id").score.diff().dropna() <= 0).all() and np.isfinite(lists.score).all()
    assert not lists.duplicated(["customer_id", "item_id"]).any() and set(lists.item_id) <= set(
        board.events.item_id.execute()
    )
    assert lists.equals(model.recommend(ids, n=5))


def test_seen_items_are_left_out_and_nothing_else(model):
    lists = model.recommend(["c03", "nobody"], n=100, exclude_seen=True)
    mine = lists[lists.customer_id == "c03"]
    assert not set(mine.item_id) & {f"i{column:02d}" for column in range(1, 20, 2) if column != 3}
    assert "i03" in set(mine.item_id) and len(lists[lists.customer_id == "nobody"]) == 20


def test_the_missing_item_comes_first(board):
    lists = (
        ALSRecommender(factors=3, regularization=0.01)
        .fit(board)
        .recommend([f"c{row:02d}" for row in range(20)], n=1, exclude_seen=True)
    )
    assert (lists.item_id.str[1:] == lists.customer_id.str[1:]).all()


def test_integer_ids_and_single_ids():
    shop = Dataset(purchases([(17, 5, "2025-01-01"), (17, 6, "2025-01-02"), (18, 6, "2025-01-02")]))
    model = RepeatPurchaseRecommender().fit(shop)
    assert model.recommend(17).equals(model.recommend("17")) and model.recommend(
        [17.0]
    ).customer_id.unique().tolist() == ["17"]


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_one_customer_one_item(make):
    shop = Dataset(purchases([("ann", "tea", "2025-01-01")]))
    model = make().fit(shop)
    assert model.recommend("ann").item_id.tolist() == ["tea"] and model.recommend("ann", exclude_seen=True).empty
    assert model.recommend([]).empty and model.recommend("bob").item_id.tolist() == ["tea"]


def test_datasets_and_their_interactions_teach_the_same(demo):
    assert (
        ALSRecommender(8)
        .fit(demo)
        .recommend("c00001")
        .equals(ALSRecommender(8).fit(build_interactions(demo)).recommend("c00001"))
    )


def test_ndcg_against_scikit_learn(demo):
    train, test = split_by_time(demo, 28)
    model = RepeatPurchaseRecommender().fit(train)
    block = EvaluationBlock(train, test)
    ours, shown = customer_metrics(model, block, k=10)
    bought = test.events.filter(test.events.event == "purchase").execute().groupby("customer_id").item_id.agg(set)
    for customer in block.customer_ids[:40]:
        items = list(block.item_ids)
        scores = shown[shown.customer_id == customer].set_index("item_id")["rank"].rsub(1000).reindex(items).fillna(0)
        oracle = ndcg_score([[float(item in bought[customer]) for item in items]], [scores.to_numpy()], k=10)
        assert abs(oracle - ours.ndcg[customer]) < 1e-9


def test_evaluation_by_segment(demo):
    train, test = split_by_time(demo, 28)
    labels = demo.truth.set_index("customer_id").segment
    table = evaluate(PopularityRecommender().fit(train), train, test, k=5, segments=labels)
    assert list(table.columns) == ["segment", "metric", "value", "ci_low", "ci_high", "n"]
    ndcg = table[table.metric == "ndcg"].set_index("segment")
    assert ndcg.n.drop("all").sum() == ndcg.n["all"]
    assert abs((ndcg.value * ndcg.n).drop("all").sum() / ndcg.n["all"] - ndcg.value["all"]) < 1e-9
    bought = test.events.filter(test.events.event == "purchase").execute().customer_id.unique()
    before = train.events.filter(train.events.event == "purchase").execute().customer_id.unique()
    assert table.attrs["cold_customers"] == len(set(bought) - set(before))


def test_segment_models_never_see_other_segments(demo):
    labels = demo.truth.set_index("customer_id").segment
    model = SegmentedRecommender({"p": PopularityRecommender()}, choose=False).fit(demo, segments=labels)
    for segment, part in model.segment_models_.items():
        assert set(labels[part.interactions_.customer_ids]) == {segment}


def test_a_useless_segmentation_is_not_served():
    "Random labels: a segment's own model has less to learn from, so at most a stray one is served by it."
    generator = np.random.default_rng(0)
    rows = [
        (f"c{customer}", f"i{int(generator.zipf(1.6)) % 40}", pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(day)))
        for customer in range(150)
        for day in generator.integers(0, 120, 15)
    ]
    shop = Dataset(purchases(rows))
    labels = pd.Series(generator.choice(["a", "b", "c"], 150), index=[f"c{customer}" for customer in range(150)])
    choices = SegmentedRecommender({"p": PopularityRecommender()}).fit(shop, segments=labels).choices_
    assert list(choices.columns[:6]) == ["segment", "model", "lift", "ci_low", "ci_high", "p_value"]
    assert choices.model.str.startswith("global").sum() >= 2


def test_what_was_bought_stands_first_however_old(demo):
    model = RepeatPurchaseRecommender(half_life_days=3).fit(demo)
    own = model.interactions_.frame.groupby("customer_id").item_id.agg(set)
    lists = model.recommend(own.index, n=90)
    for customer, part in lists.groupby("customer_id"):
        assert set(part.item_id.head(len(own[customer]))) == own[customer]


def test_without_segments_and_with_few_customers(demo):
    train, test = split_by_time(demo, 28)
    alone = SegmentedRecommender({"p": PopularityRecommender()}).fit(train)
    assert alone.choices_.empty and alone.recommend("c00001").equals(alone.global_model_.recommend("c00001"))
    labels = demo.truth.set_index("customer_id").segment.copy()
    labels.iloc[:3], labels.iloc[3] = "tiny", None
    tiny = SegmentedRecommender({"p": PopularityRecommender()}).fit(train, segments=labels)
    row = tiny.choices_.set_index("segment").loc["tiny"]
    assert row.model == "global p" and np.isnan(row.ci_low)
    table = evaluate(tiny, train, test, segments=labels).query("metric == 'ndcg'").set_index("segment")
    assert table.n.drop("all").sum() <= table.n["all"] and np.isnan(table.ci_low["tiny"])


def test_settings_of_interactions_are_kept(demo):
    decayed = build_interactions(demo, half_life_days=30)
    with pytest.raises(ValueError, match="half_life_days == 10"):
        RepeatPurchaseRecommender(half_life_days=10).fit(decayed)
    assert RepeatPurchaseRecommender(half_life_days=30).fit(decayed).interactions_.half_life_days == 30


def test_a_test_block_without_known_customers(demo):
    train, _ = split_by_time(demo, 28)
    table = evaluate(PopularityRecommender().fit(train), train, demo.between(start="2030-01-01"))
    assert (table.n == 0).all() and table.value.isna().all()
