"""The report as a reader sees it: opened in Chromium, every menu and every figure looked at.

Run by ``make test-extra``, which installs the browser. Screenshots are kept in ``build/report/``.
"""

import shutil
import zipfile

import pytest
import yaml

from .conftest import PAPER, REPOSITORY

pytestmark = pytest.mark.extra

TARGETS = ("all", *PAPER)
SHOTS = REPOSITORY / "build" / "report"
IMAGES = ("image/png", "image/svg+xml")
# Width of the figure, once it has loaded or failed to; the page has a logo too.
SHOWN = """path => {
    const shown = [...document.images].find(
        image => image.getAttribute('src') === results[path].data_uri
    );
    return shown?.complete && [shown.naturalWidth];
}"""


@pytest.fixture(scope="module", params=["html", "zip"])
def page_file(request, tested):
    """The report as one page, or unpacked."""
    report = tested.folder / f"report.{request.param}"
    done = tested.run(*TARGETS, "--report", str(report))
    assert done.returncode == 0, done.stdout[-3000:]
    if request.param == "html":
        return report
    with zipfile.ZipFile(report) as archive:
        archive.extractall(tested.folder)
    return tested.folder / "report" / "report.html"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program, "no chromium; make browser installs it"
    with sync_playwright() as playwright:
        # Chromium has no sandbox for root, which tests run as in containers.
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, page_file):
    """The open page; what went wrong in it is in ``page.faults``."""
    page = opened(browser, page_file)
    yield page
    page.context.close()


def opened(browser, file):
    """A page without a network, which collects its faults."""
    page = browser.new_context(viewport={"width": 1600, "height": 1000}, offline=True).new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"script: {error}"))
    page.on("requestfailed", lambda request: page.faults.append(f"request: {request.url[:200]}"))
    page.on("console", lambda message: told(page, message))
    page.goto(file.as_uri())
    page.get_by_text("Results", exact=True).wait_for()
    return page


def told(page, message):
    if message.type == "error":
        page.faults.append(f"console: {message.text}")


def keep(page, page_file, name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    kind = "zip" if page_file.parent.name == "report" else "html"
    page.screenshot(path=SHOTS / f"{kind}_{name}.png")


def categories(page):
    return page.evaluate("Object.keys(categories).sort((a, b) => a.localeCompare(b))")


def test_every_menu_opens_without_an_error(page, page_file):
    keep(page, page_file, "workflow")
    for name in ("Statistics", "About"):
        page.get_by_text(name, exact=True).click()
    page.wait_for_timeout(500)
    keep(page, page_file, "about")
    page.evaluate("app.setView({navbarMode: 'menu'})")
    for number, name in enumerate(categories(page), start=1):
        page.get_by_text(name, exact=True).first.click()
        page.wait_for_timeout(200)
        keep(page, page_file, f"category_{number}")
        page.evaluate("app.setView({navbarMode: 'menu'})")
    assert page.faults == []


def test_every_figure_loads(page, page_file):
    results = page.evaluate("results")
    figures = [path for path, one in results.items() if one["mime_type"] in IMAGES]
    assert len(figures) >= 8
    for path in figures:
        page.evaluate(
            "path => app.setView({content: 'img', contentPath: results[path].data_uri, resultPath: path})",
            path,
        )
        # An image that did not load has no width.
        (width,) = page.wait_for_function(SHOWN, arg=path, timeout=60_000).json_value()
        assert width > 100, path
        keep(page, page_file, f"figure_{path.rpartition('/')[2].rpartition('.')[0]}")
    assert page.faults == []


def test_every_table_is_inside(page, page_file, tested):
    results = page.evaluate("results")
    tables = [path for path, one in results.items() if path.endswith(".csv")]
    assert {f"results/tables/table{n}_simulated-test.csv" for n in (1, 2, 3)} <= set(tables)
    for path in tables:
        address = results[path]["data_uri"]
        if address.startswith("data:"):
            text = page.evaluate("async address => (await fetch(address)).text()", address)
        else:
            text = (page_file.parent / address).read_text()
        assert text == (tested.folder / path).read_text()


def test_every_result_has_a_caption_and_labels(page):
    for path, one in page.evaluate("results").items():
        assert len(one["caption"]) > 100, path
        assert one["labels"] and all(one["labels"].values()), path
        # What docutils could not read stands there in red.
        assert "system-message" not in one["caption"], path


def test_the_demo_says_that_it_is_no_evidence(page):
    banner = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())["banner"]
    page.get_by_text("Workflow", exact=True).first.click()
    page.get_by_text(banner).first.wait_for(timeout=5_000)
    for path, one in page.evaluate("results").items():
        if path.rpartition("/")[2].startswith(("table", "figure")):
            assert banner in one["caption"], path


def test_the_categories_follow_the_way_of_the_data(page):
    assert [name.partition(" ")[2] for name in categories(page)] == [
        "Training data",
        "Phase model",
        "Synthetic k-space",
        "Phase quality",
        "Skull-stripping",
        "Reconstruction",
        "Appendix",
    ]


def test_a_broken_page_is_noticed(browser, page_file):
    before, end, after = page_file.read_text().rpartition("</body>")
    broken = page_file.with_name("broken.html")
    broken.write_text(f"{before}<script>nobody_knows_this()</script>{end}{after}")
    page = opened(browser, broken)
    page.wait_for_timeout(200)
    assert any("nobody_knows_this" in fault for fault in page.faults)
    page.evaluate(
        "Object.values(results).forEach(one => one.data_uri = 'data:image/png;base64,AA')"
    )
    with pytest.raises(AssertionError, match=r"results/"):
        test_every_figure_loads(page, page_file)
    page.context.close()
