"Names and values of parameters: no code runs, and what reaches a notebook is the value that was given."

import random
from pathlib import Path

from papermill.translators import papermill_translators

from segrec.reports.parameters import check_parameters, declared_parameters
from segrec.reports.runner import read_template, report_names

from . import OWN_ERRORS, check_refusal
from .names import HOSTILE

CODE = [
    "__import__('os').system('touch {marker}')", "1; open({marker!r}, 'w')", "\"; open({marker!r}, 'w'); x=\"",
    "'''", '"""', "\\", "\n",
    "{{marker}}", "%run x", "!touch {marker}", "\r\nimport os", "\u2028x", "\x00", "\ud800", "None", "nan",
    "1e999", "../../x", "x" * 5000,
]


def attempt(number: int, folder: Path) -> str:
    "One parameter of one report."
    draw = random.Random(number)
    marker = folder / "ran"
    text = draw.choice([*CODE, *HOSTILE]).replace("{marker!r}", repr(str(marker))).replace("{marker}", str(marker))
    notebook = read_template(draw.choice(report_names()))
    declared = declared_parameters(notebook)
    known = sorted(declared)
    name = draw.choice(known) if draw.random() < .7 else draw.choice([text, *(f"{one}{text}" for one in known)])
    value = draw.choice([text, [text], {"a": text}, (text,), draw.random(), -1, 10**30, None, True, b"x", object(), float("nan")])
    try:
        checked = check_parameters(declared, {name: value})
    except OWN_ERRORS as error:
        check_refusal(error)
        assert not marker.exists()
        return "refused"
    assert set(checked) <= set(declared), "a name that the notebook does not declare"
    # What papermill writes into the notebook is run here, as a kernel would: it must give the value, and do nothing else.
    source = papermill_translators.find_translator("python3", "python").codify(checked)
    space: dict[str, object] = {}
    exec(compile(source.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "cell", "exec"), space)
    assert not marker.exists(), "code was run"
    assert set(space) - {"__builtins__"} == set(checked)
    return "held"
