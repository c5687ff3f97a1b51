"What every recommender must do, on a checkerboard where each customer has exactly one right answer."

import numpy as np
import pandas as pd
import pytest
import threadpoolctl
from conftest import purchases
from sklearn.metrics import ndcg_score

from segrec.core import DamagedModelError
from segrec.data import Dataset
from segrec.recommendation import (
    ALSRecommender,
    ContentRecommender,
    EASERecommender,
    EnsembleRecommender,
    EvaluationBlock,
    PopularityRecommender,
    Recommender,
    RepeatPurchaseRecommender,
    SegmentedRecommender,
    SeparateRecommender,
    build_interactions,
    customer_metrics,
    evaluate,
    split_by_time,
)
from segrec.recommendation.state import take_apart

LABELS = pd.Series({f"c{row:02d}": "even" if row % 2 == 0 else "odd" for row in range(20)})


class Labelled(SegmentedRecommender):
    "Fitted with the board's labels, so that every test can call fit(data) alone."

    def fit(self, data, segments=LABELS):
        return super().fit(data, segments)


MODELS = {
    "popularity": PopularityRecommender,
    "repeat": RepeatPurchaseRecommender,
    "decayed": lambda: RepeatPurchaseRecommender(half_life_days=30),
    "als": lambda: ALSRecommender(factors=3, regularization=0.01),
    "ease": lambda: EASERecommender(regularization=1),
    "content": ContentRecommender,
    "ensemble": EnsembleRecommender,
    "products": lambda: EnsembleRecommender(products=True),
    "segmented": Labelled,
    "separate": lambda: SeparateRecommender(3, 0.01),
}
ITEMS = pd.DataFrame(
    {
        "item_id": [f"i{column:02d}" for column in range(20)],
        "title": [("even" if column % 2 == 0 else "odd") + " thing" for column in range(20)],
        "category": ["a", "b"] * 10,
    }
)


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
        ),
        items=ITEMS,
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
    shop = Dataset(
        purchases([("ann", "tea", "2025-01-01")]),
        items=pd.DataFrame({"item_id": ["tea"], "title": ["Green tea"]}),
    )
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


def test_separate_models_never_see_other_segments(demo):
    labels = demo.truth.set_index("customer_id").segment
    model = SeparateRecommender(8).fit(demo, segments=labels)
    for segment, part in model.segment_models_.items():
        assert set(labels[part.interactions_.customer_ids]) == {segment}


def test_a_useless_segmentation_is_not_served():
    "Random labels on customers who all buy alike: segments gain nothing, and `segment features` must not be chosen."
    generator = np.random.default_rng(0)
    rows = [
        (f"c{customer}", f"i{int(generator.zipf(1.6)) % 40}", pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(day)))
        for customer in range(150)
        for day in generator.integers(0, 120, 15)
    ]
    shop = Dataset(purchases(rows))
    labels = pd.Series(generator.choice(["a", "b", "c"], 150), index=[f"c{customer}" for customer in range(150)])
    choices = SegmentedRecommender().fit(shop, segments=labels).choices_
    assert list(choices.columns[:6]) == ["segment", "model", "lift", "ci_low", "ci_high", "p_value"]
    assert (choices.model == "global ensemble").sum() >= 2


