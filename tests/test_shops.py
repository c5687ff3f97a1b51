"Diagnosis and drift on shops that no threshold was set on: other makes, and faults put into them."

import numpy as np
import pandas as pd
import pytest
from shops import CURRENCY_FAULTS, LOG_FAULTS, SHOPS, cold_customers, thin_log
from typer.testing import CliRunner

from segrec.cli import app
from segrec.data import Dataset, Layout
from segrec.drift import DriftMonitor
from segrec.drift.windows import split_last
from segrec.troubleshooting import diagnose, empty_days

SEED = 40


def log_of(make: str, seed: int = SEED) -> pd.DataFrame:
    return SHOPS[make](np.random.default_rng(seed))


@pytest.mark.parametrize("make", SHOPS)
def test_a_healthy_shop_of_another_make_has_no_finding(make):
    found = diagnose(Dataset(log_of(make)))
    assert found.empty and found.attrs["verdict"] == "nothing_found", found[["cause", "symptom"]].to_dict("records")


FAULTS = [
    *zip(["visits", "orders", "marketplace", "subscriptions", "orders"], LOG_FAULTS, strict=True),
    ("visits", "lost days"), ("subscriptions", "duplicated days"),
]


@pytest.mark.parametrize(("make", "fault"), FAULTS)
def test_a_fault_of_the_log_is_named_first(make, fault):
    found = diagnose(Dataset(LOG_FAULTS[fault](log_of(make), np.random.default_rng(SEED))))
    assert found.cause.head(1).tolist() == ["duplicated_or_lost_events"]


@pytest.mark.parametrize(("make", "fault"), list(zip(["orders", "kinds"], CURRENCY_FAULTS, strict=True)))
def test_two_currencies_in_one_column_are_named(make, fault):
    found = diagnose(Dataset(CURRENCY_FAULTS[fault](log_of(make), np.random.default_rng(SEED))))
    assert found.cause.tolist() == ["mixed_currencies"] and "times" in found.symptom[0]


def test_prices_without_a_pattern_are_no_second_currency():
    log = log_of("orders")
    g = np.random.default_rng(SEED)
    wild = log.assign(price=log.price * np.exp(g.normal(0, 1.5, len(log))))   # a flea market
    assert "mixed_currencies" not in set(diagnose(Dataset(wild)).cause)
    assert "mixed_currencies" not in set(diagnose(Dataset(log.drop(columns="price"))).cause)


def test_segments_of_another_make_are_judged_rightly():
    log = log_of("kinds")
    shop, truth = Dataset(log), pd.Series(log.attrs["truth"], dtype=object)
    first, second, *_ = sorted(truth.unique())
    assert diagnose(shop, segmenter=truth).empty
    merged = diagnose(shop, segmenter=truth.replace({first: "both", second: "both"}))
    assert merged.cause.tolist() == ["merged_segments"]


@pytest.mark.parametrize("seed", [1000, 1003])   # of two segments that are left, and four that the spread asks for
def test_two_kinds_in_one_segment_are_no_wrong_number(seed):
    log = log_of("kinds", seed)
    truth = pd.Series(log.attrs["truth"], dtype=object)
    first, second = sorted(truth.unique())[:2]
    found = diagnose(Dataset(log), segmenter=truth.replace({first: "both", second: "both"}))
    assert found.cause.tolist() == ["merged_segments"]


@pytest.mark.parametrize("weekday", range(7))
def test_a_shop_that_rests_on_a_weekday_has_windows_by_the_calendar(weekday):
    g = np.random.default_rng(100 + weekday)
    n = 16_000
    day = g.integers(0, 161, n)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(day * 86_400 + g.integers(0, 86_400, n), unit="s")
    log = pd.DataFrame({"customer_id": g.integers(0, 300, n).astype(str), "item_id": g.integers(0, 40, n).astype(str),
                        "event": "purchase", "timestamp": when, "price": 5.0})
    log = log[log.timestamp.dt.day_of_week != weekday]
    # The last day before a day of rest, so that each window begins on one, and the day after it, so that one ends on it.
    rest = pd.Timestamp("2024-05-27") + pd.Timedelta(days=weekday)
    for end in (rest, rest + pd.Timedelta(days=2)):
        shop = Dataset(log[log.timestamp < end])
        before, last = split_last(shop)
        check = DriftMonitor(before).check(last)
        assert shop.as_of == end and check.at == end and check.alarms.empty
        assert diagnose(shop).empty


