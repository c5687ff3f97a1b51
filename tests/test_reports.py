"Reports: safe, whole, and the same each time."

import json
import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segrec.core import for_html
from segrec.data import Dataset, simulate_shop
from segrec.reports import ReportError, ReportLeftOut, run_all_reports, run_report
from segrec.troubleshooting import CAUSES

pytestmark = pytest.mark.xdist_group("reports")   # its fixtures are made once

GUIDES = ("cold-start", "data-sparsity", "low-homogeneity", "model-drift")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    r"$\frac{",
    r"$x^$ \$ $",
    "=cmd|'/c calc'!A1",
    "\u202egnp.exe",
    "👍🏽 tea",
    "x" * 10_000,
    "<script src=http://evil.example/x.js></script>",
    "[link](javascript:alert(1))",
    "</table></main>",
    "a\nb\tc\x00d",
    "{{ 7*7 }}",
    "%s %d {0}",
]


class Elements(HTMLParser):
    "Every element and attribute of a page."

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def check_page(path: Path) -> list[tuple[str, dict[str, str | None]]]:
    text = path.read_text(encoding="utf-8")
    found = Elements(text).found
    tags = {tag for tag, _ in found}
    assert not tags & {"script", "iframe", "object", "embed", "link", "base", "form", "svg"}
    for tag, attributes in found:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "action", "srcset", "style"):
                assert value is not None and (
                    value.startswith("data:image/png;base64,") or re.fullmatch(r"[\w./#-]+", value)
                ), (tag, name, value[:80])
        if tag == "img" and path.name != "index.html":
            assert attributes.get("alt")
    assert not re.search(r"(https?:)?//[a-z]", re.sub(r'base64,[^"]*', "", text))
    levels = [int(tag[1]) for tag in (tag for tag, _ in found) if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and all(after - before <= 1 for before, after in pairwise(levels))
    assert 'lang="en"' in text and "viewport" in text
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("reports")
    run_all_reports("demo-shop", out)
    return out


def test_pages_are_safe_and_accessible(made):
    for name in ("data", "segments", "high_value", "recommendations", "drift", "health", "index"):
        found = check_page(made / f"{name}.html")
        assert sum(tag == "img" for tag, _ in found) >= {"index": 3, "data": 1, "health": 0}.get(name, 2)
    links = [attributes["href"] for tag, attributes in check_page(made / "index.html") if tag == "a"]
    assert links == [
        "data.html",
        "segments.html",
        "high_value.html",
        "recommendations.html",
        "drift.html",
        "health.html",
        *(f"guides/{name}.html" for name in GUIDES),
    ]


def test_guides_stand_beside_the_pages(made):
    for name in GUIDES:
        found = check_page(made / "guides" / f"{name}.html")
        assert sum(tag == "img" for tag, _ in found) >= 2
        assert any(attributes.get("class") == "code" for _, attributes in found)
        for target in (attributes["href"] for tag, attributes in found if tag == "a"):
            assert (made / "guides" / target).is_file(), (name, target)
    for page in ("health", "drift"):
        for target in (attributes["href"] for tag, attributes in check_page(made / f"{page}.html") if tag == "a"):
            assert (made / target).is_file(), (page, target)
    named = {attributes["href"] for tag, attributes in check_page(made / "health.html") if tag == "a"}
    assert (
        named == {f"guides/{name}.html" for name in GUIDES} == {f"guides/{one.guide}.html" for one in CAUSES.values()}
    )


def test_the_page_shows_what_the_summary_says(made):
    for name in ("data", "segments", "high_value", "recommendations", "drift", "health"):
        page = (made / f"{name}.html").read_text()
        run = re.search(r'name="segrec-run" content="([^"]+)"', page).group(1)
        summary = json.loads((made / name / run / "summary.json").read_text())
        manifest = json.loads((made / name / run / "manifest.json").read_text())
        assert for_html(summary["headline"], 1000) in page and run in page.split("</main>")[1]
        assert manifest["data_fingerprint"] == summary["fingerprint"] and manifest["run"] == run
        assert (made / name / run / "notebook.ipynb").is_file()
        numbers = summary["numbers"]
        if name == "data":
            shown = [f"{numbers[key]:,}" for key in ("n_rows_in", "n_kept", "n_aside")]
            shown += [f"{count:,}" for count in numbers["events"].values()]
        elif name == "segments":
            shown = [f"{row['customers']:,}" for row in numbers["segments"]]
            shown += [
                f"{row['effect']:+.2f} [{row['ci_low']:+.2f}, {row['ci_high']:+.2f}]" for row in numbers["profile"][:3]
            ]
        elif name == "high_value":
            shown = [f"{row['expected']:,.0f}" for row in numbers["believed"]]
            shown += [
                f"{row['captured']:.0%} [{row['ci_low']:.0%}, {row['ci_high']:.0%}]" for row in numbers["captured"]
            ]
            assert numbers["n_best"] == 30 and 0.8 < numbers["expected_over_came"] < 1.3
        elif name == "drift":
            shown = [
                f"{numbers['n_alarms'] or 'No'} alarm",
                f"{numbers['n_tests']} tests",
                f"{numbers['n_customers']:,}",
                f"{numbers['n_windows']} windows",
            ]
            shown += [row["feature"].replace("_", " ") for row in numbers["alarms"]]
        elif name == "health":
            shown = [*numbers["examined"], "the log holds events twice", "Fast answers"]
            shown += [for_html(row["symptom"], 1000) for row in numbers["findings"]]
        else:
            whole = [
                row for row in numbers["results"] if row["segment"] == "all" and row["metric"] in ("ndcg", "ndcg_new")
            ]
            shown = [f"{row['value']:.3f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}]" for row in whole]
            assert len(numbers["choices"]) == len(numbers["winners"]) - 1 == len(numbers["examples"])
            # Every headline stands beside its baselines, on the same customers.
            ndcg = {row["model"]: row for row in whole if row["metric"] == "ndcg"}
            baselines = ("global ensemble", "own purchases", "one ALS for all", "most bought")
            assert all(f"{ndcg[name]['value']:.3f}" in summary["headline"] for name in baselines)
            assert {row["n"] for row in ndcg.values()} == {numbers["n_judged"]}
            shown += [f"{row['lift']:+.1%}".replace("-", "−") for row in numbers["choices"]]
            shown += [f"{row['ndcg']:.4f}" for row in numbers["validation"]]
            parts = pd.DataFrame(numbers["parts"]).groupby("segment").share.sum()
            assert np.allclose(parts, 1) and set(parts.index) == {row["segment"] for row in numbers["choices"]}
            assert numbers["regularization"] == max(numbers["tuning"], key=lambda row: row["ndcg"])["regularization"]
            # Reasons name items by their titles, and weigh what speaks for an item.
            for example in numbers["examples"]:
                assert example["why"] and not re.search(r"\bi\d{4}\b", "".join(example["why"]))
                for why in example["why"]:
                    assert for_html(why, 1000) in page
                    assert 50 < sum(map(int, re.findall(r"\((\d+)%\)", why))) <= 101
        assert len(shown) > 3
        for number in shown:
            assert number in page, (name, number)


@pytest.mark.parametrize("name", ["segments", "drift"])
def test_the_same_again_is_the_same_bytes(made, name, tmp_path):
    "`.ci/run` compares all pages of a bigger shop."
    assert run_report(name, "demo-shop", tmp_path).read_bytes() == (made / f"{name}.html").read_bytes()


@pytest.fixture(scope="module")
def hostile_shop(tmp_path_factory) -> Path:
    "A shop with 200 hostile titles, 60 hostile categories and 40 brands, and hostile ids."
    folder = tmp_path_factory.mktemp("hostile")
    shop = simulate_shop(n_customers=150, n_items=200, random_state=3)
    events, items, customers = (table.execute() for table in (shop.events, shop.items, shop.customers))
    names = [f"{HOSTILE[number % len(HOSTILE)]} <i>{number}" for number in range(200)]
    items["title"] = names
    items["category"] = [names[100 + number % 60] for number in range(len(items))]
    items["brand"] = [names[199 - number % 40] for number in range(len(items))]
    rename = {item: f"{HOSTILE[number % 7]}{number}" for number, item in enumerate(items.item_id)}
    events["item_id"], items["item_id"] = events.item_id.map(rename), items.item_id.map(rename)
    events["customer_id"] = "<b>" + events.customer_id
    customers["customer_id"] = "<b>" + customers.customer_id
    for name, table in {"events": events, "items": items, "customers": customers}.items():
        table.to_parquet(folder / f"{name}.parquet")
    return folder


def test_hostile_names_go_through_both_reports(hostile_shop, tmp_path):
    outcomes = run_all_reports(hostile_shop, tmp_path)
    assert [outcome.status for outcome in outcomes] == ["done"] * 6
    for name in ("data", "segments", "high_value", "recommendations", "drift", "health", "index"):
        check_page(tmp_path / f"{name}.html")
        text = (tmp_path / f"{name}.html").read_text()
        assert "x" * 300 not in text and "<i>" not in text
    # Whichever items are recommended, each title carries the mark.
    assert "&lt;i&gt;" in (tmp_path / "recommendations.html").read_text()


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"n=1; import os; x": 1}, ValueError),
        ({"n_segments; raise": 1}, ValueError),
        ({"random_state": "0"}, TypeError),
        ({"n_segments": [1]}, TypeError),
        ({"random_state": True}, TypeError),
        ({"n_segments": 2.5}, TypeError),
    ],
)
def test_parameters_are_refused_before_a_kernel_starts(parameters, error, tmp_path, monkeypatch):
    import papermill

    monkeypatch.setattr(papermill, "execute_notebook", lambda *_, **__: pytest.fail("a kernel was started"))
    with pytest.raises(error, match="must be"):
        run_report("segments", out=tmp_path, parameters=parameters)
    with pytest.raises(error, match="must be"):
        run_all_reports(out=tmp_path, parameters=parameters)