def test_lists_keep_to_the_half_that_a_customer_belongs_to():
    "Two halves of a shop with tastes of their own, nobody of whom buys the same twice."
    generator = np.random.default_rng(1)
    rows, labels = [], {}
    for customer in range(300):
        half = customer % 2
        labels[f"c{customer}"] = ["left", "right"][half]
        items = generator.permutation(np.arange(40) * 2 + half)[:6]
        rows += [
            (f"c{customer}", f"i{item}", pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(day)))
            for item, day in zip(items, generator.integers(0, 120, 6), strict=True)
        ]
    shop = Dataset(purchases(rows))
    train, test = split_by_time(shop, 20)
    model = SegmentedRecommender().fit(train, segments=pd.Series(labels))
    lists = model.recommend(list(labels), n=10)
    own = (lists.item_id.str[1:].astype(int) % 2 == lists.customer_id.str[1:].astype(int) % 2).mean()
    assert own > 0.9
    assert len(EvaluationBlock(train, test).customer_ids) > 50


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_reasons_sum_to_the_score(make, board):
    model = make().fit(board)
    lists = model.recommend(["c03", "nobody"], n=4)
    for row in lists.itertuples():
        place = model.interactions_.customer_ids.get_indexer([row.customer_id])[0]
        column = model.interactions_.item_ids.get_loc(row.item_id)
        if place >= 0:  # before rounding is evened out
            assert sum(reason[2] for reason in model._reasons(place, column)) == pytest.approx(row.score, abs=1e-5)
        why = model.explain(row.customer_id, row.item_id)
        assert abs(why.parts.contribution.sum() - row.score) < 1e-6 and abs(why.score - row.score) < 1e-6
        assert why.text.startswith(f"{row.item_id} for {row.customer_id}")


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_saved_and_loaded_gives_the_same_bits(make, board, tmp_path):
    model = make().fit(board)
    version = model.save(tmp_path)
    again = Recommender.load(tmp_path)
    ids = ["c03", "nobody", "c04"]
    pd.testing.assert_frame_equal(again.recommend(ids, n=20), model.recommend(ids, n=20), check_exact=True)
    pd.testing.assert_frame_equal(again.similar_items("i03"), model.similar_items("i03"), check_exact=True)
    assert again.explain("c03", "i05").text == model.explain("c03", "i05").text and repr(again) == repr(model)
    damaged = max(tmp_path.joinpath(version).glob("*.npy"), key=lambda path: path.stat().st_size)
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(DamagedModelError, match="has changed"):
        Recommender.load(tmp_path)


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("exclude_seen", [False, True])
def test_a_customer_alone_gets_the_numbers_that_many_get(make, exclude_seen, demo):
    model = make().fit(demo)
    ids = [*model.interactions_.customer_ids[:60], "nobody"]
    together = model.recommend(ids, n=10, exclude_seen=exclude_seen)
    alone = [model.recommend([one], n=10, exclude_seen=exclude_seen) for one in ids]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_new_events_reach_every_model(make, board):
    model = make().fit(board)
    new = purchases([("zoe", "i01", "2025-01-02"), ("zoe", "i05", "2025-01-02"), ("zoe", "brand new", "2025-01-02")])
    model.update(new)
    assert "zoe" in model.interactions_.customer_ids and "brand new" in model.interactions_.item_ids
    lists = model.recommend("zoe", n=30)
    assert len(lists) == 21 and np.isfinite(lists.score).all() and "brand new" in set(lists.item_id)
    views = new.assign(event="view", customer_id="yan")
    assert model.update(views).recommend("zoe", n=30).equals(lists), "what has no weight says nothing"


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_only_allowed_items_are_shown(make, board):
    model = make().fit(board)
    lists = model.recommend(["c03", "nobody"], n=5, allowed=["i01", "i02", "no such item"])
    assert set(lists.item_id) == {"i01", "i02"} and len(lists) == 4
    assert model.recommend(["c03", "nobody"], allowed=[]).empty
    assert list(model.recommend("c03", allowed=[]).columns) == ["customer_id", "item_id", "score", "rank"]


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_similar_items_are_alike(make, board):
    model = make().fit(board)
    alike = model.similar_items("i03", n=3)
    assert alike["rank"].tolist() == [1, 2, 3] and "i03" not in set(alike.item_id)
    assert all(int(item[1:]) % 2 == 1 for item in alike.item_id) and alike.score.is_monotonic_decreasing
    with pytest.raises(ValueError, match="item_id == 'no such item'"):
        model.similar_items("no such item")


