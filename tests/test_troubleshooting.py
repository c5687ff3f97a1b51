"One diagnosis: each injected fault is named first, a healthy shop has none."

import ibis
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from segrec import data, recommendation, segmentation, troubleshooting
from segrec.cli import app
from segrec.data import Dataset, simulate_shop
from segrec.recommendation import PopularityRecommender
from segrec.segmentation import Segmenter, customer_features, write_labels
from segrec.troubleshooting import (
    CAUSES,
    diagnose,
    explained_behaviour,
    find_faults,
    plot_finding,
    plot_remedies,
    remedy_effects,
    split_segments,
)

COLUMNS = ["rank", "cause", "evidence", "ci_low", "ci_high", "remedy", "expected_effect", "guide"]
WEEKS = pd.Timedelta(weeks=4)


@pytest.fixture(scope="module")
def shop() -> Dataset:
    "One shop: the benchmark `diagnosis` counts over fifty."
    return simulate_shop(random_state=70)


def frames(shop: Dataset) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return shop.events.execute(), shop.items.execute(), shop.customers.execute()


def with_events(shop: Dataset, events: pd.DataFrame) -> Dataset:
    return Dataset(events, *frames(shop)[1:], now=shop.as_of)


def truth(shop: Dataset) -> pd.Series:
    return shop.truth.set_index("customer_id").segment


def first_cause(found: pd.DataFrame) -> str:
    assert list(found)[: len(COLUMNS)] == COLUMNS and found["rank"].tolist() == list(range(1, len(found) + 1))
    assert (found.ci_low <= found.evidence).all() and (found.evidence <= found.ci_high).all()
    assert all(CAUSES[row.cause].guide == row.guide for row in found.itertuples())
    return found.cause.iloc[0] if len(found) else ""


def test_a_healthy_shop_has_a_clean_bill(shop):
    X = customer_features(shop)
    before = shop.between(end=shop.as_of - WEEKS)
    assert diagnose(shop).empty
    assert diagnose(shop, X, Segmenter(n_segments=4).fit(X), PopularityRecommender().fit(shop)).empty
    assert diagnose(shop, segmenter=truth(shop), reference=before).empty


@pytest.mark.parametrize("n", [6, 20])
def test_noise_is_found_among_features(shop, n):
    X = customer_features(shop)
    generator = np.random.default_rng(n)
    names = [f"column {number}" for number in range(n)]
    dice = pd.DataFrame(generator.gamma(2, size=(len(X), n)), X.index, names)
    found = diagnose(shop, features=X.join(dice))
    assert first_cause(found) == "noise_features" and all(name in found.remedy[0] for name in names[:3])
    assert set(eval(found.remedy[0], {"features": X.join(dice)})) <= set(X)


@pytest.mark.parametrize("count", [2, 12])
def test_a_wrong_number_of_segments(shop, count):
    X = customer_features(shop)
    found = diagnose(shop, X, Segmenter(n_segments=count, random_state=1).fit(X))
    assert first_cause(found) == "wrong_k" and 3 <= found.evidence[0] <= 6


def test_segments_that_were_put_together(shop):
    names = sorted(truth(shop).unique())
    for first, second in ((0, 1), (2, 3)):
        merged = truth(shop).replace({names[first]: "both", names[second]: "both"})
        assert first_cause(diagnose(shop, segmenter=merged)) == "merged_segments"
    X = customer_features(shop)
    edited = Segmenter(n_segments=5).fit(X)
    edited.labels_ = np.where(edited.labels_ == 4, 0, edited.labels_)
    assert first_cause(diagnose(shop, X, edited)) == "merged_segments"


def test_strangers_and_thin_logs(shop):
    events = frames(shop)[0]
    generator = np.random.default_rng(0)
    some = generator.choice(np.sort(events.customer_id.unique()), 140, replace=False)
    place = events.groupby("customer_id").cumcount()
    assert (
        first_cause(diagnose(with_events(shop, events[~events.customer_id.isin(some) | (place < 2)])))
        == "cold_customers"
    )
    assert first_cause(diagnose(with_events(shop, events[~events.customer_id.isin(some)]))) == "cold_customers"
    assert first_cause(diagnose(with_events(shop, events[generator.random(len(events)) < 0.08]))) == "sparsity"
    assert first_cause(diagnose(with_events(shop, events[place < 5]))) == "sparsity"


def test_a_segment_that_moves(shop):
    events = frames(shop)[0]
    last = (events.timestamp >= shop.as_of - WEEKS) & (events.customer_id.map(truth(shop)) == "regulars")
    dearer = with_events(shop, events.assign(price=events.price.where(~last, 2 * events.price)))
    before = dearer.between(end=shop.as_of - WEEKS)
    for reference in (None, before):
        found = diagnose(dearer, segmenter=truth(shop), reference=reference)
        assert first_cause(found) == "segment_drift" and found.ci_low[0] > 0.3