def test_text_parameters_are_only_text(tmp_path):
    "A value is never run: it reaches the notebook as the text that it is."
    marker = tmp_path / "ran"
    value = f'elbow"; open({str(marker)!r}, "w"); x="'
    with pytest.raises(ReportError, match="n_segments"):
        run_report("segments", out=tmp_path / "out", parameters={"n_segments": value})
    assert not marker.exists() and (tmp_path / "out" / "segments" / "failed" / "notebook.ipynb").is_file()
    assert "failed" in (tmp_path / "out" / "index.html").read_text()


def test_a_failed_run_leaves_the_old_page(tmp_path):
    three = {"n_segments": 3}
    page = run_report("segments", out=tmp_path, parameters=three)
    before = page.read_bytes()
    with pytest.raises(ReportError):
        run_report("segments", out=tmp_path, parameters=three | {"as_of": "1990-01-01"})
    assert page.read_bytes() == before
    run_report("segments", out=tmp_path, parameters=three)
    assert page.read_bytes() == before and not (tmp_path / "segments" / "failed").exists()


def test_a_killed_run_leaves_the_old_page(tmp_path):
    page = run_report("data", out=tmp_path)
    before, index = page.read_bytes(), (tmp_path / "index.html").read_bytes()
    code = f"from segrec.reports import run_report; run_report('data', 'complete-journey', {str(tmp_path)!r})"
    for wait in (0, 2):
        process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        known = set(tmp_path.glob("data/.running-*"))
        while not set(tmp_path.glob("data/.running-*")) - known:
            assert process.poll() is None, "it ended before it was killed"
            time.sleep(0.02)
        time.sleep(wait)
        assert process.poll() is None, "it ended before it was killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert page.read_bytes() == before and (tmp_path / "index.html").read_bytes() == index
    run_report("data", out=tmp_path)
    assert page.read_bytes() == before