def test_what_was_bought_stands_first_however_old(demo):
    model = RepeatPurchaseRecommender(half_life_days=3).fit(demo)
    own = model.interactions_.frame.groupby("customer_id").item_id.agg(set)
    lists = model.recommend(own.index, n=90)
    for customer, part in lists.groupby("customer_id"):
        assert set(part.item_id.head(len(own[customer]))) == own[customer]


def test_without_segments_and_with_few_customers(demo):
    train, test = split_by_time(demo, 28)
    alone = SegmentedRecommender().fit(train)
    assert alone.choices_.segment.tolist() == ["all"] and len(alone.recommend("c00001")) == 10
    labels = demo.truth.set_index("customer_id").segment.copy()
    labels.iloc[:3], labels.iloc[3] = "tiny", None
    tiny = SegmentedRecommender().fit(train, segments=labels)
    row = tiny.choices_.set_index("segment").loc["tiny"]
    wide = tiny.choices_.set_index("segment").drop("tiny")
    assert row.ci_high - row.ci_low > (wide.ci_high - wide.ci_low).min(), "of three customers little is known"
    table = evaluate(tiny, train, test, segments=labels).query("metric == 'ndcg'").set_index("segment")
    assert table.n.drop("all").sum() <= table.n["all"] and np.isnan(table.ci_low["tiny"])


def test_shares_of_parts_sum_to_one(demo):
    labels = demo.truth.set_index("customer_id").segment
    shares = SegmentedRecommender().fit(demo, segments=labels).explain_segments(n_customers=10)
    assert list(shares.columns) == ["segment", "part", "share"]
    assert np.allclose(shares.groupby("segment").share.sum(), 1) and shares.segment.nunique() == labels.nunique()


def test_a_half_life_of_the_model_is_used_on_any_interactions(demo):
    decayed = build_interactions(demo, half_life_days=30)
    assert RepeatPurchaseRecommender(half_life_days=10).fit(decayed).interactions_.half_life_days == 10
    assert RepeatPurchaseRecommender().fit(decayed).interactions_.half_life_days == 30


def test_folding_in_is_exact(demo):
    model = ALSRecommender(8).fit(demo)
    rows = model.interactions_.matrix
    for row in range(0, rows.shape[0], 50):
        folded = model.fold_in(rows[row].data, rows[row].indices)
        assert np.abs(folded - model.customer_factors_[row]).max() < 1e-4


def test_lists_of_als_are_the_same_one_by_one_and_together(demo):
    model = ALSRecommender(8).fit(demo)
    ids = model.interactions_.customer_ids[:40]
    together = model.recommend(ids, n=5)
    alone = pd.concat([model.recommend(one, n=5) for one in ids], ignore_index=True)
    assert together.item_id.equals(alone.item_id) and np.allclose(together.score, alone.score, atol=1e-6)


def test_duplicated_lines_and_items_of_the_test_block_alone(demo):
    events = demo.events.execute()
    twice = Dataset(pd.concat([events, events]))
    pd.testing.assert_frame_equal(build_interactions(twice).frame, build_interactions(demo).frame)
    train, test = split_by_time(demo, 28)
    extra = purchases([(demo.events.customer_id.execute().iloc[0], "only in the test", test.as_of)])
    block = EvaluationBlock(train, Dataset(pd.concat([test.events.execute(), extra])))
    metrics, shown = customer_metrics(PopularityRecommender().fit(train), block)
    assert "only in the test" in block.item_ids and "only in the test" not in set(shown.item_id)
    assert metrics.recall.between(0, 1).all()


def test_a_test_block_without_known_customers(demo):
    train, _ = split_by_time(demo, 28)
    table = evaluate(PopularityRecommender().fit(train), train, demo.between(start="2030-01-01"))
    assert (table.n == 0).all() and table.value.isna().all()


def few_orders(n=20) -> list:
    "Six customers who buy every third day, in turns."
    start = pd.Timestamp("2025-01-01")
    return [(f"c{order % 6}", f"i{order * 3 % 7}", start + pd.Timedelta(days=3 * order)) for order in range(n)]