def test_events_twice_and_events_lost(shop):
    events = frames(shop)[0]
    copies = events.sample(frac=0.05, random_state=1)
    later = copies.assign(timestamp=copies.timestamp + pd.Timedelta(hours=2))
    week = events.timestamp.between("2025-04-10", "2025-04-15")
    silent = (events.event == "purchase") & events.timestamp.between("2025-05-01", "2025-05-20")
    some = np.random.default_rng(0).random(len(events)) < 0.15
    for log in (pd.concat([events, copies]), pd.concat([events, later]), events[~week], events[~silent], events[~some]):
        assert first_cause(diagnose(with_events(shop, log))) == "duplicated_or_lost_events"


def test_the_future_is_found_where_it_leaked(shop):
    cut = shop.as_of - WEEKS
    before = shop.between(end=cut)
    events = frames(shop)[0]
    late = (events.timestamp >= cut) & (events.event == "purchase")
    back = with_events(shop, events.assign(timestamp=events.timestamp.where(~late, events.timestamp - WEEKS)))
    then = customer_features(shop, as_of=cut)
    money = customer_features(shop.between(start=cut), features=["monetary"]).monetary.reindex(then.index).fillna(0)
    label = pd.Series(np.where(money > 0, "buys", "does not"), then.index)
    for found in (
        diagnose(back),
        diagnose(before, features=customer_features(shop)),
        diagnose(shop, features=then.assign(outcome=money)),
        diagnose(shop, segmenter=label),
        diagnose(before, model=PopularityRecommender().fit(shop)),
    ):
        assert first_cause(found) == "leaked_future"
    assert diagnose(shop, features=then).empty


def test_remedies_can_be_run_as_they_are_written(shop):
    "With the names that diagnose was called with, and what segrec exports."
    events, _, customers = frames(shop)
    generator = np.random.default_rng(1)
    place = events.groupby("customer_id").cumcount()
    some = customers.customer_id.isin(generator.choice(customers.customer_id, 200, replace=False))
    strangers = events.customer_id.isin(customers.customer_id[some])
    X = customer_features(shop)
    merged = truth(shop).replace({"browsers": "both", "bargain hunters": "both"})
    thin = with_events(shop, events[generator.random(len(events)) < 0.08])
    bought = events[(events.event == "purchase") & (generator.random(len(events)) < 0.1)]
    back = (events.timestamp >= shop.as_of - WEEKS) & (events.event == "purchase")
    model = PopularityRecommender().fit(shop)
    abroad = events.customer_id.isin(sorted(customers.customer_id)[::6])
    calls = [
        {
            "dataset": shop,
            "features": X.join(pd.DataFrame(generator.normal(size=(len(X), 9)), X.index).add_prefix("n")),
        },
        {"dataset": shop, "features": X, "segmenter": Segmenter(n_segments=2).fit(X)},
        {"dataset": shop, "features": X, "segmenter": merged},
        {"dataset": with_events(shop, events[~strangers | (place < 2)])},
        {"dataset": thin},
        {"dataset": with_events(shop, bought)},
        {"dataset": with_events(shop, pd.concat([events, events.sample(frac=0.1, random_state=1)]))},
        {"dataset": with_events(shop, events[~events.timestamp.between("2025-04-10", "2025-04-15")])},
        {
            "dataset": with_events(
                shop, events.assign(timestamp=events.timestamp.where(~back, events.timestamp - WEEKS))
            )
        },
        {"dataset": shop.between(end=shop.as_of - WEEKS), "model": model},
        {"dataset": with_events(shop, events.assign(price=events.price.where(~abroad, 11 * events.price)))},
    ]
    names = {
        name: getattr(room, name)
        for room in (data, segmentation, recommendation, troubleshooting)
        for name in room.__all__
    }
    causes = set()
    for call in calls:
        for one in find_faults(**call):
            causes.add(one.cause)
            assert eval(one.remedy, names | {"_": ibis._} | call) is not None, one
    assert causes >= set(CAUSES) - {"segment_drift"}


def test_a_remedy_is_judged_customer_by_customer():
    generator = np.random.default_rng(0)
    values = pd.DataFrame({"nothing done": generator.random(200)})
    values["better"] = values["nothing done"] + generator.normal(0.05, 0.1, 200)
    values["the same"] = values["nothing done"]
    values["of a few"] = (values["nothing done"] + 1).where(values.index < 5)
    effects = remedy_effects(values).set_index("remedy")
    assert effects.verdict.tolist() == ["", "helps", "no effect shown", "no effect shown"]
    assert effects.n.tolist() == [200, 200, 200, 5] and np.isnan(effects.ci_low["of a few"])
    assert np.isclose(effects.effect["better"], (values.better - values["nothing done"]).mean())
    assert plot_remedies(effects.reset_index(), "NDCG@10", "What helps").axes[0].get_xlabel()
    with pytest.raises(ValueError, match="a column for nothing done"):
        remedy_effects(values[["better"]])


