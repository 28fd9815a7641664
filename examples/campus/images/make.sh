#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# make.sh PROJECT PORT: builds the images that stand in for those of a public registry, starts a registry on 127.0.0.1:PORT and
# pushes them there. Needs mmdebstrap. Prints one line for everything it created, and nothing if everything existed.
set -eu
cd "$(dirname "$0")"
project=$1
registry=127.0.0.1:$2
base=$project/base:1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Creates a small Debian or Ubuntu with Python from the package sources of this machine, which needs no registry.
make_base() {
  . /etc/os-release
  # The archive of this release as apt knows it, without other sources of the machine.
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT) $(CODENAME) $(ORIGIN)' 'Created-By: Packages' |
    sed -n "s/ ${VERSION_CODENAME}[^ ]* \(Debian\|Ubuntu\)\$//p" | sort -u > "$folder/sources.list"
  if [ ! -s "$folder/sources.list" ]; then
    echo "apt knows no package source of $PRETTY_NAME: look at /etc/apt, then run 'apt-get update'." >&2
    exit 1
  fi
  printf '#!/bin/sh\n# Nothing starts while packages are being installed.\nexit 101\n' > "$folder/policy-rc.d"
  chmod 755 "$folder/policy-rc.d"
  # Additional certificate authorities that this machine trusts, such as a proxy's.
  mkdir "$folder/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$folder/ca-certificates" 2>/dev/null || true
  # shellcheck disable=SC2016 # $1 is the hook's own
  TMPDIR=$folder mmdebstrap --variant=apt --hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr \
    --include=ca-certificates,python3-pymysql \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --essential-hook='mkdir -p "$1/usr/local/share/ca-certificates"' \
    --essential-hook="sync-in $folder/ca-certificates /usr/local/share/ca-certificates" \
    --customize-hook="copy-in $folder/policy-rc.d /usr/sbin" \
    "$VERSION_CODENAME" "$folder/base.tar" "$folder/sources.list" > "$folder/log" 2>&1 ||
    { tail -n 20 "$folder/log" >&2; exit 1; }
  docker import "$folder/base.tar" "$base" >/dev/null
  echo "made $base"
}

# build NAME IMAGE: unchanged steps come from the engine's cache, so the image stays the same.
build() {
  before=$(docker image inspect --format '{{.Id}}' "$2" 2>/dev/null || true)
  docker build --quiet --tag "$2" --build-arg "BASE=$base" - < "$1.Dockerfile" > "$folder/built"
  [ "$(docker image inspect --format '{{.Id}}' "$2")" = "$before" ] || echo "built $2"
}

push() {
  docker push "$1" > "$folder/pushed"
  ! grep -q ': \(Pushed\|Mounted from .*\)$' "$folder/pushed" || echo "pushed $1"
}

start_registry() {
  if ! docker container inspect "$project-registry" >/dev/null 2>&1; then
    docker create --quiet --name "$project-registry" --restart unless-stopped --publish "$registry:5000" "$project/registry:1" >/dev/null
  fi
  if [ "$(docker container inspect --format '{{.State.Running}}' "$project-registry")" = false ]; then
    docker start "$project-registry" >/dev/null
    echo "started $project-registry on $registry"
  fi
}

docker image inspect "$base" >/dev/null 2>&1 || make_base
build registry "$project/registry:1"
start_registry
for name in python caddy mysql; do
  build $name "$registry/campus/$name:1"
  push "$registry/campus/$name:1"
done
