# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image of the platform, and what came of building, pulling or pushing it."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Image(NamedTuple):
    """An image; ``path`` is the absolute build folder (empty for pulls and pushes), ``args`` are arguments of docker build."""

    name: str
    tag: str
    owner: str
    path: str = ""
    args: Tuple[str, ...] = ()


class ImageOutcome(NamedTuple):
    """What came of one image: ``digest`` is what its registry holds under the tag (None: unknown), ``action`` a sentence,
    ``before`` and ``after`` what a diff shows."""

    changed: bool
    digest: Optional[str] = None
    action: Optional[str] = None
    before: Optional[str] = None
    after: Optional[str] = None
