"Drift: p-values that keep their word, alarms that are seldom false and find what moved, a state that survives."

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from typer.testing import CliRunner

from segrec.cli import app
from segrec.data import Dataset, read_dataset, simulate_shop
from segrec.drift import (
    DriftMonitor,
    RetrainingPolicy,
    chi_squared,
    distribution_shift,
    divergence_table,
    jensen_shannon,
    joint_shift,
    kl_divergence,
    kolmogorov_smirnov,
    location_shift,
    population_stability_index,
    shop_windows,
    split_reference,
    wasserstein,
)
from segrec.drift.cells import CHUNK, learn_cells
from segrec.drift.joint import normal_scores, products
from segrec.drift.retraining import find_alarms
from segrec.drift.windows import window_ends
from segrec.recommendation import PopularityRecommender, split_by_time
from segrec.reports import run_report
from segrec.segmentation import customer_features, find_segments


def frame(rng, n, shift=0.0, rho=0.0):
    "Twenty features: two that move, two that can come to go together, money, counts, a rare flag, a word, gaps."
    values = rng.normal(size=(n, 20))
    values[:, :2] += shift
    values[:, 3] = rho * values[:, 2] + np.sqrt(1 - rho**2) * values[:, 3]
    made = pd.DataFrame(values).add_prefix("feature_")
    made["feature_10"] = np.exp(1.5 * made.feature_10)
    made["feature_11"] = np.floor(np.exp(made.feature_11))
    made["feature_12"] = (made.feature_12 > 1.9) * 1.0
    made["feature_13"] = np.where(made.feature_13 > 0.5, "phone", "desktop")
    made["feature_14"] = made.feature_14.where(rng.random(n) > 0.1)
    return made


@pytest.mark.parametrize("n", [100, 300])
def test_kl_p_values_keep_their_word(n):
    rng = np.random.default_rng(n)
    p_values = [kl_divergence(rng.normal(size=2000), rng.normal(size=n), random_state=k).p_value for k in range(600)]
    assert abs(np.mean(np.array(p_values) <= 0.05) - 0.05) < 0.03


def test_kl_sees_a_fifth_of_a_standard_deviation_in_five_hundred_rows():
    rng = np.random.default_rng(0)
    found = [kl_divergence(rng.normal(size=20_000), rng.normal(0.2, size=500)) for _ in range(150)]
    assert np.mean([one.p_value <= 0.05 for one in found]) > 0.85
    assert np.mean([one.ci_low <= 0.2 <= one.ci_high for one in found]) > 0.9
    assert abs(np.mean([one.effect for one in found]) - 0.2) < 0.03


def test_divergences_are_what_their_books_say():
    first, second = ["a"] * 300 + ["b"] * 700, ["a"] * 500 + ["b"] * 500
    p, q = np.array([0.3, 0.7]), np.array([0.5, 0.5])
    assert kl_divergence(first, second).value == pytest.approx((q * np.log(q / p)).sum(), abs=2e-3)
    assert population_stability_index(first, second).value == pytest.approx(((q - p) * np.log(q / p)).sum(), abs=4e-3)
    middle = (p + q) / 2
    divergence = ((p * np.log2(p / middle)).sum() + (q * np.log2(q / middle)).sum()) / 2
    assert jensen_shannon(first, second).value == pytest.approx(np.sqrt(divergence), abs=2e-3)
    expected = stats.chi2_contingency([[300, 700], [500, 500]], correction=False)
    found = chi_squared(first, second)
    assert (found.value, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    rng = np.random.default_rng(1)
    before, now = rng.integers(0, 20, 700).astype(float), rng.integers(1, 22, 400).astype(float)
    assert kolmogorov_smirnov(before, now).value == pytest.approx(stats.ks_2samp(before, now).statistic)
    assert wasserstein(before, now).value == pytest.approx(stats.wasserstein_distance(before, now), abs=0.01)


def test_weights_missing_values_and_new_words_count():
    rng = np.random.default_rng(2)
    value = rng.normal(size=4000)
    heavy = np.where(value > 0, 3.0, 1.0)
    assert kl_divergence(value, value, weights=heavy).p_value < 1e-6
    assert kl_divergence(value, value, weights=(heavy, heavy)).value == 0
    repeated = kl_divergence(value[:1000], np.repeat(value[1000:1300], 2))
    weighted = kl_divergence(value[:1000], value[1000:1300], weights=np.full(300, 2.0))
    assert weighted.value == pytest.approx(repeated.value, abs=1e-2)
    assert weighted.p_value > repeated.p_value
    gone = np.where(rng.random(4000) < 0.1, np.nan, value)
    assert kl_divergence(value, gone).p_value < 1e-6 and kl_divergence(gone, gone).p_value == 1
    assert kl_divergence(["a"] * 900 + ["b"] * 900, ["a"] * 300 + ["b"] * 300 + ["c"] * 40).p_value < 1e-6


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        ([1.0], [1.0]),
        ([1.0], [2.0]),
        ([None, None], [1.0, None]),
        (["a"], ["b"]),
        ([1, 1, 1], [1, 1]),
        ([True, False], [True]),
    ],
)
def test_tiny_samples_have_an_answer(reference, current):
    found = kl_divergence(pd.Series(reference), pd.Series(current))
    assert 0 < found.p_value <= 1 and found.value >= 0 and found.ci_low <= found.effect <= found.ci_high


