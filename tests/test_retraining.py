"When to retrain, who may go live, and what a loop is worth: decisions, the gate, the command, and the replay."

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from segrec.cli import app
from segrec.core import ModelStore
from segrec.data import Dataset, simulate_shop
from segrec.drift import (
    RetrainingPolicy,
    challenge,
    feedback_uplift,
    judge_challenger,
    read_decisions,
    replay_feedback,
    run_feedback_loop,
    weekly_feedback,
)
from segrec.drift.policy import CALENDARS, drift_calendar, oracle_calendar, replay_calendar
from segrec.drift.retraining import (
    Knowledge,
    find_alarms,
    newest_block,
    read_knowledge,
    record_decision,
    watched_windows,
)
from segrec.recommendation import (
    ALSRecommender,
    EASERecommender,
    EnsembleRecommender,
    PopularityRecommender,
    Recommender,
    RepeatPurchaseRecommender,
    SegmentedRecommender,
)

UNTIL = pd.Timestamp("2025-06-04")
NONE = pd.DataFrame({"level": [], "segment": [], "feature": [], "guide": []})


def alarms(*guides: str, effect: float = 0.5) -> pd.DataFrame:
    return pd.DataFrame({"level": "feature", "segment": "all", "feature": "x", "effect": effect, "guide": list(guides)})


@pytest.fixture(scope="module")
def shop() -> Dataset:
    return simulate_shop(n_customers=300, n_items=90, days=182, drift_from="2025-05-01", drift=0.5, random_state=1)


# --- the policy ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "days", "action"),
    [
        ("weekly", 6, "update"), ("weekly", 7, "retrain"), ("bi-weekly", 13, "update"), ("bi-weekly", 14, "retrain"),
        ("monthly", 27, "update"), ("monthly", 28, "retrain"), (None, 1_000, "update"), ("volume", 1, "retrain"),
    ],
)  # fmt: skip
def test_a_schedule_is_kept(schedule, days, action):
    policy = RetrainingPolicy(schedule, on_drift=False)
    assert policy.decide(5_000, alarms("model-drift"), days) == action


def test_alarms_that_a_retrain_answers():
    policy = RetrainingPolicy(schedule=None)
    assert policy.decide(10, alarms("model-drift"), 14) == "retrain"
    assert policy.decide(10, alarms("low-homogeneity", "cold-start"), 14) == "retrain"
    assert policy.decide(10, alarms("a guide of tomorrow"), 14) == "retrain"
    assert policy.decide(10, alarms("cold-start", "data-sparsity"), 14) == "update"
    assert policy.decide(10, alarms("model-drift"), 1) == "retrain"
    assert (
        policy.decide(10, alarms("model-drift", effect=-0.1), 13) == "update"
    )  # small, and answered by the last retrain
    assert policy.decide(10, alarms("model-drift", effect=-0.1), 14) == "retrain"
    assert policy.decide(10, pd.DataFrame({"guide": ["model-drift"]}), 1) == "retrain"
    assert RetrainingPolicy(None, rest_days=0).decide(10, alarms("model-drift", effect=0.1), 1) == "retrain"
    assert policy.decide(10, NONE, 14) == policy.decide(10, None, 14) == "update"


