"The commands, as somebody types them."

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
    (tmp_path / "sales.csv").write_text("Customer ID,item_id,event,timestamp\na,tea,view,2025-01-01\n")
    result = run("check", tmp_path / "sales.csv")
    assert result.exit_code == 2 and "try --column customer_id='Customer ID'" in result.output


def test_report_ends_with_the_index(tmp_path):
    result = run("report", "segments", "--out", tmp_path, "-p", "n_segments=3")
    assert (
        result.exit_code == 0
        and str(tmp_path / "index.html") in result.output
        and (tmp_path / "segments.html").exists()
    )


def test_what_failed_and_what_did_not(tmp_path):
    result = run("report", "all", "--out", tmp_path, "-p", "k=0")
    assert result.exit_code == 1 and "done: " in result.output and "report recommendations failed" in result.output


@pytest.mark.parametrize(
    "words",
    [["check", "nowhere"], ["report", "sales"], ["report", "all", "-p", "x=1"], ["report", "segments", "-p", "data=x"]],
)
def test_what_cannot_be_right(words):
    result = run(*words)
    assert result.exit_code == 2 and result.output.startswith("segrec: ") and "Traceback" not in result.output
