"Filters and re-ranking: properties of all lists, and a maximal marginal relevance written out by hand."

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity

from segrec.recommendation import PopularityRecommender, allowed_items, intra_list_diversity, rerank

COLUMNS = ["customer_id", "item_id", "score", "rank"]
ITEMS = [f"i{number}" for number in range(12)]

some_lists = st.dictionaries(
    st.sampled_from(["zoe", "ann", "7"]),
    st.lists(st.tuples(st.sampled_from(ITEMS), st.integers(-3, 3)), max_size=12, unique_by=lambda pair: pair[0]),
)
word = st.one_of(st.none(), st.sampled_from("abc"))
some_goods = st.dictionaries(st.sampled_from(ITEMS), st.tuples(word, word))
some_boosts = st.dictionaries(st.sampled_from([*ITEMS, "elsewhere"]), st.floats(-2, 2))


def as_lists(drawn) -> pd.DataFrame:
    rows = [
        (customer, item, float(score), rank)
        for customer, pairs in drawn.items()
        for rank, (item, score) in enumerate(sorted(pairs, key=lambda pair: -pair[1]), start=1)
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype(
        {"customer_id": "str", "item_id": "str", "score": float, "rank": int}
    )


def as_goods(drawn) -> pd.DataFrame:
    rows = [(item, *words) for item, words in drawn.items()]
    return pd.DataFrame(rows, columns=["item_id", "category", "brand"])


def by_hand(lists, goods, n, boosts, diversity, max_per) -> list[tuple[str, str, int]]:
    "The same, an item at a time, in plain Python."
    known = goods.set_index("item_id").to_dict("index")

    def same(one, other, attribute):
        first, second = (known.get(item, {}).get(attribute) for item in (one, other))
        return one == other or (isinstance(first, str) and first == second)

    rows = []
    for customer, mine in lists.groupby("customer_id", sort=False):
        mine = mine.sort_values("rank")
        left, scores, chosen = mine.item_id.tolist(), mine.score.tolist(), []
        low, high = min(scores), max(scores)
        relevance = {
            item: ((score - low) / (high - low) if high > low else 0.0) + boosts.get(item, 0.0)
            for item, score in zip(left, scores, strict=True)
        }
        while left and len(chosen) < n:
            allowed = [
                item
                for item in left
                if all(sum(same(item, one, name) for one in chosen) < limit for name, limit in max_per.items())
            ]
            if not allowed:
                break
            values = [
                (1 - diversity) * relevance[item]
                - diversity
                * max(((same(item, one, "category") + same(item, one, "brand")) / 2 for one in chosen), default=0.0)
                for item in allowed
            ]
            chosen.append(allowed[int(np.argmax(values))])
            left.remove(chosen[-1])
        rows += [(customer, item, rank) for rank, item in enumerate(chosen, start=1)]
    return rows


@settings(deadline=None, max_examples=200)
@given(
    some_lists,
    some_goods,
    st.integers(1, 13),
    some_boosts,
    st.sampled_from([0, 0.1, 0.25, 0.5, 1]),
    st.dictionaries(st.sampled_from(["category", "brand"]), st.integers(1, 3)),
)
def test_every_list_is_as_by_hand_and_within_its_limits(drawn, goods, n, boosts, diversity, max_per):
    lists, goods = as_lists(drawn), as_goods(goods)
    addends = pd.Series(boosts, dtype=float)
    shown = rerank(lists, goods, n=n, boosts=addends, diversity=diversity, max_per=max_per)
    assert list(shown.columns) == COLUMNS and shown.dtypes.equals(lists.dtypes)
    lengths = shown.groupby("customer_id", sort=False).size()
    assert shown["rank"].tolist() == [rank for length in lengths for rank in range(1, length + 1)]
    assert lengths.max() <= n if len(shown) else lists.empty
    assert shown.customer_id.unique().tolist() == lists.customer_id.unique().tolist()
    assert not shown.duplicated(["customer_id", "item_id"]).any()
    assert len(shown.merge(lists, on=["customer_id", "item_id", "score"])) == len(shown), "ids and scores of the lists"
    found = shown.merge(goods, on="item_id")
    for attribute, limit in max_per.items():
        assert (found.dropna(subset=attribute).groupby(["customer_id", attribute]).size() <= limit).all()
    assert list(shown[["customer_id", "item_id", "rank"]].itertuples(index=False, name=None)) == by_hand(
        lists, goods, n, boosts, diversity, max_per
    )


@settings(deadline=None)
@given(some_lists, st.integers(1, 13), st.randoms(use_true_random=False))
def test_nothing_asked_is_the_head_of_the_list_whatever_the_scores(drawn, n, random):
    lists = as_lists(drawn)
    assert rerank(lists, n=n).equals(lists[lists["rank"] <= n].reset_index(drop=True))
    lists["score"] = random.sample(range(len(lists)), len(lists))
    shuffled = lists.sample(frac=1, random_state=random.randrange(1000))
    heads = rerank(shuffled, n=n)
    for customer, mine in heads.groupby("customer_id"):
        asked = lists[(lists.customer_id == customer) & (lists["rank"] <= n)]
        assert mine.item_id.tolist() == asked.item_id.tolist() and mine.score.tolist() == asked.score.tolist()


def test_a_customer_s_list_does_not_depend_on_the_others():
    generator = np.random.default_rng(0)
    # More lists than one block holds, of several lengths.
    lists = pd.DataFrame(
        [
            (f"c{customer}", f"i{item}", 1 / rank, rank)
            for customer in range(1500)
            for rank, item in enumerate(generator.permutation(200)[: 60 + customer % 30], start=1)
        ],
        columns=COLUMNS,
    )
    goods = pd.DataFrame({"item_id": [f"i{item}" for item in range(200)], "category": generator.integers(5, size=200)})
    wishes = {"diversity": 0.3, "max_per": {"category": 3}, "similarity": "category"}
    everybody = rerank(lists, goods, **wishes)
    assert everybody.groupby("customer_id").size().eq(10).all()
    for customer in ("c0", "c7", "c1234", "c1499"):
        alone = rerank(lists[lists.customer_id == customer], goods, **wishes)
        assert everybody[everybody.customer_id == customer].reset_index(drop=True).equals(alone)
    diversity = intra_list_diversity(everybody, goods, "category")
    assert diversity["c1499"] == intra_list_diversity(everybody.tail(10), goods, "category").iloc[0]


def test_vectors_are_compared_by_their_cosine():
    generator = np.random.default_rng(1)
    vectors = pd.DataFrame(generator.normal(size=(30, 4)), index=range(30))
    alike = cosine_similarity(vectors).clip(0, 1)
    lists = pd.DataFrame({"customer_id": 5, "item_id": range(30), "score": -np.arange(30.0), "rank": range(1, 31)})
    relevance, chosen = 1 - np.arange(30) / 29, [0]
    while len(chosen) < 8:
        values = 0.6 * relevance - 0.4 * alike[:, chosen].max(axis=1)
        values[chosen] = -np.inf
        chosen.append(int(values.argmax()))
    shown = rerank(lists, n=8, diversity=0.4, similarity=vectors)
    assert shown.item_id.tolist() == [str(item) for item in chosen] and set(shown.customer_id) == {"5"}
    pairs = alike[np.ix_(chosen, chosen)][np.triu_indices(8, 1)]
    assert np.isclose(intra_list_diversity(shown, similarity=vectors)["5"], 1 - pairs.mean())


def test_a_boost_moves_by_its_share_of_the_list():
    lists = pd.DataFrame(
        {"customer_id": "ann", "item_id": list("abcde"), "score": [50.0, 40, 30, 20, 10], "rank": range(1, 6)}
    )
    for boost, order in ((0.2, "abcde"), (0.3, "abdce"), (0.7, "adbce"), (1.5, "dabce"), (-1.5, "abced")):
        shown = rerank(lists, boosts=pd.Series({"d": boost}))
        assert "".join(shown.item_id) == order and shown.set_index("item_id").score["d"] == 20
        assert rerank(lists.assign(score=lists.score * 1e-6 - 3), boosts=pd.Series({"d": boost})).item_id.equals(
            shown.item_id
        )


def test_everything_excluded_is_an_empty_list(demo):
    items, model = demo.items.execute(), PopularityRecommender().fit(demo)
    for none in (
        allowed_items(items, in_stock=[]),
        allowed_items(items, in_stock=["no such item"]),
        allowed_items(items, only={"category": []}),
        allowed_items(items, only={"category": "tea"}, never={"category": ["tea"]}),
        allowed_items(items, max_price=0),
    ):
        assert none.empty
        lists = model.recommend(["c00001", "nobody"], n=50, allowed=none)
        shown = rerank(lists, items, diversity=0.5, max_per={"brand": 1}, boosts=pd.Series({"i0001": 1.0}))
        assert shown.empty and shown.dtypes.equals(lists.dtypes) and list(shown.columns) == COLUMNS
        assert intra_list_diversity(shown, items).empty
    assert rerank(pd.DataFrame(columns=COLUMNS)).dtypes.equals(lists.dtypes)


def test_filters_agree_with_pandas(demo):
    items = demo.items.execute().sort_values("item_id", ignore_index=True)
    stock = items.item_id[::2]
    allowed = allowed_items(items, stock, only={"category": ["tea", "mugs"]}, never={"brand": "Elm"}, max_price=12)
    wanted = items[items.item_id.isin(stock) & items.category.isin(["tea", "mugs"]) & (items.brand != "Elm")]
    assert allowed.tolist() == wanted.item_id[wanted.price <= 12].tolist() and len(allowed) >= 2
    numbered = pd.DataFrame({"item_id": [1, 2, 3], "shelf": [4, 5, None]})
    assert allowed_items(numbered, in_stock=[2, 3], never={"shelf": 4}).tolist() == ["2", "3"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda items: allowed_items(items, never={"category": "teas"}), r"one of 'coffee', .*'tea'.*\['tea'\]"),
        (lambda items: allowed_items(items, only={"colour": "red"}), "no column 'colour', it has 'item_id'.*category"),
        (lambda items: allowed_items(items.assign(category=None), only={"category": "tea"}), "none has any"),
        (lambda items: rerank(LISTS, items.drop(columns="brand"), diversity=0.1), "no column 'brand'.*similarity="),
        (lambda items: rerank(LISTS, items.drop(columns="brand"), max_per={"brand": 2}), "no column 'brand'.*max_per="),
        (
            lambda items: rerank(LISTS, boosts=pd.Series({"a": np.inf})),
            r"boosts\['a'\] == inf, must be a finite number",
        ),
        (lambda items: rerank(LISTS, boosts=pd.Series({"a": "much"})), r"boosts\['a'\] == 'much'"),
        (lambda items: rerank(LISTS, items, diversity=-0.1), "diversity == -0.1, must be a number from 0 to 1"),
        (lambda items: rerank(pd.concat([LISTS, LISTS])), "item 'a' twice for customer 'ann'"),
    ],
)
def test_errors_teach(demo, call, words):
    with pytest.raises(ValueError, match=words):
        call(demo.items.execute())


LISTS = pd.DataFrame({"customer_id": "ann", "item_id": ["a", "b"], "score": [2.0, 1.0], "rank": [1, 2]})