def test_two_runs_at_once_end_whole(tmp_path):
    "Two schedulers that run the same report: the page is one of theirs, and its run is there."
    code = f"from segrec.reports import run_report; run_report('data', out={str(tmp_path)!r})"
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    run = re.search(r'name="segrec-run" content="([^"]+)"', (tmp_path / "data.html").read_text()).group(1)
    names = {path.name for path in (tmp_path / "data" / run).iterdir()}
    assert names == {"notebook.ipynb", "manifest.json", "summary.json", "thumbnail.png"}


def numbers_of(page: Path) -> dict[str, Any]:
    run = re.search(r'name="segrec-run" content="([^"]+)"', page.read_text()).group(1)
    return json.loads((page.parent / page.stem / run / "summary.json").read_text())["numbers"]


def three_kinds_of_buyers() -> pd.DataFrame:
    "Purchases of 240 customers over 120 days: often and cheap in the morning, rarely and dear in the evening, or bargains."
    generator = np.random.default_rng(0)
    kinds = {"early": (30, 2, 8), "dear": (6, 40, 20), "bargain": (12, 10, 13)}
    parts = []
    for number in range(240):
        kind, (orders, price, hour) = list(kinds.items())[number % 3]
        count = max(2, generator.poisson(orders))
        times = pd.Timestamp("2025-01-01") + pd.to_timedelta(
            generator.integers(0, 120, count) * 24 + hour + generator.integers(0, 3, count), unit="h"
        )
        paid = price * generator.lognormal(0, 0.2, count)
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": f"{kind}{number}",
                    "item_id": [f"i{item}" for item in generator.integers(0, 40, count)],
                    "event": "purchase",
                    "timestamp": times,
                    "price": paid.round(2),
                    "discount": (paid * (0.5 if kind == "bargain" else 0.02)).round(2),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def test_the_page_says_what_changed_since_the_last_run(tmp_path):
    "Names are kept, streams are told, and a rerun compares itself with the same run as before."
    out = tmp_path / "out"
    early = pd.Timestamp("2025-04-15")
    events = three_kinds_of_buyers()
    events[events.timestamp < early].to_parquet(tmp_path / "early.parquet")
    events.to_parquet(tmp_path / "late.parquet")
    given = {"n_segments": 3}
    first = run_report("segments", tmp_path / "early.parquet", out, given)
    assert "no earlier run with other data" in first.read_text() and numbers_of(first)["last_run"] is None
    before = numbers_of(first)
    page = run_report("segments", tmp_path / "late.parquet", out, given)
    numbers, text = numbers_of(page), page.read_text()
    assert numbers["last_run"].startswith(str(early.date())) and numbers["stayed"] > 0.99
    same = [row for row in numbers["changes"] if row["what happened"] == "mostly the same customers"]
    assert len(same) == 3 and all(row["last run"] == row["now"] and row["overlap"] > 0.5 for row in same)
    assert {row["now"] for row in same} <= {row["segment"] for row in numbers["segments"]}
    assert {row["last run"] for row in same} <= {row["segment"] for row in before["segments"]}
    assert f"{numbers['stayed']:.0%} of the" in text and "Streams of customers" in text
    again = run_report("segments", tmp_path / "late.parquet", out, given)
    assert again.read_text() == text
    # What was run before with later data is no last run of what is run again with earlier data.
    assert numbers_of(run_report("segments", tmp_path / "early.parquet", out, given)) == before