def test_what_segments_explain_is_the_share_of_the_spread():
    generator = np.random.default_rng(0)
    labels = pd.Series(np.repeat(["a", "b"], 500), [f"c{number}" for number in range(1000)])
    behaviour = pd.DataFrame(generator.normal(size=(1000, 2)), labels.index, ["x", "y"])
    behaviour.x += 2.0 * (labels == "b")
    expected = (1.0 / 2.0 + 0.0) / 2  # of x half of the variance lies between the segments, of y nothing
    assert abs(explained_behaviour(labels, behaviour).mean() - expected) < 0.03
    assert explained_behaviour(labels, behaviour.head(700)).index.equals(labels.index[:700])
    with pytest.raises(ValueError, match="at least 3 customers"):
        explained_behaviour(labels, behaviour.set_index(behaviour.index + "x"))


def test_only_the_named_segments_are_split(shop):
    X = customer_features(shop)
    merged = truth(shop).replace({"browsers": "both", "bargain hunters": "both"})
    split = split_segments(X, merged, ["both"])
    assert set(split) == {"both (1)", "both (2)", "regulars", "big spenders"}
    assert pd.crosstab(split, truth(shop).reindex(split.index)).max(axis=1).sum() > 0.9 * len(split)
    with pytest.raises(ValueError, match="must be one of"):
        split_segments(X, merged, ["nobody"])


def test_each_finding_has_its_picture(shop):
    X = customer_features(shop)
    events = frames(shop)[0]
    found = find_faults(with_events(shop, events[~events.timestamp.between("2025-04-10", "2025-04-15")]))
    found += find_faults(shop, X, Segmenter(n_segments=12).fit(X))
    assert len(found) >= 2
    for one in found:
        axes = plot_finding(one).axes[0]
        assert axes.get_title(loc="left") and (axes.get_xlabel() or axes.get_ylabel())


def test_tiny_shops_are_no_error():
    for n_customers, n_items, days in ((1, 1, 10), (3, 2, 30), (40, 10, 60)):
        found = diagnose(simulate_shop(n_customers=n_customers, n_items=n_items, days=days))
        assert set(found.cause) <= {"sparsity", "cold_customers"}


def test_small_healthy_shops_have_no_noise_of_their_own():
    for size, seed in (({"n_customers": 120, "days": 90}, 5), ({"n_customers": 120, "days": 90}, 12)):
        small = simulate_shop(random_state=seed, **size)
        assert diagnose(small).empty and "noise_features" not in set(diagnose(small, customer_features(small)).cause)


def test_a_leak_with_noise_on_it_is_found(shop):
    then = customer_features(shop, as_of=shop.as_of - WEEKS)
    money = customer_features(shop.between(start=shop.as_of - WEEKS)).monetary.reindex(then.index).fillna(0)
    risk = money + np.random.default_rng(3).normal(0, 0.3 * money.std(), len(then))
    assert first_cause(diagnose(shop, then.assign(risk=risk))) == "leaked_future"


def test_a_gap_is_named_with_all_its_days(shop):
    events = frames(shop)[0]
    first = shop.as_of.normalize() - pd.Timedelta(days=50)
    gone = events.timestamp.between(first, first + pd.Timedelta(days=10), inclusive="left")
    span = troubleshooting.lost_spans(troubleshooting.daily_counts(with_events(shop, events[~gone])))[0]
    assert (span.first.tz_localize(None), span.days, span.seen) == (first.tz_localize(None), 10, 0)


def test_what_cannot_be_examined_is_named(shop):
    X, labels = customer_features(shop), truth(shop)
    for given, message in (
        ({"features": X.reset_index(drop=True)}, "indexed by customers who are in the log"),
        ({"features": X.assign(age=np.inf)}, "features\\['age'\\]"),
        ({"features": X.iloc[[0, 0, 1]]}, "twice"),
        ({"features": pd.concat([X, X[["monetary"]]], axis=1)}, "two columns 'monetary'"),
        ({"segmenter": labels.iloc[[0, 0, 1]]}, "twice"),
        ({"segmenter": labels.astype(object).where(labels.isna())}, "not all missing"),
        ({"segmenter": shop.truth}, "a Series by customer"),
        ({"segmenter": Segmenter}, "the class Segmenter"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            diagnose(shop, **given)


def test_the_command_says_what_is_wrong(tmp_path):
    shop = simulate_shop(random_state=3)
    events = frames(shop)[0]
    events[~events.timestamp.between("2025-04-10", "2025-04-15")].to_parquet(tmp_path / "events.parquet")
    labels = f"{tmp_path}/labels.duckdb"
    write_labels(truth(shop), labels, valid_from="2025-06-30", model_version="1")
    run = CliRunner().invoke(app, ["diagnose", "--data", str(tmp_path), "--labels", labels])
    assert run.exit_code == 0 and "1. duplicated_or_lost_events" in run.output and "guide: data-sparsity" in run.output
    healthy = CliRunner().invoke(app, ["diagnose", "--data", "demo-shop"])
    assert healthy.exit_code == 0 and "nothing found" in healthy.output
    nothing = CliRunner().invoke(app, ["diagnose", "--data", "demo-shop", "--models", str(tmp_path / "none")])
    assert nothing.exit_code == 2 and "none" in nothing.output
