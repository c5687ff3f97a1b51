"Value against published tables, explanations against what they explain."

import math

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta

from segrec.data import Dataset, read_dataset
from segrec.drift.windows import customer_window
from segrec.recommendation import ALSRecommender, EASERecommender, NewcomerRecommender
from segrec.segmentation import (
    BetaGeometricNBD,
    GammaGamma,
    LowFidelityError,
    ParetoNBD,
    Segmenter,
    customer_features,
    customer_lifetime_value,
    customer_ranking,
    explain_customer,
    explain_segments,
    future_value_capture,
    high_value_customers,
    independence_check,
    plot_capture,
    plot_explanation,
    plot_rfm,
    purchase_history,
    rfm_groups,
    rfm_scores,
)


@pytest.fixture(scope="module")
def cdnow(test_data) -> Dataset:
    "The sample of CDNOW, as purchases of one kind of item."
    lines = pd.read_csv(
        test_data / "cdnow_sample.txt",
        sep=r"\s+",
        header=None,
        names=["master", "customer_id", "timestamp", "n", "price"],
    )
    lines["timestamp"] = pd.to_datetime(lines.timestamp.astype(str))
    # Money of 0 is in the sample, and a sale at 0 is no sale: what counts here is that somebody came.
    return Dataset(
        lines.assign(
            item_id="cd", event="purchase", order_id=lines.index.astype(str), price=lines.price.clip(lower=0.01)
        ).drop(columns=["master", "n"])
    )


@pytest.fixture(scope="module")
def calibration(cdnow) -> pd.DataFrame:
    return purchase_history(cdnow, as_of="1997-10-01")


def test_cdnow_is_what_was_published(calibration):
    assert len(calibration) == 2357 and calibration.frequency.sum() == 2457
    assert calibration["T"].max() == pytest.approx(38.857, abs=1e-3)