def test_divergence_table_is_tidy_and_does_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(3)
    before, now = frame(rng, 400), frame(rng, 250, shift=0.5)
    table = divergence_table(before, now)
    assert list(table) == [
        "feature",
        "measure",
        "value",
        "p_value",
        "effect",
        "ci_low",
        "ci_high",
        "smallest_detectable",
    ]
    assert set(table[table.feature == "feature_13"].measure) == {"kl", "jensen_shannon", "psi", "chi_squared"}
    pd.testing.assert_frame_equal(
        table, divergence_table(before.sample(frac=1, random_state=1), now.sample(frac=1, random_state=2))
    )
    assert (table[table.feature == "feature_0"].p_value < 0.01).all()


def test_counting_in_chunks_is_counting():
    rng = np.random.default_rng(4)
    values = pd.Series(rng.integers(0, 50, CHUNK + 1000).astype(float)).where(rng.random(CHUNK + 1000) > 0.01)
    groups = rng.integers(-1, 3, len(values))
    cells = learn_cells(values)
    counts = cells.count(values, groups, 3)
    assert counts.sum() == (groups >= 0).sum() and counts[1, -1] == values[groups == 1].isna().sum()
    assert cells.count(values)[0, 1 : 2 * 50 : 2].tolist() == values.value_counts().sort_index().tolist()


@pytest.mark.parametrize("sizes", [(50, 50), (1000, 60), (400, 400)])
def test_tests_of_a_feature_are_right_in_the_tail(sizes):
    rng = np.random.default_rng(5)
    found = []
    for _ in range(800):
        before, now = (pd.Series(rng.lognormal(0, 1.5, n)) for n in sizes)
        cells = learn_cells(before)
        pair = cells.count(before), cells.count(now)
        found.append((location_shift(cells, *pair).p_value[0], distribution_shift(cells, *pair).p_value[0]))
    assert (np.mean(np.array(found) <= 0.01, axis=0) < 0.022).all()


def test_location_is_the_rank_test_of_normal_scores():
    rng = np.random.default_rng(6)
    before, now = rng.normal(size=120), rng.normal(0.4, size=80)
    cells = learn_cells(pd.Series(before))
    found = location_shift(cells, cells.count(pd.Series(before)), cells.count(pd.Series(now)))
    assert found.p_value[0] == pytest.approx(stats.ttest_ind(before, now).pvalue, rel=1.0)
    assert found.effect[0] == pytest.approx((now.mean() - before.mean()) / before.std(), abs=0.15)


def test_joint_shift_sees_what_no_feature_shows_and_names_it():
    rng = np.random.default_rng(7)
    both = pd.concat([frame(rng, 1000), frame(rng, 1000, rho=0.6)])
    found = joint_shift(products(normal_scores(both)), np.arange(2000) >= 1000)
    assert found.p_value <= 0.001 and found.strongest == "feature_2 x feature_3" and found.ci_low > 0.2


@pytest.mark.parametrize("n", [50, 400])
def test_a_quiet_year_has_hardly_an_alarm(n):
    rng = np.random.default_rng(8 + n)
    n_alarms = 0
    for _ in range(2):
        before = frame(rng, 3 * n)
        monitor = DriftMonitor(before, segments=pd.Series(rng.choice(list("abcdefgh"), 3 * n)))
        for _ in range(20):
            n_alarms += len(monitor.check(frame(rng, n), segments=pd.Series(rng.choice(list("abcdefgh"), n))).alarms)
    assert n_alarms <= 3