@given(
    st.sampled_from(["weekly", "bi-weekly", "monthly", "volume", None]), st.booleans(), st.booleans(),
    st.integers(0, 10_000), st.integers(0, 100), st.lists(st.sampled_from(["model-drift", "cold-start"]), max_size=2),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_more_reasons_never_make_less_of_it(schedule, on_drift, updates, n, days, guides):
    policy = RetrainingPolicy(schedule, on_drift, updates=updates)
    order = ["keep", "update", "retrain"]
    made = policy.decide(n, alarms(*guides), days)
    assert (made == "keep") if n == 0 else made in order
    assert order.index(policy.decide(n + 1_000, alarms(*guides, "model-drift"), days + 28)) >= order.index(made)
    assert policy.explain(n, alarms(*guides), days).reason


def test_events_are_counted_alike(shop):
    week = shop.between("2025-06-01", "2025-06-08")
    n = week.summary.n_events
    for border, action in ((n, "retrain"), (n + 1, "update")):
        policy = RetrainingPolicy("volume", volume=border)
        assert policy.decide(week, None, 7) == policy.decide(week.events.execute(), None, 7) == action
        assert policy.decide(n, None, 7) == action


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: RetrainingPolicy("daily"), lambda: RetrainingPolicy(on_drift=1), lambda: RetrainingPolicy(volume=0),
        lambda: RetrainingPolicy(rest_days=-1), lambda: RetrainingPolicy(updates="no"),
        lambda: RetrainingPolicy().decide(-1, None, 7), lambda: RetrainingPolicy().decide("many", None, 7),
        lambda: RetrainingPolicy().decide(1, None, -1), lambda: RetrainingPolicy().decide(1, None, float("nan")),
        lambda: RetrainingPolicy().decide(1, True, 7), lambda: RetrainingPolicy().decide(1, pd.DataFrame({"x": [1]}), 7),
    ],
)  # fmt: skip
def test_what_no_policy_is(wrong):
    with pytest.raises((ValueError, TypeError), match=r"must be .*: try "):
        wrong()


@pytest.mark.parametrize("schedule", ["weekly", None])
def test_much_news_is_not_folded_in(schedule):
    policy = RetrainingPolicy(schedule, on_drift=np.bool_(False), updates=np.bool_(True))
    assert (
        policy.decide(10_000_000, None, 3) == "retrain"
        and "too many to fold in" in policy.explain(10**7, None, 3).reason
    )
    assert [policy.decide(n, None, 3, known_events=5_000) for n in (4_999, 5_000)] == ["update", "retrain"]
    assert policy.decide(10_000_000, None, 3, known_events=100_000_000) == "update"
    assert RetrainingPolicy(schedule, updates=False).decide(10_000_000, None, 3) == "keep"
    assert RetrainingPolicy("volume", volume=10**8).decide(10_000_000, None, 3) == "update"
    with pytest.raises(ValueError, match="known_events"):
        policy.decide(10, None, 3, known_events=0)


def test_half_the_retrains_at_equal_quality_and_little_regret():
    "Years that the notebook does not show: on drift alone against a weekly schedule and an oracle."
    on_drift, weekly = RetrainingPolicy(None), RetrainingPolicy("weekly", on_drift=False)
    cost, rows = 0.05, []
    for kind in CALENDARS:
        for year in range(1_000, 1_015):
            calendar = drift_calendar(kind, random_state=year)
            best = oracle_calendar(calendar, cost).value(cost)
            drift, blind = (replay_calendar(calendar, one, random_state=year) for one in (on_drift, weekly))
            assert max(drift.value(cost), blind.value(cost)) <= best + 1e-9
            rows.append((kind, drift.retrained.sum(), blind.retrained.sum(), drift.quality.mean() - blind.quality.mean(),
                         1 - drift.value(cost) / best))  # fmt: skip
    table = pd.DataFrame(rows, columns=["kind", "drift", "weekly", "quality", "regret"]).groupby("kind").mean()
    assert (table.drift <= 0.5 * table.weekly).all()
    assert (table.quality >= -0.01).all() and (table.regret <= 0.1).all()


def test_the_oracle_is_the_best_of_all_choices():
    generator, cost = np.random.default_rng(0), 0.1
    for _ in range(5):
        calendar = generator.normal(0, 0.6, 9)
        best = -np.inf
        for choice in range(2**8):
            last, value = 0, 1.0
            for week in range(1, 9):
                if choice >> (week - 1) & 1:
                    last, value = week, value - cost
                value += np.exp(-((calendar[week] - calendar[max(0, last - 1)]) ** 2) / 2)
            best = max(best, value)
        assert oracle_calendar(calendar, cost).value(cost) == pytest.approx(best)


# --- champion and challenger ---------------------------------------------------------------------------------------