@pytest.mark.parametrize(
    ("model", "published", "likelihood", "correlation"),
    [
        (BetaGeometricNBD, {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, -9582.4, 0.626),
        (ParetoNBD, {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, -9595.0, 0.630),
    ],
)
def test_models_of_purchases_find_the_published_parameters(
    model, published, likelihood, correlation, calibration, cdnow
):
    fitted = model().fit(calibration)
    assert fitted.params_ == pytest.approx(published, abs=6e-4) and fitted.log_likelihood_ == pytest.approx(
        likelihood, abs=0.05
    )
    later = purchase_history(cdnow).frequency.reindex(calibration.index) - calibration.frequency
    assert np.corrcoef(fitted.expected_purchases(39), later)[0, 1] == pytest.approx(correlation, abs=6e-4)
    assert fitted.probability_alive().between(0, 1).all() and (fitted.expected_purchases(0) == 0).all()
    # Twice the customers are the same customers with twice the weight.
    twice, weighted = (
        model().fit(pd.concat([calibration] * 2)),
        model().fit(calibration, weights=np.full(len(calibration), 2)),
    )
    assert twice.params_ == pytest.approx(weighted.params_, rel=1e-6)
    assert twice.log_likelihood_ == pytest.approx(2 * fitted.log_likelihood_, rel=1e-6)


def test_expected_purchases_are_the_papers_formula(calibration):
    fitted = BetaGeometricNBD().fit(calibration)
    r, alpha, a, b = fitted.params_.values()
    x, recency, T = calibration[["frequency", "recency", "T"]].to_numpy().T
    t = 39.0
    top = 1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
    left = (x > 0) * a / np.where(x > 0, b + x - 1, 1) * ((alpha + T) / (alpha + recency)) ** (r + x)
    assert np.allclose(fitted.expected_purchases(t), (a + b + x - 1) / (a - 1) * top / (1 + left), rtol=1e-9)


def test_purchases_far_ahead_are_the_integral(calibration):
    model = BetaGeometricNBD().fit(calibration)
    r, alpha, a, b = model.params_.values()
    frame = pd.DataFrame({"frequency": [0, 2, 10, 40], "recency": [0, 20, 30, 38], "T": [20, 30, 39, 39]})
    frame.index = list("abcd")
    x, t = frame.frequency.to_numpy(), 50 * 39.0

    def integrand(p: float, count: int, observed: float) -> float:
        bought = -np.expm1(-(r + count) * np.log1p(p * t / (alpha + observed))) / p
        return bought * beta.pdf(p, a, b + count)

    exact = [
        quad(integrand, 0, 1, args=(n, T), points=[1e-4, 1e-3, 1e-2, 0.1], limit=500)[0]
        for n, T in zip(x, frame["T"], strict=True)
    ]
    found = model.expected_purchases(t, frame) / model.probability_alive(frame)
    assert np.allclose(found, exact, rtol=1e-3)


def test_large_counts_are_numbers():
    busy = pd.DataFrame({"frequency": [2000.0, 1.0, 0.0] * 20, "recency": [39.9, 5.0, 0.0] * 20, "T": [40.0] * 60})
    for model in (BetaGeometricNBD, ParetoNBD):
        fitted = model().fit(busy)
        told = fitted.expected_purchases(10)
        assert np.isfinite(fitted.log_likelihood_) and np.isfinite(told).all() and told.iloc[0] > 100


def test_gamma_gamma_finds_the_published_parameters(calibration):
    known = calibration[calibration.frequency > 0]
    fitted = GammaGamma().fit(known[known.monetary > 0.02])
    assert len(known[known.monetary > 0.02]) == 946
    assert fitted.params_ == pytest.approx({"p": 6.25, "q": 3.74, "gamma": 15.45}, abs=0.012)
    expected = fitted.expected_average_value(calibration)
    assert expected[calibration.frequency == 0].nunique() == 1
    assert independence_check(known).holds


def test_lifetime_value_is_discounted_and_has_an_interval(demo):
    near, far = (customer_lifetime_value(demo, horizon_days=days, n_resamples=10) for days in (90, 365))
    free = customer_lifetime_value(demo, horizon_days=365, discount_rate=0, n_resamples=10)
    assert list(near.columns) == ["customer_id", "purchases", "value", "ci_low", "ci_high"]
    assert (
        (near.value < far.value).all() and (far.value < free.value).all() and near.customer_id.is_monotonic_increasing
    )
    assert (far.ci_low <= far.ci_high).all() and near.equals(
        customer_lifetime_value(demo, horizon_days=90, n_resamples=10)
    )


@pytest.mark.parametrize("by", ["ltv", "rfm", "monetary"])
def test_high_value_customers_are_the_best(by, demo):
    best = high_value_customers(demo, by=by, share=0.1)
    X = customer_features(demo)
    buyers = X[X.frequency > 0]
    assert len(best) == np.ceil(0.1 * len(buyers)) and best.is_unique and set(best) <= set(buyers.index)
    assert buyers.monetary[best].median() > 2 * buyers.monetary.median()


def test_what_a_pick_catches_lies_between_chance_and_the_oracle(demo):
    captured = future_value_capture(demo, test_days=45, n_resamples=50).set_index("rule")
    oracle, chance = captured.captured.iloc[-2], captured.captured.iloc[-1]
    picks = captured.iloc[:-2]
    assert (picks.captured <= oracle).all() and (picks.captured.drop("recency") > chance).all()
    assert picks.ci_high["recency"] > chance   # who came last brings no more than anybody here
    assert (captured.ci_low <= captured.ci_high).all()
    assert len(plot_capture(captured.reset_index()).axes[0].patches) == len(captured)


def test_equals_by_recency_are_picked_by_chance():
    moments = [pd.Timestamp("2025-01-02 10:00")] * 40 + [pd.Timestamp("2025-01-02 10:00:01"), pd.Timestamp("2025-01-02 09:00")]
    log = pd.DataFrame({"customer_id": [f"c{n:02d}" for n in range(42)], "item_id": "tea", "event": "purchase"})
    log = log.assign(timestamp=moments, price=np.arange(1.0, 43.0))
    ranking = customer_ranking(Dataset(log), by="recency")
    assert ranking.index[0] == "c40" and ranking.index[-1] == "c41"
    among = [int(name[1:]) for name in ranking.index[1:-1]]
    assert sorted(among) == list(range(40)) and abs(np.corrcoef(among, range(40))[0, 1]) < 0.5
    shuffled = Dataset(log.sample(frac=1, random_state=1))
    assert customer_ranking(shuffled, by="recency").equals(ranking)


def test_rfm_by_hand():
    days = pd.to_datetime(["2025-01-01", "2025-01-10", "2025-01-20", "2025-01-30", "2025-01-30"])
    events = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "d"],
            "item_id": "tea",
            "event": ["purchase"] * 5,
            "timestamp": days,
            "price": [1.0, 2, 3, 4, 4],
        }
    ).assign(order_id=["1", "2", "3", "4", "5"])
    views = pd.DataFrame({"customer_id": ["e"], "item_id": "tea", "event": "view", "timestamp": days[:1]})
    scores = rfm_scores(Dataset(pd.concat([events, views])), n_bins=4)
    assert scores.r.tolist()[:4] == [1, 2, 3, 4] and scores.m.tolist()[:4] == [1, 2, 3, 4]
    assert scores.loc["d", "frequency"] == 2 and scores.loc["e", ["r", "f", "m"]].isna().all()
    with pytest.raises(ValueError, match="4 bins"):
        rfm_groups(scores)
    assert rfm_groups(rfm_scores(Dataset(pd.concat([events, views]))))["e"] == "never bought"