def test_a_shift_is_found_and_named():
    rng = np.random.default_rng(9)
    monitor = DriftMonitor(frame(rng, 2000))
    checks = [monitor.check(frame(rng, 1000, shift=0.25)) for _ in range(8)]
    assert all(len(check.alarms) for check in checks)
    assert {name for check in checks for name in check.alarms.feature} <= {"feature_0", "feature_1"}
    row = checks[0].alarms.iloc[0]
    assert list(checks[0].alarms) == [
        "level", "segment", "feature", "test", "effect", "ci_low", "ci_high", "p_adjusted", "guide",
    ]  # fmt: skip
    assert row.level == "shop" and row.ci_low < 0.25 < row.ci_high and row.guide == "model-drift"
    assert "standard deviations" in checks[0].words()[0]


def test_a_segment_and_its_share_are_found():
    rng = np.random.default_rng(10)
    before, labels = frame(rng, 4000), pd.Series(rng.choice(["big", "small"], 4000, p=[0.8, 0.2]))
    monitor = DriftMonitor(before, segments=labels)
    now, now_labels = frame(rng, 1500), pd.Series(rng.choice(["big", "small"], 1500, p=[0.8, 0.2]))
    now.loc[now_labels == "small", "feature_5"] += 1
    found = monitor.check(now, segments=now_labels).alarms
    assert ("segment", "small", "feature_5") in set(zip(found.level, found.segment, found.feature, strict=True))
    more = pd.Series(rng.choice(["big", "small"], 1500, p=[0.6, 0.4]))
    found = monitor.check(frame(rng, 1500), segments=more).alarms
    assert "segment shares" in set(found.feature)
    with pytest.warns(UserWarning, match="1,500 customers are in segments that the reference does not know"):
        alone = monitor.check(frame(rng, 1500), segments=pd.Series(["newcomers"] * 1500))
    assert "segment shares" not in set(alone.alarms.feature) and len(alone.tests)


def test_order_of_rows_and_a_second_run_change_nothing():
    rng = np.random.default_rng(11)
    before, now = frame(rng, 800), frame(rng, 300, shift=0.3)
    first, again = (DriftMonitor(before, random_state=3).check(now) for _ in range(2))
    pd.testing.assert_frame_equal(first.tests, again.tests)


def test_what_is_too_small_to_matter_is_no_alarm():
    rng = np.random.default_rng(12)
    before, now = (
        pd.DataFrame({"a": rng.normal(shift, size=200_000), "b": rng.normal(size=200_000)}) for shift in (0, 0.03)
    )
    assert DriftMonitor(before).check(now).alarms.empty
    assert set(DriftMonitor(before, matters=0.01).check(now).alarms.feature) == {"a"}


def test_weeks_that_always_move_are_no_drift():
    rng = np.random.default_rng(13)

    def week(mean):
        return pd.DataFrame({"spend": rng.normal(mean, 1, 800), "orders": rng.poisson(3, 800)})

    monitor = DriftMonitor([week(rng.normal(0, 0.15)) for _ in range(12)])
    assert sum(len(monitor.check(week(rng.normal(0, 0.15))).alarms) for _ in range(10)) <= 1
    assert "spend" in set(monitor.check(week(1.5)).alarms.feature)


def test_state_survives_and_another_reference_is_refused(tmp_path):
    rng = np.random.default_rng(14)
    before, labels = frame(rng, 300), pd.Series(rng.choice(["a", "b"], 300))
    path, weeks = tmp_path / "drift.duckdb", [frame(rng, 200), frame(rng, 200, shift=0.6)]
    steady = DriftMonitor(before, labels, mode="rolling")
    expected = [steady.check(week, labels[:200]) for week in weeks]
    for number, week in enumerate(weeks):
        again = DriftMonitor(
            before if number == 0 else None, labels if number == 0 else None, mode="rolling", path=path
        )
        found = again.check(week, labels[:200])
        assert np.allclose(found.tests.p_value, expected[number].tests.p_value)
    assert DriftMonitor(before, labels, mode="rolling", path=path).history.id.nunique() == 2
    with pytest.raises(ValueError, match="goes on with the reference"):
        DriftMonitor(frame(rng, 300), path=path)
    (tmp_path / "other.duckdb").write_text("no database")
    with pytest.raises(ValueError, match="DriftMonitor wrote"):
        DriftMonitor(path=tmp_path / "other.duckdb")


