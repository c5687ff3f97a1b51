"""Copy what a wheel carries beside its modules: report templates, cleared of outputs, guides with theirs, the demo shop.

`python .ci/export.py` runs nbdev_export first, so that it is the one step that makes segrec/ from nbs/ and data/.
`python .ci/export.py ROOT` does it for the checkout at ROOT.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path


def clear(notebook: dict) -> dict:
    "The notebook without outputs; tags stay, since papermill finds the parameters by theirs."
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook


def guides(root: Path) -> dict[str, Path]:
    "The lessons on troubleshooting that export no module, by the name of their page."
    found = sorted((root / "nbs" / "troubleshooting").glob("*.ipynb"))
    return {
        path.stem.partition("_")[2].replace("_", "-"): path
        for path in found
        if "#| default_exp" not in path.read_text(encoding="utf-8")
    }


def copy_data(root: Path) -> None:
    "Templates, guides and demo shop from their places in the checkout to their places in the package."
    templates = root / "segrec" / "reports" / "templates"
    shutil.rmtree(templates, ignore_errors=True)
    templates.mkdir(parents=True)
    for path in sorted((root / "nbs" / "reports" / "templates").glob("*.ipynb")):
        cleared = clear(json.loads(path.read_text(encoding="utf-8")))
        (templates / path.name).write_text(json.dumps(cleared, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    folder = root / "segrec" / "troubleshooting" / "guides"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, path in guides(root).items():
        shutil.copyfile(path, folder / f"{name}.ipynb")
    shop = root / "segrec" / "data" / "demo_shop"
    shutil.rmtree(shop, ignore_errors=True)
    shutil.copytree(root / "data" / "demo_shop", shop)


if __name__ == "__main__":
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    subprocess.run([Path(sys.executable).parent / "nbdev_export"], cwd=root, check=True)
    copy_data(root)