def test_who_bought_once_in_a_shop_of_single_purchases_is_no_champion():
    generator = np.random.default_rng(3)
    often = np.r_[np.ones(900, dtype=int), generator.integers(2, 9, 100)]
    who = np.repeat([f"c{number:04}" for number in range(1000)], often)
    times = pd.Timestamp("2025-01-01") + pd.to_timedelta(generator.integers(0, 300, len(who)), unit="D")
    events = pd.DataFrame({"customer_id": who, "item_id": "tea", "event": "purchase", "timestamp": times, "price": 5.0})
    scores = rfm_scores(Dataset(events.assign(order_id=[str(number) for number in range(len(who))])))
    groups = rfm_groups(scores)
    assert (scores.f[scores.frequency == 1] == 1).all() and scores.frequency[groups == "champions"].min() > 1
    assert (groups == "new").sum() > 50


def test_rfm_groups_cover_the_grid(demo):
    scores = rfm_scores(demo)
    groups = rfm_groups(scores)
    assert groups.notna().all() and groups.nunique() > 5
    assert scores.recency_days[groups == "champions"].max() < scores.recency_days[groups == "hibernating"].min()
    assert len(plot_rfm(scores).axes[0].patches) == 10


def test_explanations_say_what_they_explain_or_nothing():
    generator = np.random.default_rng(0)
    kinds = generator.integers(0, 3, 600)
    X = pd.DataFrame(
        np.array([[0, 0, 0], [7, 0, 0], [0, 7, 0]])[kinds] + generator.normal(size=(600, 3)),
        columns=["frequency", "monetary", "noise"],
        index=[f"c{number}" for number in range(600)],
    )
    X["plan"] = np.where(kinds == 1, "gold", "basic")
    X.iloc[5, 2] = np.nan
    segmenter = Segmenter(n_segments=3).fit(X)
    tree = explain_segments(segmenter, X)
    assert tree.fidelity > 0.95 and tree.tree.get_n_leaves() <= 6 and 0.999 < tree.cost_ratio < 1.1
    assert tree.rules.customers.sum() == 600 and set(tree.rules.segment) == set(segmenter.segment_names_)
    for method in ("tree", "shap", "lime"):
        found = explain_customer(segmenter, X, "c7", method=method)
        assert found.segment == segmenter.assign(X)["c7"] and found.method == method
        assert "noise" not in set(found.parts.feature.iloc[:2])
        assert found.parts.contribution.iloc[0] > 0.1
        assert plot_explanation(found).axes[0].patches
        assert found.parts.equals(explain_customer(segmenter, X, "c7", method=method).parts)
    with pytest.raises(LowFidelityError, match="mislead"):
        explain_segments(segmenter, X, max_leaves=2)
    with pytest.raises(ValueError, match="customer_id"):
        explain_customer(segmenter, X, "stranger")