def test_a_run_of_other_customers_says_so(tmp_path, demo):
    events = demo.events.execute()
    events.to_parquet(tmp_path / "here.parquet")
    events.assign(customer_id="there " + events.customer_id).to_parquet(tmp_path / "there.parquet")
    run_report("segments", tmp_path / "here.parquet", tmp_path / "out", {"n_segments": 3})
    page = run_report("segments", tmp_path / "there.parquet", tmp_path / "out", {"n_segments": 3})
    assert "had none of these customers" in page.read_text() and numbers_of(page)["changes"] == []


def test_business_rules_are_part_of_the_page(tmp_path, monkeypatch):
    (tmp_path / "rules.toml").write_text(
        'rules = [{rule = "minimum_size", share = 0.4}, {rule = "forbidden_feature", feature = "age"}]'
    )
    monkeypatch.chdir(tmp_path)
    page = run_report("segments", out="out", parameters={"n_segments": 4, "rules_file": "rules.toml"})
    assert [row["verdict"] for row in numbers_of(page)["rules"]] == ["failed", "passed"]
    text = page.read_text()
    assert "1 of 2 business rules failed" in text and "rules_file = rules.toml" in text and str(tmp_path) not in text
    with pytest.raises(FileNotFoundError, match="rules_file"):
        run_report("segments", out="out", parameters={"rules_file": "nowhere.toml"})
    run = next(Path("out/segments").glob("*/manifest.json"))
    assert "run_folder" not in json.loads(run.read_text())["parameters"]
    with pytest.raises(ValueError, match="runner gives itself"):
        run_report("segments", out="out", parameters={"run_folder": "x"})