MODELS = (
    ALSRecommender(factors=8),
    EASERecommender(),
    RepeatPurchaseRecommender(),
    PopularityRecommender(),
    EnsembleRecommender(),
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("action", ["update", "retrain"])
def test_a_challenge_leaves_the_champion_as_it_is(shop, model, action):
    known = shop.between(end=UNTIL)
    champion = model.clone().fit(known)
    ids = champion.interactions_.customer_ids[:50]
    before = champion.recommend(ids)
    made, verdict = challenge(champion, shop, known.summary["last"], action, lambda log: model.clone().fit(log))
    assert champion.recommend(ids).equals(before) and champion.interactions_.as_of == UNTIL
    assert verdict.n >= 30 and verdict.outcome in ("accepted", "refused")
    assert (made is None) == (verdict.outcome == "refused")
    if made is not None:  # the accepted one has learned the block too
        assert made.interactions_.as_of == shop.as_of
        assert made.interactions_.bought.sum() == pytest.approx(type(model)().fit(shop).interactions_.bought.sum())


def test_what_is_worse_is_refused_and_what_is_equal_is_not(shop):
    known = shop.between(end=UNTIL)
    champion = RepeatPurchaseRecommender().fit(known)
    block = shop.between(start=UNTIL)
    assert judge_challenger(champion, RepeatPurchaseRecommender().fit(known), block).outcome == "accepted"
    assert judge_challenger(champion, PopularityRecommender().fit(known), block).outcome == "refused"
    assert judge_challenger(PopularityRecommender().fit(known), champion, block).outcome == "accepted"
    half = RepeatPurchaseRecommender().fit(known.between(start="2025-05-25"))  # most customers are lost
    assert judge_challenger(champion, half, block).outcome == "refused"
    untested = judge_challenger(champion, champion, shop.between(start="2025-07-01T22:00"))
    assert untested.outcome == "untested" and untested.n < 30


def test_equal_models_are_seldom_refused():
    "A challenger with another seed, on many shops: refused in one test of forty."
    refused = 0
    for seed in range(8):
        shop = simulate_shop(n_customers=100, n_items=40, days=90, random_state=seed)
        known, block = shop.between(end="2025-03-10"), shop.between(start="2025-03-10")
        first, second = (ALSRecommender(factors=8, iterations=5, random_state=one).fit(known) for one in (0, 1))
        refused += judge_challenger(first, second, block).outcome == "refused"
    assert refused <= 2


def test_the_block_was_seen_by_neither(shop):
    since = shop.between(end=UNTIL).summary["last"]
    border, seen = newest_block(shop, since), []

    def fit(log):
        seen.append(log.summary["last"])
        return PopularityRecommender().fit(log)

    challenge(PopularityRecommender().fit(shop.between(end=UNTIL)), shop, since, "retrain", fit)
    assert since < seen[0] < border


def test_windows_are_equally_long(shop):
    for days in (5, 40):
        retrained = shop.summary["last"] - pd.Timedelta(days=days)
        reference, current = watched_windows(shop, retrained)
        assert reference[-1].summary["last"] <= retrained < current.summary["first"]
        spans = [part.summary["last"] - part.summary["first"] for part in (*reference, current)]
        assert max(spans) <= pd.Timedelta(days=min(days, 28)) and max(spans) - min(spans) < pd.Timedelta(days=1)


def test_a_monitor_is_asked_for_a_fresh_reference(shop):
    asked = []

    class Monitor:
        def __init__(self, reference, segments):
            asked.append(len(reference))

        def check(self, current):
            self.alarms = alarms("model-drift", effect=0.1)
            return self

    replayed = replay_feedback(
        shop, PopularityRecommender(), RetrainingPolicy(None), start="2025-05-21", monitor=Monitor
    )
    decisions = replayed.groupby("week").decision.first().tolist()
    # The first check comes a week after the first fit; small shifts wait until two weeks after a retrain.
    assert decisions[:6] == ["keep", "update", "retrain", "update", "retrain", "update"]
    assert len(asked) == len(decisions) - 1
    assert find_alarms(RetrainingPolicy(on_drift=False), shop, UNTIL, None, Monitor) is None


# --- the command ---------------------------------------------------------------------------------------------------


def run(*words: object):
    return CliRunner().invoke(app, [*map(str, words)])


@pytest.fixture(scope="module")
def published(shop, tmp_path_factory):
    "A folder with logs of several ends, and a model published on the first."
    folder = tmp_path_factory.mktemp("retrain")
    log = shop.events.execute()
    for name, part in {
        "may": log[log.timestamp < UNTIL], "all": log, "half": log[log.timestamp >= "2025-06-10"],
        "few": log[(log.timestamp < UNTIL) | log.customer_id.isin(sorted(log.customer_id.unique())[:12])],
    }.items():  # fmt: skip
        part.to_parquet(folder / f"{name}.parquet")
    assert (
        run("train", "--data", folder / "may.parquet", "--models", folder / "models", "--n-segments", 3).exit_code == 0
    )
    return folder


def retrain(folder, name, *words):
    return run("retrain", "--data", folder / f"{name}.parquet", "--models", folder / "models", *words)


def test_retrain_keeps_refuses_publishes_and_goes_back(shop, published):
    store = ModelStore(published / "models")
    first = store.current()
    kept = retrain(published, "may")
    assert kept.exit_code == 0 and "keep: the data are those of the champion" in kept.output
    before = sorted(path.name for path in store.folder.iterdir())

    refused = retrain(published, "half")
    assert (
        refused.exit_code == 4 and "surely worse" in refused.output and f"{first.version} is served" in refused.output
    )
    assert sorted(path.name for path in store.folder.iterdir()) == before  # nothing but a line of the decisions

    few = retrain(published, "few", "--json")   # a dozen customers cannot say which model is better
    told = json.loads(few.stdout)
    assert few.exit_code == 5 and told["outcome"] == "kept" and told["missing"] and told["version"] == first.version

    done = retrain(published, "all")
    assert done.exit_code == 0 and done.output.startswith("retrain: the weekly retrain is due, 28 days after"), (
        done.output
    )
    second = store.current()
    assert second.version in done.output and second.manifest["parent"] == first.version
    assert second.manifest["metrics"]["challenge"]["action"] == "retrain"
    assert second.settings["training"] == first.settings["training"] and second.settings["training"]["n_segments"] == 3
    knowledge = read_knowledge(second.settings, Recommender.load(store.folder))
    assert knowledge.last_event == knowledge.retrained == shop.summary["last"]
    assert run("recommend", "c00001", "--models", published / "models").exit_code == 0

    assert store.rollback() == first.version and store.verify().version == first.version
    again = retrain(published, "all", "--schedule", "none")
    assert again.exit_code == 0 and again.output.startswith("update: ")
    third = store.current()
    assert third.manifest["parent"] == first.version
    assert read_knowledge(third.settings, Recommender.load(store.folder)).retrained == knowledge_of(first).retrained
    decisions = read_decisions(store.folder)
    assert decisions.outcome.tolist() == ["kept", "refused", "kept", "published", "published"]
    assert decisions.champion.tolist() == [first.version] * 5 and decisions.reason.str.len().min() > 20
    for line in (store.folder / "decisions.jsonl").read_text().splitlines():
        assert json.loads(line)["action"] in ("keep", "update", "retrain")


def knowledge_of(stored) -> Knowledge:
    return read_knowledge(stored.settings, Recommender.load(stored.folder.parent, stored.version))


def test_a_model_saved_without_knowledge_is_one_too(shop, tmp_path):
    known = shop.between(end=UNTIL)
    SegmentedRecommender(n_moments=2).fit(known).save(tmp_path)
    stored = ModelStore(tmp_path).current()
    assert knowledge_of(stored) == Knowledge(UNTIL, UNTIL)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--schedule", "daily"], "weekly"), (["--volume", "0"], "volume == 0"), (["--models", "nowhere"], "segrec train"),
        (["--data", "nowhere"], "source == 'nowhere'"),
    ],
)  # fmt: skip
def test_retrain_refuses_what_cannot_be(published, words, told):
    result = run("retrain", "--data", published / "may.parquet", "--models", published / "models", *words)
    assert result.exit_code == 2 and told in result.output and "Traceback" not in result.output


