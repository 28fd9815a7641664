#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# fetch.sh FOLDER PACKAGE…: unpacks packages of this machine's Debian or Ubuntu below FOLDER, without installing them.
set -eu
mkdir -p "$1"
cd "$1"
shift
apt-get download "$@" >/dev/null 2>&1 || { apt-get update -qq && apt-get download "$@" >/dev/null; }
for package in *.deb; do dpkg-deb --extract "$package" .; done
