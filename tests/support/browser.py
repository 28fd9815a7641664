# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens a page in Chromium and prints what it saw, as JSON: requests, what the console said, texts.

Usage: browser.py CHROMIUM PAGE [SCREENSHOT]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]


def look(chromium: str, path: str, screenshot: str | None = None) -> dict:
    found: dict = {"requests": [], "console": [], "dialogs": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: found["requests"].append(request.url))
        page.on("console", lambda message: found["console"].append(message.text))
        page.on("pageerror", lambda error: found["console"].append(str(error)))
        page.on("dialog", lambda dialog: (found["dialogs"].append(dialog.message), dialog.dismiss()))
        page.goto(Path(path).resolve().as_uri())
        found["title"] = page.title()
        found["images"] = [image.get_attribute("aria-labelledby") for image in page.get_by_role("img").all()]
        found["headings"] = page.locator("h2").all_inner_texts()
        found["text"] = page.locator("main").inner_text()
        page.get_by_role("link").first.click()
        found["after_click"] = page.url.rpartition("#")[2]
        if screenshot:
            page.screenshot(path=screenshot, full_page=True)
        browser.close()
    return found


if __name__ == "__main__":
    print(json.dumps(look(*sys.argv[1:])))