def test_datasets_are_compared_in_windows():
    shop = simulate_shop(n_customers=300, random_state=5)
    before, last = split_by_time(shop, test_days=28)
    windows = shop_windows(before)
    assert all((window.items.sum(axis=1) - 1).abs().max() < 1e-9 for window in windows)
    model = PopularityRecommender().fit(before)
    monitor = DriftMonitor(before, model=model)
    check = monitor.check(last)
    assert {"item popularity", "joint distribution", "list_novelty"} <= set(
        check.tests.feature
    ) and check.at == shop.as_of
    events = last.events.execute()
    fewer = events[(events.event != "purchase") | (np.arange(len(events)) % 3 == 0)]
    alarms = monitor.check(Dataset(fewer, shop.items)).alarms
    assert len(alarms) and set(alarms.guide) & {"data-sparsity", "model-drift"}


def steady_log(days, seed=0, n_customers=800, uneven=0.0):
    "A shop in which nothing changes: each customer buys at an own rate."
    rng = np.random.default_rng(seed)
    rate = rng.lognormal(0, uneven, n_customers)
    n = 60 * days
    return pd.DataFrame({
        "customer_id": np.array([f"c{number}" for number in range(n_customers)])[rng.choice(n_customers, n, p=rate / rate.sum())],
        "item_id": np.array([f"i{number}" for number in range(40)])[rng.integers(0, 40, n)],
        "event": "purchase", "timestamp": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.random(n) * days * 86_400, unit="s"),
        "quantity": 1, "price": np.round(rng.lognormal(2, 0.5, n), 2),
    })  # fmt: skip


@pytest.mark.parametrize("days", [60, 84, 100, 112])
def test_who_is_new_is_told_only_after_a_whole_window(days):
    shop = Dataset(steady_log(days))
    before, last = split_by_time(shop, test_days=28)
    assert not [name for name in DriftMonitor(before).check(shop).alarms.feature if name == "arrived"]
    if days == 112:  # three windows: the oldest one tells who is new in the next
        flood = last.events.execute()
        flood["customer_id"] = "new " + flood.customer_id
        alarms = DriftMonitor(before).check(Dataset(flood)).alarms
        assert "arrived" in set(alarms.feature) and "cold-start" in set(alarms.guide)


@pytest.mark.parametrize(("days", "seed"), [(84, 0), (140, 0), (196, 1)])
def test_who_falls_back_to_the_mean_has_not_drifted(days, seed, tmp_path):
    "Customers buy at rates of their own that never change; segments learned from the windows compared with gave alarms."
    shop = Dataset(steady_log(days, seed, uneven=0.7))
    shop.events.execute().to_parquet(tmp_path / "steady.parquet")
    page = run_report("drift", tmp_path / "steady.parquet", tmp_path)
    numbers = json.loads(next(tmp_path.glob("drift/*/summary.json")).read_text())["numbers"]
    assert numbers["n_alarms"] == 0, numbers["alarms"]
    assert ("Segments are left out" in page.read_text(encoding="utf-8")) == (days < 168)
    before = shop.between(end=shop.as_of - pd.Timedelta(days=28))
    known = find_segments(customer_features(before), n_segments=4).labels
    champion = SimpleNamespace(segments_=known)
    assert find_alarms(RetrainingPolicy(), shop, before.summary["last"], champion, None).empty


def test_drift_of_a_segment_is_found_on_the_page_and_before_a_retrain(tmp_path):
    rng = np.random.default_rng(1)
    log = pd.concat(
        [steady_log(196, 0, 150), steady_log(196, 1, 1500).assign(customer_id=lambda one: "r" + one.customer_id)]
    )
    frequent = log.customer_id.str.startswith("c") & (log.timestamp >= "2025-06-18")
    log.loc[frequent, "timestamp"] = log[frequent].timestamp.dt.floor("D") + pd.to_timedelta(
        rng.random(frequent.sum()), unit="h"
    )
    shop = Dataset(log)
    log.to_parquet(tmp_path / "turned.parquet")
    run_report("drift", tmp_path / "turned.parquet", tmp_path)
    summary = json.loads(next(tmp_path.glob("drift/*/summary.json")).read_text())["numbers"]
    assert {row["level"] for row in summary["alarms"]} >= {"shop", "segment"} and summary["n_windows"] == 3
    before = shop.between(end=shop.as_of - pd.Timedelta(days=28))
    champion = SimpleNamespace(segments_=find_segments(customer_features(before), n_segments=2).labels)
    found = find_alarms(RetrainingPolicy(), shop, before.summary["last"], champion, None)
    assert set(found[found.level == "segment"].segment) <= set(champion.segments_)
    assert "morning_share" in set(found[found.level == "segment"].feature) | set(found.feature)