def test_complete_journeys_best_tenth():
    shop = read_dataset("complete-journey")
    captured = future_value_capture(shop, n_resamples=50).set_index("rule").captured
    assert captured["ltv"] > 0.3 and captured["ltv"] > captured["frequency"] > captured["recency"]


def test_small_shops_have_a_value_and_odd_numbers_are_refused():
    generator = np.random.default_rng(5)
    rows = [
        (f"c{number}", day)
        for number in range(12)
        for day in generator.choice(200, 4 if number < 4 else 1, replace=False)
    ]
    events = pd.DataFrame(rows, columns=["customer_id", "day"])
    events["timestamp"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(events.day, unit="D")
    shop = Dataset(
        events.assign(item_id="tea", event="purchase", price=generator.uniform(3, 9, len(events))).drop(columns="day")
    )
    worth = customer_lifetime_value(shop, horizon_days=np.int64(90), n_resamples=10)
    assert len(worth) == 12 and (worth.value > 0).all() and len(high_value_customers(shop)) == 2
    history = purchase_history(shop)
    for weights in (np.full(12, np.inf), np.full(12, np.nan), -np.ones(12)):
        with pytest.raises(ValueError, match="weights"):
            BetaGeometricNBD().fit(history, weights=weights)
    with pytest.raises(ValueError, match="whole number"):
        ParetoNBD().fit(history.assign(frequency=0.5, recency=1.0))
    with pytest.raises(ValueError, match="numbers >= 0"):
        GammaGamma().fit(history.assign(monetary=np.inf))
    with pytest.raises(ValueError, match="recency is the time"):
        BetaGeometricNBD().fit(history.assign(recency=history["T"] + 1).set_axis(["same"] * 12))
    with pytest.raises(ValueError, match="prices"):
        customer_lifetime_value(Dataset(events.assign(item_id="tea", event="purchase").drop(columns="day")))


def test_a_rare_segment_is_not_explained_by_forgetting_it():
    generator = np.random.default_rng(0)
    points = np.r_[generator.normal(size=(920, 6)), 0.2 * generator.normal(size=(80, 6))]
    X = pd.DataFrame(points, columns=list("abcdef"), index=[f"j{number}" for number in range(1000)])
    model = Segmenter("gmm", 2).fit(X)
    with pytest.raises(LowFidelityError):
        explain_customer(model, X, X.index[model.labels_ == 1][0])
    noise = pd.DataFrame(
        generator.normal(size=(400, 6)), columns=list("abcdef"), index=[f"n{number}" for number in range(400)]
    )
    noise.iloc[0] = 80.0
    with pytest.raises(LowFidelityError):
        explain_customer(Segmenter("hierarchical", 7).fit(noise), noise, "n5", method="shap")


def test_who_the_rules_put_elsewhere_is_not_explained_by_them(demo):
    X = customer_features(demo)
    model = Segmenter(n_segments=4).fit(X)
    tree = explain_segments(model, X)
    assert set(tree.found.index) == set(model.segment_names_) and tree.found.between(0, 1).all()
    told = model.segment_names_[tree.tree.predict(model._encoder.describe(X).fillna(X.median()))]
    elsewhere = X.index[told != model.assign(X)]
    assert len(elsewhere) > 3
    for customer_id in elsewhere[:3]:
        with pytest.raises(LowFidelityError):
            explain_customer(model, X, customer_id)


def test_numbers_beyond_any_use_are_refused_with_words(demo):
    X = customer_features(demo)
    for call, name in (
        (lambda: customer_lifetime_value(demo, horizon_days=10**9), "horizon_days"),
        (lambda: purchase_history(demo, unit_days=10**18), "unit_days"),
        (lambda: future_value_capture(demo, test_days=10**9), "test_days"),
        (lambda: Segmenter(n_segments=2, random_state=10**12).fit(X), "random_state"),
        (lambda: ALSRecommender(regularization=math.inf).fit(demo), "regularization"),
        (lambda: EASERecommender(regularization=1e30).fit(demo), "regularization"),
    ):
        with pytest.raises(ValueError, match=f"^{name} == .*must be"):
            call()
    with pytest.raises(TypeError, match="for_newcomers"):
        NewcomerRecommender().fit(demo)
    assert len(customer_window(demo, days=10**9)) == len(X)