def test_what_the_calendar_knows_stands_beside_an_alarm(tmp_path):
    log = log_of("orders")
    last = log.timestamp.max().normalize()
    (tmp_path / "shop").mkdir()
    log[log.timestamp < last].to_csv(tmp_path / "shop" / "log.csv", index=False)
    (tmp_path / "shop" / "shop.toml").write_text(
        f'[events]\nfiles = ["log.csv"]\n[calendar]\nknown = [{{from = "{(last - pd.Timedelta(days=5)).date()}", '
        f'to = "{(last + pd.Timedelta(days=9)).date()}", note = "summer sale"}}]\n')
    run = CliRunner().invoke(app, ["drift", "--current", str(tmp_path / "shop")])
    assert "summer sale, as shop.toml says" in run.output


LITTLE_KNOWN = [("orders", cold_customers, "cold_customers"), ("subscriptions", thin_log, "sparsity")]


@pytest.mark.parametrize(("make", "fault", "cause"), LITTLE_KNOWN)
def test_little_known_customers_are_named_where_a_shop_usually_knows_them(make, fault, cause):
    found = diagnose(Dataset(fault(log_of(make, 1), np.random.default_rng(SEED))))
    assert found.cause.head(1).tolist() == [cause]


def test_closed_days_that_the_calendar_names_are_not_lost():
    log = log_of("orders")
    days = pd.DatetimeIndex(sorted(log.timestamp.dt.normalize().unique()))
    gone = pd.date_range(days[40], periods=9)
    rest = log[~log.timestamp.dt.normalize().isin(gone)]
    (lost,) = empty_days(Dataset(rest))
    assert gone[0] <= lost.first <= gone[1] and lost.days >= 6   # without the weekday on which the shop rests
    named = Layout(calendar={"closed": [str(day.date()) for day in gone]})
    assert not empty_days(Dataset(rest, layout=named)) and diagnose(Dataset(rest, layout=named)).empty


def test_a_cut_last_day_hides_no_gap_before_it():
    log = log_of("visits")
    last = log.timestamp.max().normalize()
    gap = log.timestamp.between(last - pd.Timedelta(days=5), last, inclusive="left")
    cut = log[~gap & (log.timestamp < last + pd.Timedelta(hours=13))]
    assert [span.days for span in empty_days(Dataset(cut))] in ([5], [6])


def test_nine_days_of_a_busy_shop_are_enough_to_see_lost_ones():
    rng = np.random.default_rng(SEED)
    n = 9 * 400
    log = pd.DataFrame({
        "customer_id": rng.integers(0, 900, n).astype(str), "item_id": rng.integers(0, 60, n).astype(str), "event": "view",
        "timestamp": pd.Timestamp("2024-05-01") + pd.to_timedelta(rng.integers(0, 9 * 86_400, n), unit="s"),
    })
    assert diagnose(Dataset(log)).empty
    lost = log[~log.timestamp.dt.day.isin([4, 5, 6])]
    assert diagnose(Dataset(lost)).cause.tolist() == ["duplicated_or_lost_events"]


def test_customers_that_stay_away_are_an_alarm(tmp_path):
    log = log_of("orders")
    cut = log.timestamp.max() - pd.Timedelta(days=30)
    few = log.customer_id.isin(sorted(log.customer_id.unique())[:25])
    stopped = log[(log.timestamp < cut) | few]
    shop = Dataset(stopped)
    check = DriftMonitor(split_last(shop)[0]).check(shop)
    assert check.verdict == "alarm" and check.alarms.test[0] == "volume"
    stopped.to_csv(tmp_path / "stopped.csv", index=False)
    run = CliRunner().invoke(app, ["drift", "--current", str(tmp_path / "stopped.csv")])
    assert run.exit_code == 3 and "fewer customers came" in run.output


def test_too_little_to_tell_is_no_green_light(tmp_path):
    log = log_of("orders")
    few = log[log.customer_id.isin(sorted(log.customer_id.unique())[:12])]
    few.to_csv(tmp_path / "few.csv", index=False)
    for command in (["drift", "--current"], ["diagnose", "--data"]):
        run = CliRunner().invoke(app, [*command, str(tmp_path / "few.csv")])
        assert run.exit_code == 5 and "cannot tell" in run.output, run.output
    assert diagnose(Dataset(few)).attrs["verdict"] == "cannot_tell"
