"Customers whom a model has not seen, and signals of other kinds than purchases."

import numpy as np
import pandas as pd
import pytest
from conftest import purchases

from segrec.data import Dataset
from segrec.recommendation import Recommender, SegmentedRecommender, build_interactions, for_newcomers


@pytest.fixture(scope="module")
def model(demo):
    labels = demo.truth.set_index("customer_id").segment
    return SegmentedRecommender(n_moments=1).fit(demo, segments=labels)


def test_who_is_surely_of_a_segment_gets_what_it_buys(model, demo):
    names = model.features_.segment_names
    placement = pd.DataFrame(np.eye(len(names)), columns=names, index=[f"new {name}" for name in names])
    newcomers = for_newcomers(model, placement)
    lists = newcomers.recommend(placement.index, n=5)
    assert lists.customer_id.tolist() == list(np.repeat(placement.index, 5)) and (lists.score > 0).all()
    bought = model.interactions_
    for number, name in enumerate(names):
        members = model.features_.segment_of == number
        of_segment = bought.of_customers(members)
        popular = of_segment.item_ids[np.argsort(-of_segment.n_customers_by_item, kind="stable")[:30]]
        assert lists[lists.customer_id == f"new {name}"].item_id.isin(popular).sum() >= 3


def test_a_newcomer_who_buys_what_somebody_bought_has_their_scores(model, demo):
    "The same purchases on the same days: folded in, a copy of a customer is that customer, but for what is rounded away."
    log = demo.events.filter(demo.events.event == "purchase").execute()
    someone = log.customer_id.value_counts().index[0]
    known = model.interactions_
    copy = log[log.customer_id == someone].assign(customer_id="copy")
    last = copy.tail(1).assign(item_id="not an item", timestamp=known.as_of - pd.Timedelta(seconds=1))
    row = known.customer_ids.get_loc(someone)
    placement = pd.DataFrame(model.features_.membership[[row]], ["copy"], model.features_.segment_names)
    newcomers = for_newcomers(model, placement, Dataset(pd.concat([copy, last])))
    assert newcomers.interactions_.customer_ids.tolist() == ["copy"]
    theirs, ours = newcomers.recommend("copy", n=20), model.recommend(someone, n=20)
    assert theirs.item_id.head(10).tolist() == ours.item_id.head(10).tolist()
    assert np.allclose(theirs.score, ours.score, atol=0.05)


def test_reasons_of_newcomers_sum_to_their_scores(model):
    events = purchases([("ann", "i0001", "2025-07-01")])
    newcomers = for_newcomers(model, pd.DataFrame({"regulars": [1.0]}, index=["silent"]), events)
    for customer in ("ann", "silent"):
        for row in newcomers.recommend(customer, n=3).itertuples():
            why = newcomers.explain(customer, row.item_id)
            assert abs(why.parts.contribution.sum() - row.score) < 1e-6 and abs(why.score - row.score) < 1e-6


def test_events_that_say_nothing_to_the_model(model):
    views = purchases([("ann", "i0001", "2025-07-01")]).assign(event="view")
    assert for_newcomers(model, events=views).recommend("ann", n=3).item_id.size == 3


def test_weights_of_events_and_customers():
    log = Dataset(
        pd.DataFrame(
            [
                ("ann", "tea", "purchase", "2025-01-01"),
                ("ann", "tea", "return", "2025-01-02"),
                ("ann", "jam", "view", "2025-01-02"),
                ("ann", "jam", "view", "2025-01-02"),
                ("ann", "jam", "view", "2025-01-03"),
                ("bob", "tea", "purchase", "2025-01-03"),
            ],
            columns=["customer_id", "item_id", "event", "timestamp"],
        )
    )
    weighed = build_interactions(
        log,
        event_weights={"purchase": 1, "view": 0.25, "return": -1},
        customer_weights=pd.Series({"bob": 0.5}),
    )
    assert weighed.frame.to_dict("records") == [
        {"customer_id": "ann", "item_id": "jam", "weight": 0.5},
        {"customer_id": "bob", "item_id": "tea", "weight": 0.5},
    ]
    assert weighed.bought.toarray().tolist() == [[0, 1], [0, 1]], "she bought the tea, though she sent it back"


def test_newcomers_are_followed_and_nobody_else_is_forgotten(model, tmp_path):
    items = model.interactions_.item_ids
    times = model.interactions_.as_of + pd.Timedelta(days=1)
    first = pd.DataFrame(
        {"customer_id": ["n1", "n1", "n2"], "item_id": items[:3], "event": "purchase", "timestamp": times}
    )
    then = pd.DataFrame({"customer_id": ["n2", "n4"], "item_id": items[3:5], "event": "purchase", "timestamp": times})
    placement = pd.DataFrame({model.features_.segment_names[0]: [1.0, 0.5]}, index=["n1", "n3"])
    at_once = for_newcomers(model, placement, pd.concat([first, then]))
    for_newcomers(model, placement, first).save(tmp_path)
    followed = Recommender.load(tmp_path).update(then)
    ids = ["n1", "n2", "n3", "n4"]
    pd.testing.assert_frame_equal(followed.recommend(ids), at_once.recommend(ids))
    assert (
        followed.update(then.head(0)) is followed
        and len(for_newcomers(model, placement).update(first).recommend("n2")) == 10
    )


def test_newcomers_are_told_how_many_customers_want_an_item(model):
    items, top = model.interactions_.item_ids, int(model.popularity_.argmax())
    log = {"customer_id": ["n1"], "item_id": items[:1], "event": "purchase", "timestamp": model.interactions_.as_of}
    newcomers = for_newcomers(model, events=pd.DataFrame(log))
    because = newcomers.explain("n1", items[top]).parts.set_index("part").because["popularity"]
    assert because == f"{model.popularity_[top]:.1%} of the customers want it"
    assert len(newcomers.explain_segments()) == 5 * len(model.features_.segment_names)


def test_items_that_nobody_bought_reach_newcomers_by_what_their_segment_buys():
    rows = [
        (f"c{n}", f"{kind}{n % 4}", f"2025-01-{n % 28 + 1:02d}") for n in range(40) for kind in [["tea", "nut"][n % 2]]
    ]
    items = [f"{kind}{number}" for kind in ("tea", "nut") for number in range(5)]
    shop = Dataset(purchases(rows), pd.DataFrame({"item_id": items, "category": [item[:3] for item in items]}))
    labels = pd.Series({f"c{n}": ["drinkers", "eaters"][n % 2] for n in range(40)})
    model = SegmentedRecommender().fit(build_interactions(shop).with_cold_items(), segments=labels)
    placed = for_newcomers(model, pd.DataFrame({"drinkers": [1.0, 0.0], "eaters": [0.0, 1.0]}, index=["d", "e"]))
    lists = placed.recommend(["d", "e"], n=20).query("item_id in ['tea4', 'nut4']")
    assert (
        lists.item_id.tolist() == ["tea4", "nut4", "nut4", "tea4"]
        and (lists.groupby("customer_id").score.max() > 0).all()
    )
    why = placed.explain("d", "tea4")
    assert (
        why.parts.set_index("part").contribution["content"] > 0 and abs(why.parts.contribution.sum() - why.score) < 1e-6
    )
