# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uses the page about a fleet in Chromium as people do, and prints what it saw, as JSON.

Usage: browser.py CHROMIUM PAGE [FOLDER FOR SCREENSHOTS]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
SIZES = [(400, 850), (1100, 800), (1600, 1000)]
SCHEMES = ("light", "dark")

# The texts whose contrast with what is behind them is less than WCAG 2.2 AA asks for (1.4.3), and how much they have.
FAINT = """() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => rgb.slice(0, 3).map((part) => part / 255)
    .map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = parse(getComputedStyle(element).backgroundColor);
      if (color[3] !== 0) return color;
    }
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, .sr, .board .on")) continue;
    const [one, other] = [parse(getComputedStyle(element).color), behind(element)].map(luminance);
    const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (contrast < 4.5) faint.push(`${texts.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""


@contextmanager
def opened(browser: Browser, address: str, found: dict, days_later: int = 0, **options: object) -> Iterator[Page]:
    """A window with the page in it; notes what it asks for and what it says."""
    context = browser.new_context(**{"viewport": {"width": 1600, "height": 1000}, **options})
    page = context.new_page()
    page.on("request", lambda request: found["requests"].append(request.url))
    page.on("console", lambda message: found["console"].append(message.text))
    page.on("pageerror", lambda error: found["console"].append(str(error)))
    page.on("dialog", lambda dialog: (found["dialogs"].append(dialog.message), dialog.dismiss()))
    if days_later:
        page.clock.install(time=datetime.now() + timedelta(days=days_later))
    page.goto(address)
    yield page
    context.close()


def sites(page: Page) -> list[str]:
    """The names of the sites that are shown, in this order."""
    return page.locator("#sites tr.site:visible th").all_inner_texts()


def fragment(page: Page) -> str:
    return page.url.partition("#")[2]


def look(page: Page) -> dict:
    """What stands on the page at first, and on the worst sites when they are unfolded."""
    seen = {"title": page.title(), "headings": page.get_by_role("heading").all_inner_texts(), "sites": sites(page)}
    seen["first_screen"] = page.locator("main").inner_text()
    for button in page.locator("#sites tr.site th button").all()[:16]:
        button.click()
    for part in page.locator("details").all():
        part.evaluate("part => { part.open = true }")
    return {
        **seen,
        "text": page.locator("main").inner_text(),
        "links": page.locator("a").evaluate_all("links => links.map((link) => link.href)"),
    }


def use_mouse(page: Page, address: str) -> dict:
    """What comes of filters and of each column's order, and whether a link brings it back."""
    page.locator("#states a", has_text="attention").click()
    seen = {"attention": sites(page), "attention_says": page.get_by_role("status").inner_text()}
    page.get_by_role("searchbox").fill("due init")
    seen["found"] = sites(page)
    found_at = fragment(page)
    page.goto(f"{address}#{found_at}")
    page.reload()
    seen["found_by_link"] = sites(page)
    page.get_by_role("searchbox").fill("no such site")
    seen["nothing"], seen["nothing_says"] = sites(page), page.get_by_role("status").inner_text()
    page.goto(address)
    page.reload()
    seen["orders"] = {}
    for head in page.locator("#sites thead button").all():
        head.click()
        first = (page.locator("#sites [aria-sort]").get_attribute("aria-sort"), sites(page)[0])
        head.click()
        second = (page.locator("#sites [aria-sort]").get_attribute("aria-sort"), sites(page)[0])
        head.click()
        seen["orders"][head.inner_text()] = [*first, *second, page.locator("#sites [aria-sort]").count(), sites(page)[0]]
    return seen


def use_keyboard(page: Page) -> dict:
    """Go through the page with the tabulator, choose a state, sort, unfold and choose a plugin; every stop has to show its focus."""
    stops, without_outline = [], []

    def go_to(text: str) -> None:
        for _attempt in range(100):
            page.keyboard.press("Tab")
            name = page.evaluate("(document.activeElement.textContent || document.activeElement.id).trim()")
            stops.append(name)
            if page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none":
                without_outline.append(name)
            if name.startswith(text):
                return
        raise AssertionError(f"no way to {text}: {stops}")

    go_to("9attention")
    page.keyboard.press("Enter")
    go_to("drift")
    page.keyboard.press("Enter")
    go_to("fig.example.org")
    page.keyboard.press("Enter")
    seen = {"fragment": fragment(page), "sites": sites(page), "keeps_focus": page.evaluate("document.activeElement.textContent")}
    go_to("Patches")
    page.keyboard.press("Enter")
    go_to("every plugin")
    page.keyboard.type("minio")
    seen["chosen"] = page.locator(".board thead .chosen").all_inner_texts()
    seen["lines"] = page.locator(".board tbody tr > th:not(.files)").count()
    seen["lines_off"] = page.locator(".board tbody tr > th.off:not(.files)").count()
    return {**seen, "without_outline": without_outline}


