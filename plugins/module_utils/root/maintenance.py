# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a root says of its maintenance: the page that the environment is rendered with until the maintenance ends."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, NamedTuple, Optional

from ..base import content, files
from ..base.content import Change, File
from ..base.errors import LecternError
from ..base.places import Places
from ..render.maintenance_page import CADDYFILE, Page, with_page
from . import manifest, plan


class Maintenance(NamedTuple):
    """``since`` is a time as 2026-01-31T08:00:00Z. One that ``ends`` is in no file any more, but the web proxy may still show its page."""

    page: Page
    since: str
    ends: bool = False


def path(places: Places) -> str:
    """Return the path of the record."""
    return files.own_path(places, "maintenance.json")


def read_record(places: Places) -> Optional[Maintenance]:
    """Return what is recorded, an end that was not completed included. Raises LecternError for a damaged file."""
    record = files.read_json(path(places), None)
    if record is None:
        return None
    try:
        page = record["page"]
        texts = [page["text"], page["token"], page["matcher"], record["since"], *page["allow"]]
        page = Page(page["text"], tuple(page["allow"]), int(page["retry_after"]), page["token"], page["matcher"])
        return Maintenance(page, "".join(texts) and record["since"], bool(record["ends"]))
    except (TypeError, KeyError, ValueError) as error:
        raise LecternError(
            "'%s' is damaged: remove it, render the environment, then begin or end the maintenance again." % path(places)
        ) from error


def read(places: Places) -> Optional[Maintenance]:
    """Return the maintenance that a root is in; None where it is in none."""
    record = read_record(places)
    return None if record is None or record.ends else record


def secrets(places: Places) -> List[str]:
    """Return the token that gets past the page, to be masked."""
    record = read_record(places)
    return [record.page.token] if record else []


def to_bytes(record: Maintenance) -> bytes:
    """Return the record as it is stored."""
    stored: Dict[str, Any] = dict(page=record.page._asdict(), since=record.since, ends=record.ends)
    return (json.dumps(stored, indent=1, sort_keys=True) + "\n").encode()


def put_into(tree: Dict[str, File], maintenance: Optional[Maintenance]) -> Dict[str, File]:
    """Return the files of the environment, the Caddyfile with the page of the maintenance that the root is in."""
    file = tree.get(CADDYFILE)
    if maintenance is None or file is None:
        return tree
    text = with_page(bytes(file.content).decode("utf-8"), maintenance.page)
    return {**tree, CADDYFILE: file._replace(content=text.encode("utf-8"))}


def read_caddyfile(places: Places) -> Optional[str]:
    """Return the text of the Caddyfile in the environment; None where there is none. Raises LecternError for what is no text."""
    name = os.path.join(places.env, CADDYFILE)
    if os.path.islink(name) or not os.path.isfile(name):
        return None
    try:
        return content.read_bytes(name).decode("utf-8")
    except UnicodeDecodeError:
        raise LecternError("'%s' is no UTF-8 text: render the environment again (module lectern.tutor.environment)." % name) from None


def changes(places: Places, text: str, record: Optional[Maintenance]) -> List[Change]:
    """Return the changes after which the Caddyfile has this text, and the record says this; None removes it.

    The manifest follows, unless the file was edited by hand: then it still counts as edited.
    """
    name, new = os.path.join(places.env, CADDYFILE), text.encode("utf-8")
    plan.refuse_links(places.env, [CADDYFILE])
    mode = os.stat(name).st_mode & 0o7777
    caddyfile = plan.changes_to_write(name, new, mode)
    known = manifest.load(places)
    entry = known.files.get(CADDYFILE)
    if caddyfile and entry and entry["digest"] == manifest.digest(content.read_bytes(name)):
        known.files[CADDYFILE] = dict(entry, digest=manifest.digest(new))
        caddyfile += plan.changes_to_write(manifest.path(places), manifest.to_bytes(known), 0o600)
    return [*record_changes(places, record), *caddyfile]


def record_changes(places: Places, record: Optional[Maintenance]) -> List[Change]:
    """Return the changes after which the record says this; None removes it."""
    if record is None:
        return plan.changes_to_remove(path(places))
    return plan.changes_to_write(path(places), to_bytes(record), 0o600)
