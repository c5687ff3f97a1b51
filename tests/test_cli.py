"The commands, as somebody types them."

import json

import pytest
from typer.testing import CliRunner

from segrec.cli import app


def run(*words: str):
    return CliRunner().invoke(app, [*map(str, words)])


def test_check_says_what_was_done(tmp_path):
    lines = ["Customer ID,item_id,timestamp,price", "a,tea,2025-01-01,1", "b,tea,2025-01-02,0", ",tea,2025-01-03,2"]
    (tmp_path / "sales.csv").write_text("\n".join(lines))
    result = run("check", tmp_path / "sales.csv", "-c", "customer_id=Customer ID", "-c", "event=purchase")
    assert result.exit_code == 0 and "3 rows read = 1 kept + 2 set aside" in result.output
    assert "zero_sale" in result.output and "missing_customer" in result.output


def test_advice_is_a_command(tmp_path):
    (tmp_path / "sales.csv").write_text("customer_id,tea,event,timestamp\na,tea,view,2025-01-01\n")
    result = run("check", tmp_path / "sales.csv")
    assert result.exit_code == 2 and "try --column item_id=" in result.output


def test_report_ends_with_the_index(tmp_path):
    result = run("report", "segments", "--out", tmp_path, "-p", "n_segments=3")
    assert (
        result.exit_code == 0
        and str(tmp_path / "index.html") in result.output
        and (tmp_path / "segments.html").exists()
    )


def test_what_failed_and_what_did_not(tmp_path):
    result = run("report", "all", "--out", tmp_path, "-p", "k=0", "-p", "n_segments=3")
    assert result.exit_code == 1 and "done: " in result.output and "report recommendations failed" in result.output


@pytest.mark.parametrize(
    "words",
    [["check", "nowhere"], ["report", "sales"], ["report", "all", "-p", "x=1"], ["report", "segments", "-p", "data=x"]],
)
def test_what_cannot_be_right(words):
    result = run(*words)
    assert result.exit_code == 2 and result.output.startswith("segrec: ") and "Traceback" not in result.output


def test_segment_writes_labels_with_their_history(tmp_path):
    from segrec.segmentation import read_labels

    url = f"sqlite:///{tmp_path}/labels.sqlite"
    options = ["segment", "--labels", url, "--n-segments", "3", "--algorithm", "hierarchical"]
    first = CliRunner().invoke(app, [*options, "--valid-from", "2026-01-01"])
    assert first.exit_code == 0 and "3 segments" in first.output and "300 rows added" in first.output
    again = CliRunner().invoke(app, [*options, "--valid-from", "2026-02-01", "--model-version", "v2"])
    assert again.exit_code == 0 and "0 of 300 customers of the last run changed" in again.output
    assert read_labels(url, "2026-01-15").equals(read_labels(url)) and read_labels(url).nunique() == 3
    back = CliRunner().invoke(app, [*options, "--valid-from", "2025-12-01"])
    assert back.exit_code == 2 and "history is written forwards" in back.output


def test_segment_keeps_to_the_business_rules(tmp_path):
    url = f"sqlite:///{tmp_path}/labels.sqlite"
    rules = tmp_path / "rules.yaml"
    options = ["--labels", url, "--n-segments", "4", "--rules", rules]
    rules.write_text("rules: [{rule: minimum_size, share: 0.6}, {rule: difference, feature: nothing, ratio: 2}]")
    result = run("segment", *options)
    assert result.exit_code == 1 and "failed: minimum size: share 0.6" in result.output
    assert "cannot be checked: difference" in result.output and not (tmp_path / "labels.sqlite").exists()
    rules.write_text("rules: [{rule: minimum_size, share: 0.02}]")
    result = run("segment", *options)
    assert result.exit_code == 0 and "passed: minimum size" in result.output and "300 rows added" in result.output
    rules.write_text("rules: [{rule: biggest}]")
    result = run("segment", *options)
    assert result.exit_code == 2 and "minimum_size" in result.output
    assert run("segment", "--labels", url, "--rules", tmp_path / "nowhere.toml").exit_code == 2


def test_each_command_speaks_json(tmp_path):
    for command in app.registered_commands:
        assert "--json" in run(command.callback.__name__, "--help").output, command.callback.__name__
    models, labels = tmp_path / "models", tmp_path / "labels.duckdb"
    said = {
        words[0]: json.loads(run(*words, "--json").stdout)
        for words in [
            ["check", "demo-shop"],
            ["segment", "--labels", labels, "--n-segments", "3"],
            ["report", "segments", "--out", tmp_path, "-p", "n_segments=3"],
            ["train", "--models", models, "--n-segments", "3"],
            ["recommend", "c00001", "--models", models, "-n", "2"],
            ["drift", "--current", "demo-shop"],
            ["retrain", "--models", models],
            ["diagnose", "--labels", labels],
        ]
    }
    assert said["check"]["events"] and sum(said["segment"]["segments"].values()) == 300 and said["train"]["n_customers"] == 294
    assert said["report"]["reports"][0]["status"] == "done" and len(said["recommend"]["recommendations"]) == 2
    assert said["drift"]["n_tests"] > 0 and said["retrain"]["action"] == "keep"
    assert isinstance(said["diagnose"]["findings"], list)