@pytest.mark.parametrize("labelled", [{"late": "vip"}, {"nobody": "vip"}, {"late": "vip", "c0": "old"}])
def test_a_segment_that_nobody_was_of_yet_is_served_by_the_global_model(labelled):
    shop = Dataset(purchases([*few_orders(), ("late", "i1", "2025-02-28")]))
    model = SegmentedRecommender().fit(shop, segments=pd.Series(labelled))
    assert set(model.choices_.model) == {"global ensemble"}
    assert set(model.choices_.segment) == {*labelled.values(), "no segment"}, "c1 to c5 have no label"
    assert len(model.recommend("late")) == 7
    shares = model.explain_segments().set_index("segment").share
    assert shares.notna().all() == ("nobody" not in labelled)


@pytest.mark.parametrize("make", [EnsembleRecommender, SegmentedRecommender])
def test_items_that_have_attributes_only_since_lately(make, demo):
    log, items = demo.events.execute(), demo.items.execute()
    late = items.item_id[:5]
    border = log.timestamp.max() - pd.Timedelta(days=40)
    shop = Dataset(log[~log.item_id.isin(late) | (log.timestamp >= border)], items[items.item_id.isin(late)])
    model = make().fit(shop)
    assert "attributes" in model.features_.names and len(model.recommend("c00001", n=3)) == 3


def test_the_names_of_segments_change_nothing(demo):
    "Also where a segment had no customers at older moments, so that the others' numbers are not the same there."
    known = build_interactions(demo)
    oldest = known.signals.groupby("customer").days.max()
    ages = pd.Series(np.select([oldest > 90, oldest > 45], ["b", "c"], "a"), known.customer_ids)
    one = SegmentedRecommender(n_moments=2).fit(known, segments=ages)
    other = SegmentedRecommender(n_moments=2).fit(known, segments=ages.replace("a", "z"))
    renamed = one.validation_.replace({"segment": {"a": "z"}})
    keys = ["segment", "model"]
    pd.testing.assert_frame_equal(
        renamed.sort_values(keys, ignore_index=True), other.validation_.sort_values(keys, ignore_index=True)
    )


def test_reasons_speak_as_their_part_does(demo):
    model = EnsembleRecommender().fit(demo)
    lists = model.recommend(model.interactions_.customer_ids[:30], n=5)
    for row in lists.itertuples():
        parts = model.explain(row.customer_id, row.item_id).parts.set_index("part")
        because = parts.because["collaborative"]
        assert f"wanted with {row.item_id}," not in because
        wanted = "seldom wanted with" if parts.contribution["collaborative"] < 0 else "wanted with"
        assert all(word.startswith(wanted) or "with" not in word for word in because.split("; "))


def test_names_that_mean_something_else_are_no_segments(demo):
    for name in ("all", "no segment"):
        with pytest.raises(ValueError, match=f"a segment '{name}'"):
            SegmentedRecommender().fit(demo, segments=pd.Series({"c00001": name}))


def test_what_a_segment_never_bought_is_explained_by_an_error_that_teaches():
    shop = Dataset(
        purchases([("ann", "tea", "2025-01-01"), ("bob", "jam", "2025-01-02"), ("bob", "tea", "2025-01-02")])
    )
    model = SeparateRecommender(2).fit(shop, segments=pd.Series({"ann": "a", "bob": "b"}))
    with pytest.raises(ValueError, match="item_id == 'jam'"):
        model.explain("ann", "jam")


