"What a published folder answers, and what it refuses."

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from segrec.cli import app
from segrec.recommendation import Recommender
from segrec.serving import open_answers


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    words = ["train", "--data", "demo-shop", "--models", str(folder), "--n-segments", "3"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return folder


def test_stored_lists_are_those_of_the_model(models):
    answers, model = open_answers(models), Recommender.load(models)
    for customer in [*model.interactions_.customer_ids[:20], "nobody"]:
        for new in (False, True):
            stored = answers.recommend(customer, 6, new)
            fresh = model.recommend(customer, 6, exclude_seen=new)
            assert stored.item_id.tolist() == fresh.item_id.tolist()
            # Single precision sums differ in the last digit where a list is made alone.
            assert stored.score.tolist() == pytest.approx(fresh.score.tolist(), abs=1e-5)
            assert stored["rank"].tolist() == fresh["rank"].tolist() and (stored.title != "").all()


def test_answering_needs_none_of_the_libraries_that_fitted_it(models):
    code = f"""
import sys
from segrec.cli import app
try:
    app(["recommend", "c00001", "--models", {str(models)!r}])
except SystemExit as end:
    assert end.code == 0
heavy = {{"sklearn", "implicit", "ibis", "duckdb", "statsmodels", "torch"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("c00001, segment ") and len(done.stdout.splitlines()) == 11


def test_damaged_and_missing_models_are_refused(models, tmp_path):
    assert CliRunner().invoke(app, ["recommend", "c00001", "--models", str(tmp_path)]).exit_code == 2
    version = (models / "current").read_text().strip()
    lists = models / version / "lists_all_items.npy"
    content = bytearray(lists.read_bytes())
    content[-1] ^= 1
    lists.write_bytes(content)
    result = CliRunner().invoke(app, ["recommend", "c00001", "--models", str(models)])
    assert result.exit_code == 2 and "has changed since it was published" in result.output