def test_a_shop_where_nobody_comes_back_has_no_segments_to_watch():
    log = steady_log(196)
    log["customer_id"] = [f"guest {number}" for number in range(len(log))]
    older, newer = split_reference(Dataset(log))
    assert older is None and newer.summary.n_events == len(log)


def test_command_tells_and_exits(tmp_path):
    quiet = CliRunner().invoke(app, ["drift", "--current", "demo-shop"])
    assert quiet.exit_code == 0 and "no alarm" in quiet.output
    shop = read_dataset("demo-shop")
    before, last = split_by_time(shop, test_days=28)
    before.events.execute().to_parquet(tmp_path / "before.parquet")
    events = last.events.execute()
    events["price"] = events.price * 2
    events.to_parquet(tmp_path / "last.parquet")
    found = CliRunner().invoke(
        app, ["drift", "--reference", str(tmp_path / "before.parquet"), "--current", str(tmp_path / "last.parquet")]
    )
    assert found.exit_code == 3 and "average_order_value" in found.output
    assert CliRunner().invoke(app, ["drift", "--current", str(tmp_path / "nothing.csv")]).exit_code == 2


def test_a_long_tail_of_words_is_no_drift():
    rng = np.random.default_rng(21)
    weight = 1 / np.arange(1, 301)
    p_values = []
    for _ in range(60):
        first, second = (
            pd.Series(rng.choice(300, n, p=weight / weight.sum())).map("city {}".format) for n in (1000, 300)
        )
        p_values.append(kl_divergence(first, second).p_value)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.15
    before, now = (pd.Series(rng.choice(list(words), 600)) for words in ("abc", "abcd"))
    assert kl_divergence(before, now).p_value < 1e-10
    numbers = [pd.Series(rng.normal(size=n)).astype(object) for n in (900, 400)]
    assert kl_divergence(*numbers).p_value > 1e-3


def test_labels_may_be_numbers_and_strangers_have_none():
    rng = np.random.default_rng(22)
    ids = [f"c{number}" for number in range(3000)]
    before, now = (pd.DataFrame(rng.normal(size=(3000, 4)), ids, list("wxyz")) for _ in range(2))
    labels = pd.Series(np.arange(3000) % 3, ids)
    now.index = [*ids[:-90], *(f"new {number}" for number in range(90))]
    assert DriftMonitor(before, labels).check(now).alarms.empty
    moved = now.copy()
    moved.loc[moved.index.isin(labels.index[labels == 2]), "x"] += 0.8
    for given in (labels, labels.to_dict(), labels.astype(str)):
        alarms = DriftMonitor(before, given).check(moved).alarms
        assert set(alarms[alarms.level == "segment"].segment) == {"2"}


def test_columns_may_have_numbers_for_names():
    rng = np.random.default_rng(23)
    before, now = (pd.DataFrame(rng.normal(size=(800, 3))) for _ in range(2))
    monitor = DriftMonitor(before)
    assert monitor.check(now).alarms.empty and set(monitor.check(now + [0, 0.5, 0]).alarms.feature) == {"1"}


def test_item_popularity_alone_can_alarm():
    shop = simulate_shop(n_customers=500, random_state=6)
    before, last = split_by_time(shop, test_days=28)
    assert "item popularity" not in set(DriftMonitor(before).check(last).alarms.feature)
    events, items = last.events.execute(), np.sort(shop.items.execute().item_id)
    other = dict(zip(items, items[::-1], strict=True))
    swapped = Dataset(events.assign(item_id=events.item_id.map(other)), shop.items)
    found = DriftMonitor(before).check(swapped).tests.set_index("feature").loc["item popularity"]
    assert found.alarm and found.p_adjusted < 1e-3


