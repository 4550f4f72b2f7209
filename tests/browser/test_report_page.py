"""The report in a real browser: it draws, fits the window, fetches nothing and complains of nothing."""

import os
import re
import shutil
import subprocess
from urllib.parse import quote

import pytest

from benchmarks.job import main_job
from benchmarks.report import report_html
from synth.scenario import load_scenario

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PROBE = """<script>
window.addEventListener("load", () => {
  const page = document.documentElement, chart = document.querySelector("svg"), box = chart.parentElement;
  box.scrollLeft = 10000;
  const frame = chart.getBoundingClientRect();
  const words = [...chart.querySelectorAll("text")].map(each => [each.textContent, each.getBoundingClientRect()]);
  const clipped = words.filter(([, b]) => b.left < frame.left - 1 || b.right > frame.right + 1);
  const crossed = words.filter(([, a], i) => words.some(([, b], j) => j > i &&
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4));
  const small = Math.min(...words.map(([, b]) => b.height));
  document.title = ["wide", page.scrollWidth, "window", window.innerWidth, "chart", Math.round(frame.width),
    "box", box.clientWidth, "hidden", Math.round(box.scrollWidth - box.clientWidth - box.scrollLeft), "small", small,
    "fetched", performance.getEntriesByType("resource").length,
    "clipped", clipped.map(each => each[0]).join("/") || "none",
    "crossed", crossed.map(each => each[0]).join("/") || "none"].join(" ");
});
</script>"""


@pytest.fixture(scope="module")
def browser():
    """Find a browser; without one the test is skipped, in CI it fails."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no browser found, and CI must have one")
    if found is None:
        pytest.skip("no chromium or chrome on this machine")
    return found


def look(browser, page, folder, *options, width=1100):
    """Open a page without a window and give what the browser printed and said."""
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        f"--user-data-dir={folder}", "--enable-logging=stderr", "--virtual-time-budget=3000",
        f"--window-size={width},1600", *options, f"file://{quote(str(page))}",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["oig-20-13", "reference"])
def test_the_report_opens_in_a_browser(browser, scenario, tmp_path):
    """At 400 and 1,100 points the page fits the window, and the chart stays legible: it scrolls in its own box."""
    html = report_html(main_job(load_scenario(scenario), n_cases=67, seed=1))
    page = tmp_path / "report.html"
    page.write_text(html.replace("</head>", f"{PROBE}</head>"), encoding="utf-8")

    for width in (400, 1100):
        # A window cannot be that narrow, a frame in it can.
        framed = tmp_path / "framed.html"
        framed.write_text(f'<body style="margin:0"><iframe src="report.html" style="border:0" width={width} height=900>'
                          "</iframe><script>onload = () => setTimeout(() => document.title = "
                          "frames[0].document.title, 300)</script></body>")  # fmt: skip
        done = look(browser, framed, tmp_path / f"profile-{width}", "--dump-dom", "--allow-file-access-from-files")
        title = re.search(r"<title>(.*?)</title>", done.stdout)[1]
        found = dict(re.findall(r"(\w+) (\S+)", title[: title.index(" clipped")]))
        assert int(found["window"]) == width
        assert int(found["wide"]) <= width
        assert width * 0.6 < int(found["box"]) <= width
        assert int(found["chart"]) >= min(640, int(found["box"]))
        assert found["hidden"] == "0"  # all of a chart that is wider than its box can be scrolled to
        assert float(found["small"]) >= 11
        assert found["fetched"] == "0"
        assert title.endswith(" clipped none crossed none")
        assert "CONSOLE" not in done.stderr

    picture = tmp_path / "page.png"
    plain = tmp_path / "plain.html"
    plain.write_text(html, encoding="utf-8")
    done = look(browser, plain, tmp_path / "profile", f"--screenshot={picture}")
    assert "CONSOLE" not in done.stderr
    assert picture.stat().st_size > 50_000  # an empty page of that size is a few kilobytes