def test_a_damaged_champion_is_no_champion(shop, published, tmp_path):
    RepeatPurchaseRecommender().fit(shop).save(tmp_path)
    words = ["retrain", "--data", published / "all.parquet", "--models", tmp_path]
    assert "segrec train" in run(*words).output  # it holds no lists
    version = ModelStore(tmp_path).current().folder
    (version / "manifest.json").write_text("{}")
    assert run(*words).exit_code == 2


# --- the loop ------------------------------------------------------------------------------------------------------


def test_a_loop_wins_back_what_a_control_does_not(shop):
    monthly = RetrainingPolicy("monthly", on_drift=False)
    model = RepeatPurchaseRecommender(half_life_days=28)
    replayed = replay_feedback(shop, model, monthly, start="2025-04-03")
    weekly = weekly_feedback(replayed)
    assert set(weekly[weekly.arm == "control"].decision) == {"keep"}
    gain = feedback_uplift(replayed, since="2025-05-15")
    assert gain.ci_low > 0.05 and gain.ci_low < gain.value < gain.ci_high
    quiet = weekly[(weekly.week < "2025-05-01") & (weekly.arm == "difference") & (weekly.metric == "conversion")]
    assert quiet.value.abs().max() < 0.05


def test_nothing_drifts_nothing_is_won():
    quiet = simulate_shop(n_customers=200, n_items=60, days=182, random_state=3)
    never = replay_feedback(
        quiet, RepeatPurchaseRecommender(), RetrainingPolicy(None, False, updates=False), start="2025-06-01"
    )
    assert feedback_uplift(never).value == 0 and set(never.decision) == {"keep"}
    loop = replay_feedback(quiet, RepeatPurchaseRecommender(), RetrainingPolicy("monthly", False), start="2025-05-21")
    assert abs(feedback_uplift(loop).value) < 0.06


