#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# remove.sh PROJECT PORT: removes the containers, networks and volumes of the platform, the registry and the images of both.
# Prints one line for everything it removed.
set -eu
project=$1
registry=127.0.0.1:$2

# remove WHAT COMMAND: removes the objects whose names or ids it reads from standard input.
remove() {
  while read -r name; do
    # shellcheck disable=SC2086 # several words
    docker $2 "$name" >/dev/null
    echo "removed $1 $name"
  done
}

label=com.docker.compose.project=$project
docker container ls --all --filter "label=$label" --format '{{.Names}}' | remove container "rm --force --volumes"
docker container ls --all --filter "name=^$project-registry\$" --format '{{.Names}}' | remove container "rm --force --volumes"
docker network ls --filter "label=$label" --format '{{.Name}}' | remove network "network rm"
docker volume ls --filter "label=$label" --format '{{.Name}}' | remove volume "volume rm"
docker image ls --format '{{.Repository}}:{{.Tag}}' | grep -e "^$registry/" -e "^$project/" | grep -v ':<none>$' |
  remove image "image rm --force"
docker image ls --digests --format '{{.Repository}}@{{.Digest}}' | grep -e "^$registry/" -e "^$project/" | grep -v '@<none>$' |
  remove image "image rm --force"
