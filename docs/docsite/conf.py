# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the site (scripts/docs)."""

project = "lectern.tutor"
copyright = "2026 The Lectern contributors"
title = html_title = "Lectern"
html_short_title = "Lectern"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_theme_options = {"display_version": False, "vcs_pageview_mode": "blob"}
pygments_style = "ansible"
highlight_language = "text"

# Headings are linked to as on GitHub.
myst_heading_anchors = 4