def test_a_real_log_has_a_replay_hit_rate_alone(demo, tmp_path):
    weekly = run_feedback_loop(
        demo, PopularityRecommender().fit, RetrainingPolicy("weekly", False), start="2025-06-03", models=tmp_path
    )
    assert list(weekly) == ["week", "arm", "decision", "metric", "value", "ci_low", "ci_high"]
    assert set(weekly.metric) == {"replay_hit_rate", "replay_ndcg"}
    lived = weekly[weekly.arm == "loop"].drop_duplicates("week").decision
    assert len(ModelStore(tmp_path).versions()) == 1 + lived.isin(["update", "retrain"]).sum()


def test_tastes_are_before_and_after_the_turn(shop):
    ids = shop.tastes.customer_ids[:20]
    before, after = shop.tastes.chances(ids, "2025-04-30"), shop.tastes.chances(ids, "2025-05-01")
    assert before.shape == after.shape == (20, 90) and not np.allclose(before, after)
    assert ((before.sum(axis=1) > 0) & (before.sum(axis=1) < 1)).all()
    assert after.equals(shop.between(end="2025-02-01").tastes.chances(ids))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("policy", lambda shop: (shop, PopularityRecommender(), "weekly")),
        ("ds", lambda shop: (shop.events.execute(), PopularityRecommender(), RetrainingPolicy())),
        ("model", lambda shop: (shop, PopularityRecommender, RetrainingPolicy())),
    ],
)
def test_what_no_loop_is(shop, name, wrong):
    with pytest.raises(TypeError, match=rf"^{name} == .*must be .*: try run_feedback_loop"):
        run_feedback_loop(*wrong(shop))


def test_a_broken_line_of_decisions_is_named(tmp_path):
    record_decision(tmp_path, {"action": "keep", "outcome": "kept"})
    with (tmp_path / "decisions.jsonl").open("a") as file:
        file.write('{"action": "ke\n')
    with pytest.raises(ValueError, match=r"line 2 of .*is no decision.*delete it"):
        read_decisions(tmp_path)