def test_attributes_of_new_items_and_items_that_nobody_wants_survive_updates(tmp_path):
    items = pd.DataFrame({"item_id": ["tea", "jam", "rum"], "category": ["drinks", "food", "drinks"]})
    model = ContentRecommender().fit(
        Dataset(purchases([("ann", "tea", "2025-01-01"), ("bob", "jam", "2025-01-01")]), items)
    )
    model.save(tmp_path)
    new = Dataset(
        purchases([("cid", "gin", "2025-01-02")]),
        pd.DataFrame({"item_id": ["gin", "rye"], "category": ["drinks", "food"]}),
    )
    for one in (model, Recommender.load(tmp_path)):
        lists = one.update(new).recommend("ann", n=2, exclude_seen=True)
        assert lists.item_id.tolist() == ["gin", "rum"] and lists.score.min() > 0
        assert set(one.interactions_.item_ids) == {"tea", "jam", "rum", "gin", "rye"}


def test_what_nobody_knows_is_like_nothing(demo):
    items = pd.DataFrame({"item_id": ["tea", "jam", "rum"], "category": "food"})
    shop = Dataset(
        purchases([("ann", "tea", "2025-01-01"), ("bob", "tea", "2025-01-02"), ("bob", "jam", "2025-01-02")]), items
    )
    for model in (PopularityRecommender(), RepeatPurchaseRecommender(), ALSRecommender(2)):
        model.fit(build_interactions(shop).with_cold_items())
        assert model.similar_items("rum").empty and model.similar_items("tea").item_id.tolist() == ["jam"]
    known = build_interactions(demo)
    with pytest.warns(UserWarning, match="keeps the 5 most bought"):
        ease = EASERecommender(max_items=5).fit(known)
    rare = known.item_ids[np.setdiff1d(np.arange(len(known.item_ids)), ease.kept_)[0]]
    assert len(ease.recommend("nobody", n=20)) == len(ease.recommend("c00001", n=20)) == 5
    with pytest.raises(ValueError, match="which this model keeps"):
        ease.explain("nobody", rare)
    assert ease.similar_items(rare).empty and len(ease.similar_items(known.item_ids[ease.kept_[0]])) <= 4


def test_what_was_wanted_many_half_lives_ago_is_still_known():
    shop = Dataset(purchases([("ann", "tea", "2015-01-01"), ("bob", "jam", "2025-01-01")]))
    assert build_interactions(shop, half_life_days=1).customer_ids.tolist() == ["ann", "bob"]
    assert RepeatPurchaseRecommender(half_life_days=1).fit(shop).recommend("ann").item_id.tolist() == ["tea", "jam"]


def test_numbers_of_numpy_and_calls_that_say_nothing(demo):
    weighed = build_interactions(demo, np.int64(30), event_weights={"purchase": np.int64(1)})
    assert weighed.frame.equals(build_interactions(demo, 30).frame)
    with pytest.raises(ValueError, match="not all weights are 0"):
        build_interactions(demo, event_weights={"purchase": 0})
    model = PopularityRecommender().fit(demo)
    for nobody in ([], ["c00001", "c00002"], None):
        with pytest.raises(ValueError, match="customer_id"):
            model.explain(nobody, model.interactions_.item_ids[0])
    with pytest.raises(TypeError, match="customer_ids == None"):
        model.recommend(None)


def test_what_models_share_is_stored_once(demo, tmp_path):
    labels = demo.truth.set_index("customer_id").segment
    model = SegmentedRecommender(n_moments=1).fit(demo, segments=labels)
    arrays, _, _ = take_apart({"model": model})
    rows = len(model.interactions_.signals)
    assert sum(len(array) == rows for array in arrays.values()) < 15, "signals, and the history they are made from"
    model.save(tmp_path)
    again = Recommender.load(tmp_path)
    assert again.features_.models["factors"].interactions_ is again.interactions_


def test_lists_are_the_same_however_many_threads_there_are(demo):
    labels = demo.truth.set_index("customer_id").segment
    lists = []
    for number in (1, 2):
        with threadpoolctl.threadpool_limits(number, user_api="blas"):
            model = SegmentedRecommender(n_moments=1).fit(demo, segments=labels)
            lists.append(model.recommend(model.interactions_.customer_ids))
    pd.testing.assert_frame_equal(*lists, check_exact=True)
