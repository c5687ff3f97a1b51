"Small copies of the pictures of the newest pages in reports/, for the README: `make gallery` after `make report`."

import re
import sys
from pathlib import Path

import nbformat

from segrec.reports.page import page_pictures, thumbnail

SHOWN = {"segments": 2, "high_value": 1, "recommendations": 1}   # the first so many pictures of each page

reports = Path(sys.argv[1])
for name, count in SHOWN.items():
    run = re.search(r'name="segrec-run" content="([^"]+)"', (reports / f"{name}.html").read_text()).group(1)
    pictures = page_pictures(nbformat.read(reports / name / run / "notebook.ipynb", as_version=4))
    (reports / "gallery").mkdir(exist_ok=True)
    for number, picture in enumerate(pictures[:count], start=1):
        path = reports / "gallery" / f"{name}-{number}.png"
        path.write_bytes(thumbnail(picture, 640))
        print(path)
