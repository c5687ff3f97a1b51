"Hostile names in every slot of a page and in a shop, opened in Chromium without the page's policy: nothing runs or is fetched."

import html
import random
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pandas as pd

HIT = "document.documentElement.setAttribute('hit','1')"
OUTSIDE = "http://evil.example"
HOSTILE = [
    f"<script>{HIT}</script>", f'"><img src=x onerror="{HIT}">', f"'><svg onload={HIT}>",
    f"</title><script>{HIT}</script>",
    f"</style><script>{HIT}</script>", f"</script><script>{HIT}</script>", f"--><script>{HIT}</script>",
    f"]]><script>{HIT}</script>",
    f"<img src={OUTSIDE}/a.png>", f"<link rel=stylesheet href={OUTSIDE}/a.css>", f"<iframe src={OUTSIDE}></iframe>",
    f"<body onload={HIT}>", f"<a href=javascript:{HIT}>x</a>", f"[x](javascript:{HIT})", f"![x]({OUTSIDE}/b.png)",
    f"<script src={OUTSIDE}/x.js></script>", f"<style>@import '{OUTSIDE}/c.css'</style>",
    f"<meta http-equiv=refresh content='0;{OUTSIDE}'>",
    f"<base href={OUTSIDE}>", f"<object data={OUTSIDE}></object>", f"<details open ontoggle={HIT}>",
    f"<input autofocus onfocus={HIT}>",
    f"<math><mtext><script>{HIT}</script>", f"<template><script>{HIT}</script></template>",
    f"<video src=x onerror={HIT}>",
    f"&lt;script&gt;{HIT}&lt;/script&gt;", f"\\u003cscript\\u003e{HIT}", f"＜script＞{HIT}",
    f"<scr\0ipt>{HIT}</script>",
    f"<p style=background:url({OUTSIDE}/d.png)>", f"<noscript><p title='</noscript><img src=x onerror={HIT}>'>",
    r"$\frac{", r"$x^$", "$$", "\\", "=cmd|'/c calc'!A1", "+1+1", "@SUM(1)", "\u202egnp.exe", "\u200b", "👍🏽",
    "e\u0301", "x" * 10_000,
    "{{ 7*7 }}", "{% raw %}", "${7*7}", "%s %d {0} {x}", "a\nb\tc", "a\r\nb", "</table></main>",
    "</main><footer>", "<!--", "<![CDATA[",
    "<b>", "&amp;", "&#60;b&#62;", "//evil.example/x", "../../etc/passwd", "CON", "#", "?", "NaN", "null",
    "\ufeff", "\x1b[31m",
]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def chromium() -> str | None:
    "The browser's path."
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


class Outside:
    "Where all requests to other addresses arrive, and are counted."

    def __enter__(self) -> "Outside":
        self.requests: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._count, daemon=True).start()
        return self

    def _count(self) -> None:
        while True:
            try:
                caller, _ = self._server.accept()
            except OSError:   # closed
                return
            with caller:
                caller.settimeout(2)
                try:
                    self.requests.append(caller.recv(200))
                except OSError:
                    self.requests.append(b"")

    def __exit__(self, *_: object) -> None:
        self._server.close()


def open_page(page: Path, folder: Path) -> tuple[str, list[bytes]]:
    "The page's elements after it was opened, and the requests that it made."
    bare = folder / f"bare-{page.name}"
    # Without the page's policy, which would hide what escaping has missed.
    bare.write_text(POLICY.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
    with Outside() as outside:
        command = [
            str(chromium()), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-pings",
            f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=3000",
            f"--host-resolver-rules=MAP *.example 127.0.0.1:{outside.port}", "--dump-dom", bare.as_uri(),
        ]
        done = subprocess.run(command, check=False, capture_output=True, timeout=120)
        return done.stdout.decode("utf-8", "replace"), list(outside.requests)


def check_page(page: Path, folder: Path) -> None:
    "AssertionError where a script ran, or something was fetched."
    elements, requests = open_page(page, folder)
    assert "<footer" in elements, f"{page.name} was not shown"
    head = elements[: elements.index(">", elements.index("<html")) + 1]
    assert "hit=" not in head, f"{page.name}: a script ran: {head}"
    assert not requests, f"{page.name}: something was fetched: {requests[:3]}"


def mutated(draw: random.Random) -> list[str]:
    "The hostile names, and pieces of them put together."
    pieces = [one for one in HOSTILE if len(one) < 500]
    return [*HOSTILE, *("".join(draw.sample(pieces, 2)) for _ in range(60)), *(html.escape(one) for one in HOSTILE[:10])]


def of_slots(number: int, folder: Path) -> str:
    "Every name in every slot that a page has."
    from IPython.utils.capture import capture_output

    from segrec.reports import page

    names = mutated(random.Random(number))
    with capture_output() as shown:
        for name in names:
            page.paragraph(name, "note")
        page.bullets([*names, *(page.Link(name, "guides/x.html") for name in names)])
        page.table(pd.DataFrame({name: [name] for name in names}), names[number % len(names)])
    body = "".join(page.sanitize(output.data["text/html"]) for output in shown.outputs)
    body += "".join(page.sanitize(name) for name in names)
    body += "".join(page.image_element(b"\x89PNG", name) for name in names)
    for place, name in enumerate(random.Random(number).sample(names, 3)):
        path = folder / f"slots{place}.html"
        meta = {one: one for one in names}
        path.write_text(page.html_document(name, body, name, meta), encoding="utf-8", errors="replace")
        check_page(path, folder)
    # A page without any escaping is caught: the attack sees what it is for.
    naked = folder / "naked.html"
    live = f"<script>{HIT}</script><img src={OUTSIDE}/a.png>"
    naked.write_text(f"<html><body>{live}<footer></footer></body></html>", encoding="utf-8")
    elements, requests = open_page(naked, folder)
    assert 'hit="1"' in elements, "the browser runs no script, so that nothing is proven"
    assert requests, "the browser reaches no other address, so that nothing is proven"
    return "held"


def of_reports(number: int, folder: Path) -> str:
    "All reports of a shop in which everything is called so."
    from segrec.data import simulate_shop
    from segrec.reports import run_all_reports

    names = [name for name in mutated(random.Random(number)) if "\0" not in name]
    shop = simulate_shop(n_customers=150, n_items=len(names), random_state=number)
    events, items, customers = (table.execute() for table in (shop.events, shop.items, shop.customers))
    items["title"] = [f"{name} {place}" for place, name in enumerate(names)]
    for column in ("category", "brand"):
        items[column] = [names[place % 40] for place in range(len(items))]
    customers["customer_id"] = "<b>" + customers.customer_id
    events["customer_id"] = "<b>" + events.customer_id
    for column in customers.columns.drop("customer_id"):
        customers[column] = [names[place % len(names)] for place in range(len(customers))]
    for name, table in {"events": events, "items": items, "customers": customers}.items():
        table.to_parquet(folder / f"{name}.parquet")
    outcomes = run_all_reports(folder, folder / "out")
    failed = [outcome.name for outcome in outcomes if outcome.status not in ("done", "left out")]
    assert not failed, f"reports failed: {failed}"
    for page in sorted((folder / "out").glob("*.html")):
        check_page(page, folder)
    return "held"