def test_interrupting_all_reports_ends_their_kernels(tmp_path):
    # A job in the background starts with SIGINT ignored, and its children inherit that.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"from segrec.reports import run_all_reports; run_all_reports(out={str(tmp_path)!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stderr=subprocess.DEVNULL)
    while len(list(tmp_path.glob("*/.running-*"))) < 2:
        assert process.poll() is None, "it ended before it was interrupted"
        time.sleep(0.05)
    time.sleep(3)
    assert process.poll() is None, "it ended before it was interrupted"
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(timeout=60) != 0
    assert not list(tmp_path.glob("*/.running-*")) and not list(tmp_path.glob("*/failed"))


def test_a_report_is_left_out_or_failed_and_never_both(tmp_path):
    with pytest.raises(ReportLeftOut):
        run_report("recommendations", out=tmp_path, parameters={"test_days": 1000})
    with pytest.raises(ReportError):
        run_report("recommendations", out=tmp_path, parameters={"k": 0})
    text = (tmp_path / "index.html").read_text()
    assert "failed" in text and "was left out" not in text


def test_renamed_columns_and_odd_folders(tmp_path, demo):
    "A log with its own names, of purchases alone, in folders that a shell or papermill would take for patterns."
    lines = demo.events.execute().query("event == 'purchase'").drop(columns="event")
    folder = tmp_path / "{week} [1] $x"
    folder.mkdir()
    lines.rename(columns={"customer_id": "Customer ID"}).to_csv(folder / "sales[1].csv", index=False)
    lines.head(3).rename(columns={"customer_id": "Customer ID"}).to_csv(folder / "sales1.csv", index=False)
    columns = {"customer_id": "Customer ID", "event": "purchase"}
    page = run_report("segments", folder / "sales[1].csv", folder / "out", columns=columns)
    assert f"{len(lines):,} events" in page.read_text()
    with pytest.raises(ValueError, match="given apart"):
        run_report("segments", out=tmp_path, parameters={"data": "complete-journey"})
    (tmp_path / "index.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with pytest.raises(ValueError, match="overwrite"):
        run_report(str(tmp_path / "index.ipynb"), trust=True)


def test_what_a_shop_lacks_is_left_out_with_the_reason(tmp_path, demo):
    views = demo.events.execute().query("event == 'view'")
    views.to_parquet(tmp_path / "views.parquet")
    with pytest.raises(ReportLeftOut, match="no purchase"):
        run_report("recommendations", tmp_path / "views.parquet", tmp_path / "out")
    assert "no purchase" in (tmp_path / "out" / "index.html").read_text()
    assert run_report("segments", tmp_path / "views.parquet", tmp_path / "out").is_file()


@pytest.mark.parametrize("keep", ["25 customers", "60 days", "all alike"])
def test_recommendations_for_small_shops(keep, tmp_path, demo):
    "Few customers, a log too short to choose on, and customers of whom there is one kind alone."
    events = demo.events.execute()
    busy = events[events.event == "purchase"].customer_id.value_counts().index[:25]
    alike = [
        (
            f"c{customer}",
            f"i{(7 * day + 5 * place + day // 5) % 23}",
            "purchase",
            f"2025-{1 + day // 28:02}-{1 + day % 28:02}",
        )
        for customer in range(40)
        for day in range(0, 100, 5)
        for place in range(3)
    ]
    part = {
        "25 customers": events[events.customer_id.isin(busy)],
        "60 days": events[events.timestamp > events.timestamp.max() - pd.Timedelta(days=60)],
        "all alike": pd.DataFrame(alike, columns=["customer_id", "item_id", "event", "timestamp"]),
    }[keep]
    part.to_parquet(tmp_path / "small.parquet")
    given = {"test_days": 25} if keep == "60 days" else {}
    page = run_report("recommendations", tmp_path / "small.parquet", tmp_path / "out", given)
    check_page(page)
    numbers, text = numbers_of(page), page.read_text()
    assert not re.search(r"\bnan\b", re.sub(r'base64,[^"]*', "", text), re.IGNORECASE)
    if keep == "60 days":
        assert numbers["validation"] == [] and "too short" in text
        assert {row["model"] for row in numbers["choices"]} == {"global ensemble"}
    if keep == "all alike":
        assert len(numbers["choices"]) == 1 and "nobody bought any" in text and "segment by segment" not in text
    if keep != "60 days":
        assert numbers["continuum"]
        assert text.split('class="headline">')[1].startswith("Customers form a continuum, without segments.")


@pytest.mark.parametrize("keep", ["one customer", "one item", "one event"])
def test_tiny_shops_are_left_out_and_do_not_fail(keep, tmp_path, demo):
    events = demo.events.execute()
    part = {
        "one customer": events[events.customer_id == events.customer_id[0]],
        "one item": events[events.item_id == events.item_id[0]],
        "one event": events.head(1),
    }[keep]
    part.to_parquet(tmp_path / "tiny.parquet")
    assert {outcome.status for outcome in run_all_reports(tmp_path / "tiny.parquet", tmp_path / "out")} <= {
        "done",
        "left out",
    }


def test_a_shop_without_prices_and_catalogue(tmp_path, demo):
    "The least that a log can have is enough for all pages but that of value."
    events = demo.events.execute()[["customer_id", "item_id", "event", "timestamp"]]
    events.to_csv(tmp_path / "least.csv", index=False)
    outcomes = {outcome.name: outcome for outcome in run_all_reports(tmp_path / "least.csv", tmp_path / "out")}
    assert outcomes.pop("high_value").status == "left out"  # value is money
    assert {outcome.status for outcome in outcomes.values()} == {"done"}
    check_page(tmp_path / "out" / "segments.html")


def test_only_shipped_or_trusted_notebooks_run(tmp_path):
    with pytest.raises(ValueError, match="trust=True"):
        run_report(str(tmp_path / "mine.ipynb"))
    with pytest.raises(ValueError, match="must be one of"):
        run_report("../segments")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        run_report("segments", data="nowhere", out=tmp_path)


def test_empty_log_teaches():
    with pytest.raises(ValueError, match="has no row"):
        Dataset(pd.DataFrame(columns=["customer_id", "item_id", "event", "timestamp"]))