def test_a_file_keeps_how_the_monitor_judges(tmp_path):
    rng = np.random.default_rng(24)
    ids = [f"c{number}" for number in range(600)]
    before, now = (pd.DataFrame(rng.normal(size=(600, 4)), ids, list("wxyz")) for _ in range(2))
    path, labels = tmp_path / "drift.duckdb", pd.Series(np.arange(600) % 2, ids)
    first = DriftMonitor(before, labels, mode="rolling", alarms_per_year=4, path=path, matters=0.3, random_state=5)
    again = DriftMonitor(None, path=path)
    assert (again.mode, again.alarms_per_year, again.matters, again.random_state) == ("rolling", 4, 0.3, 5)
    pd.testing.assert_frame_equal(again.check(now).tests, first.check(now).tests)
    assert DriftMonitor(None, path=path).history.id.nunique() == 2
    with_reference = DriftMonitor(before, labels, path=path)
    assert (with_reference.mode, with_reference.alarms_per_year, with_reference.matters) == ("rolling", 4, 0.3)
    with pytest.raises(ValueError, match="what the file has"):
        DriftMonitor(None, path=path, mode="season")


def test_command_says_which_days_would_work(tmp_path):
    steady_log(10).to_parquet(tmp_path / "short.parquet")
    steady_log(1).to_parquet(tmp_path / "day.parquet")

    def told(name, *words):
        result = CliRunner().invoke(app, ["drift", "--current", str(tmp_path / name), *words])
        assert result.exit_code == 2 and "DriftMonitor" not in result.output, result.output
        return result.output

    for days in ("28", "7", "1000000000"):
        output = told("short.parquet", "--days", days)
        assert f"--days {days} must be 1 to 5" in output and "try --days 5" in output
    assert CliRunner().invoke(
        app, ["drift", "--current", str(tmp_path / "short.parquet"), "--days", "5"]
    ).exit_code in (0, 3)
    assert "try --days 10" in told("short.parquet", "--reference", "demo-shop", "--days", "11")
    assert "two days or more" in told("day.parquet") and "--days 0" in told("day.parquet", "--days", "0")
    assert "try --alarms-per-year 1" in told("short.parquet", "--days", "5", "--alarms-per-year", "0")


def test_last_years_weeks_may_be_given_with_their_dates(tmp_path):
    rng = np.random.default_rng(25)
    ends = pd.date_range("2024-12-02", periods=52, freq="W-MON")

    def week(end):
        return pd.DataFrame(rng.normal(1.0 * (end.month == 12), 1, (300, 4)), columns=list("wxyz"))

    monitor = DriftMonitor({end: week(end) for end in ends}, mode="season", path=tmp_path / "season.duckdb")
    assert monitor.check(week(ends[1]), at=ends[1] + pd.Timedelta(weeks=52)).alarms.empty
    again = DriftMonitor(None, path=tmp_path / "season.duckdb")
    assert (
        len(again.check(week(ends[1]), at="2025-06-16").alarms)
        and again.check(week(ends[30]), at="2025-06-30").alarms.empty
    )
    with pytest.raises(ValueError, match="oldest first"):
        DriftMonitor({"2025-01-06": week(ends[0]), "2024-12-02": week(ends[0])})


def test_values_that_appear_in_an_empty_column_are_drift():
    rng = np.random.default_rng(26)
    before = pd.DataFrame({"x": rng.normal(size=400), "empty": np.nan, "none": None})
    monitor = DriftMonitor(before)
    assert monitor.check(before).alarms.empty and "empty" not in set(monitor.check(before).tests.feature)
    assert set(monitor.check(before.assign(empty=1.0, none="a")).alarms.feature) >= {"empty", "none"}


def test_divergences_say_what_is_no_sample():
    numbers = np.arange(300.0)
    for wrong in (None, "text", pd.DataFrame({"x": numbers})):
        with pytest.raises(TypeError, match="values of one feature"):
            kl_divergence(numbers, wrong)
    with pytest.raises(ValueError, match="finite"):
        wasserstein(numbers, np.append(numbers, np.inf))


@pytest.mark.parametrize("days", [5, 20, 60, 400, 12_000])
def test_one_event_of_long_ago_changes_no_window(days, demo):
    events = demo.events.execute()
    old = events.head(1).assign(timestamp=events.timestamp.min() - pd.Timedelta(days=days))
    strange = Dataset(pd.concat([old, events]))
    assert window_ends(strange) == window_ends(demo)
    cut = demo.as_of - pd.Timedelta(days=28)
    usual, other = (split_reference(shop.between(end=cut)) for shop in (demo, strange))
    assert other[0] is not None and usual[0] is not None
    assert abs(other[1].summary["first"] - usual[1].summary["first"]) <= pd.Timedelta(days=29)