def look_at_matrix(page: Page) -> dict:
    page.locator("#views a", has_text="Plugins").click()
    table = page.locator("#matrix table")
    seen = {"rows": table.locator("tbody tr").count(), "heads": table.locator("thead th").all_inner_texts()}
    seen["odd"] = table.locator("td.odd").evaluate_all(
        "cells => cells.map((cell) => [cell.parentElement.cells[0].innerText, cell.innerText])"
    )
    seen["plum"] = [" ".join(text.split()) for text in table.locator("tr", has_text="plum").locator("td").all_inner_texts()]
    page.get_by_role("checkbox").check()
    seen["differing"] = table.locator("tbody th").all_inner_texts()
    region = page.locator("#matrix .wide")
    region.evaluate("region => region.scrollTo(300, 0)")
    seen["stays"] = table.locator("tbody th").first.evaluate("cell => cell.getBoundingClientRect().left") >= 0
    return seen


def look_at_sizes(browser: Browser, address: str, found: dict) -> list[dict]:
    """Whether something is wider than the window, and which texts are faint, at each size in each scheme, all unfolded."""
    seen = []
    for width, height in SIZES:
        for scheme in SCHEMES:
            for view in ("", "&view=plugins"):
                options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
                with opened(browser, f"{address}#open=ebony.example.org&open=medlar.example.org{view}", found, **options) as page:
                    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
                    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    seen.append({"width": width, "scheme": scheme, "view": view, "too_wide": too_wide, "faint": page.evaluate(FAINT)})
    return seen


def look_at_paper(page: Page) -> dict:
    """What is printed, and whether the page is as before afterwards."""
    page.locator("#sites th button", has_text="fig.example.org").click()
    page.emulate_media(media="print", color_scheme="dark")
    seen = {
        "background": page.evaluate("getComputedStyle(document.body).backgroundColor"),
        "filter": page.get_by_role("searchbox").is_visible(),
    }
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    seen["folded"] = page.locator("details:not([open])").count()
    seen["reasons"] = page.locator("#sites tr.site", has_text="ebony").locator(".reason span:visible").count()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    seen["open_again"] = page.locator("details[open]").count()
    seen["pdf"] = page.pdf(prefer_css_page_size=True)[:5].decode()
    return seen


def look_without_script(page: Page) -> dict:
    seen = {"sites": sites(page), "controls": page.locator("button:visible, input:visible, a:visible").count()}
    return {**seen, "text": page.locator("main").inner_text()}


def take_screenshots(browser: Browser, address: str, folder: Path) -> None:
    """Write the pictures of the documents (docs/docsite/several-sites.md)."""
    ignored: dict = {"requests": [], "console": [], "dialogs": []}

    def take(name: str, fragment: str, width: int, height: int, scheme: str = "light") -> None:
        with opened(browser, address + fragment, ignored, viewport={"width": width, "height": height}, color_scheme=scheme) as page:
            if name == "patches":
                highlight_a_plugin(page)
            page.screenshot(path=folder / f"report-{name}.png")

    take("sites", "", 1280, 720)
    take("narrow", "#state=attention", 400, 800, "dark")
    take("details", "#text=ebony&open=ebony.example.org", 1280, 800, "dark")
    take("plugins", "#view=plugins&state=ok", 1600, 620)
    take("patches", "#text=fig&open=fig.example.org", 1280, 800)


def highlight_a_plugin(page: Page) -> None:
    """Unfold the picture of the patches, choose a plugin, and bring the picture into view."""
    page.locator("summary", has_text="Patches").click()
    page.get_by_label("Highlight").select_option("minio")
    page.locator("summary", has_text="Patches").evaluate("summary => scrollBy(0, summary.getBoundingClientRect().top - 60)")


def main(chromium: str, path: str, folder: str | None = None) -> dict:
    address = Path(path).resolve().as_uri()
    found: dict = {"requests": [], "console": [], "dialogs": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        with opened(browser, address, found) as page:
            found["look"] = look(page)
        if "fig.example.org" in found["look"]["sites"]:
            with opened(browser, address, found) as page:
                found["mouse"] = use_mouse(page, address)
            with opened(browser, address, found) as page:
                found["keyboard"] = use_keyboard(page)
            with opened(browser, address, found) as page:
                found["matrix"] = look_at_matrix(page)
            with opened(browser, address, found) as page:
                found["paper"] = look_at_paper(page)
            found["sizes"] = look_at_sizes(browser, address, found)
            with opened(browser, address, found, days_later=3) as page:
                found["later"] = page.locator("#age").inner_text()
        with opened(browser, address, found, java_script_enabled=False) as page:
            found["without_script"] = look_without_script(page)
        if folder:
            take_screenshots(browser, address, Path(folder))
        browser.close()
    return found


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
