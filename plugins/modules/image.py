#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build, pull and push the Docker images of a platform."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image
short_description: Build, pull and push the Docker images of a platform
version_added: 1.0.0
author: The Lectern contributors (@lectern)
description:
  - Builds, pulls or pushes the images that Tutor and the enabled plugins name, as C(tutor images build), C(pull) and C(push) do.
  - Reads the settings in C(config.yml) and the build folders in C(env/). Run M(lectern.tutor.environment) first.
  - Pulls and pushes with the Docker SDK for Python, and builds with C(docker buildx build) and Tutor's arguments. Without buildx, it uses
    the engine's classic builder; an argument that this builder does not support is an error.
  - If two images share a tag, only the last one is built, because the tag would end up with it.
  - After a failure, images in progress are finished and no others are started. The result lists those that succeeded. For an image that
    failed, the local tag and the registry's tag stay as they were.
  - A registry that does not answer within a minute is a failure, as is a transfer that receives nothing for five minutes.
options:
  names:
    description:
      - Names of images, in any order. V(all) selects every image of that state. A name that several images share selects all of them.
      - The valid names differ between building, pulling and pushing. An unknown name is an error that lists them.
    type: list
    elements: str
    default: [all]
  state:
    description:
      - V(built) builds every image whose inputs changed. Inputs are the files of the build folder and their modes, the folders in
        C(MOUNTS) that go into the image, the build arguments, and the images that the Dockerfile starts or copies from. The image's
        label C(lectern.tutor.inputs) holds the digest of files and arguments, and C(lectern.tutor.bases) the ids and digests of the
        other images. Local images are compared first, as the builder does; missing ones are looked up in their registry. Changes in
        what the Dockerfile itself downloads, such as a branch of a repository, are not detected.
      - V(pulled) queries the registry for every image and pulls those that differ from the local ones. For pinned images, see O(pins).
      - V(pushed) pushes every image that the registry does not have under its tag yet.
    type: str
    choices: [built, pulled, pushed]
    required: true
  no_cache:
    description: Build without the builder's cache, even if no input changed.
    type: bool
    default: false
  build_args:
    description:
      - Build arguments by name, as for C(--build-arg). Values are texts or numbers. They may be secret and are never shown.
    type: dict
    default: {}
  registry_cache:
    description:
      - Also push the build cache to the registry, as C(tutor images build --cache-to-registry) does. Builds always read it from there.
        Nothing is pushed for an image that is up to date.
    type: bool
    default: false
  force:
    description: Also build or push images that are up to date.
    type: bool
    default: false
  parallel:
    description:
      - The number of images to work on at a time, at least 1. An image waits for those that it is built from.
      - Defaults to 1 for builds, which need much memory, and to 4 otherwise.
    type: int
  pins:
    description:
      - Digests C(sha256:…) by name of images that Tutor pulls. A pinned image is pulled by its digest, whatever the registry has under
        its tag, and is tagged on this host, where Compose and builds find it.
      - If the local image of the tag has that digest already, no registry is queried.
      - A pinned image cannot be built or pushed.
    type: dict
    default: {}
  registries:
    description:
      - Logins of registries. Images are pulled and pushed with the login of the registry in their tag, if there is one.
      - They are not written to C(~/.docker/config.json). Without a login here, that of C(docker login) is used.
    type: list
    elements: dict
    default: []
    suboptions:
      url:
        description: The registry's address, such as V(registry.example.com:5000) or V(https://index.docker.io/v1/). The path is ignored.
        type: str
        required: true
      username:
        description: The user name.
        type: str
        required: true
      password:
        description: The password or token.
        type: str
        required: true
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.live
attributes:
  check_mode:
    support: partial
    details:
      - Images that O(force) and O(no_cache) would build are reported as changed, although the builder may produce the same image again.
      - Registries are queried. If one does not answer, its images are reported as changed. A rejected login is an error.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(force) or O(no_cache), an image is built again and may differ.
requirements:
  - Docker SDK for Python (the package C(docker)), 7.0 or newer
  - a Docker engine; to build, the C(docker) command with the buildx plugin
"""

EXAMPLES = r"""
- name: Build the images that this platform customises
  lectern.tutor.image:
    root: /srv/tutor
    state: built
    names: [openedx, mfe]

- name: Push them to a private registry
  lectern.tutor.image:
    root: /srv/tutor
    state: pushed
    names: [openedx]
    registries:
      - url: registry.example.com
        username: deploy
        password: "{{ registry_password }}"

- name: Pull everything, six at a time
  lectern.tutor.image:
    root: /srv/tutor
    state: pulled
    parallel: 6

- name: Pull exactly this image
  lectern.tutor.image:
    root: /srv/tutor
    state: pulled
    names: [openedx]
    pins:
      openedx: sha256:9ab66cf0e0a1b2d6ddd3a5d0bd1e3e8b2f0b4b7f8c1f3f7a2e9b8f3d6c0a1e52

- name: Query the digests to pin, without changing anything
  lectern.tutor.image:
    root: /srv/tutor
    state: pulled
  check_mode: true
  register: pullable

- name: Show them as the variable that the roles use
  ansible.builtin.debug:
    msg: "{{ {'tutor_image_pins': dict(pullable.images | map(attribute='name') | zip(pullable.images | map(attribute='digest')))} }}"
"""

RETURN = r"""
images:
  description: The selected images in Tutor's order. After a failure, only those that succeeded.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the image.
      type: str
    tag:
      description: The tag, including the registry.
      type: str
    owner:
      description: V(core), or the plugin that defines it.
      type: str
    id:
      description: The id of the local image; null if there is none, as in check mode before the first build or pull.
      type: str
    digest:
      description:
        - The digest C(sha256:…) that the registry has it under, for use in O(pins). After O(state=pulled) and O(state=pushed), it is
          that of the tag.
        - Null if unknown, as for an image that was built but not pushed since.
      type: str
    changed:
      description: Whether the local image (built, pulled) or the registry's image (pushed) changed.
      type: bool
    duration:
      description: The time it took in seconds.
      type: float
  sample:
    - name: openedx
      tag: docker.io/overhangio/openedx:22.0.3
      owner: core
      id: sha256:2f5b0990fb1e60e39d29e50c8ab6bf1e56bdc7f3f4a0b4f0a4b7c0a1e7a37c54
      digest: sha256:9ab66cf0e0a1b2d6ddd3a5d0bd1e3e8b2f0b4b7f8c1f3f7a2e9b8f3d6c0a1e52
      changed: true
      duration: 48.2
actions:
  description: One sentence for each image that was built, pulled or pushed, or would be in check mode.
  returned: always
  type: list
  elements: str
  sample: ["Pulled docker.io/overhangio/openedx:22.0.3"]
diff:
  description: Tags with their ids (built, pulled) or digests (pushed) before and after.
  returned: always
  type: list
  elements: dict
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lectern.tutor.plugins.module_utils import _module
from ansible_collections.lectern.tutor.plugins.module_utils.base import masking
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.images import build, image_list, image_states, registry
from ansible_collections.lectern.tutor.plugins.module_utils.root.platform import load_platform

SPEC = dict(
    names=dict(type="list", elements="str", default=["all"]),
    state=dict(type="str", choices=["built", "pulled", "pushed"], required=True),
    no_cache=dict(type="bool", default=False),
    build_args=dict(type="dict", default={}, no_log=True),
    registry_cache=dict(type="bool", default=False),
    force=dict(type="bool", default=False),
    parallel=dict(type="int"),
    pins=dict(type="dict", default={}),
    registries=dict(
        type="list",
        elements="dict",
        default=[],
        no_log=True,
        options=dict(
            url=dict(type="str", required=True),
            username=dict(type="str", required=True),
            password=dict(type="str", required=True, no_log=True),
        ),
    ),
)


def image(module: AnsibleModule, places: Places) -> Dict[str, Any]:
    params, platform = module.params, load_platform(places)
    secrets = platform.secrets + masking.texts_in(params["build_args"])
    _module.protect(module, secrets)
    request = image_states.StateRequest(
        state=params["state"],
        logins=registry.Credentials(params["registries"]),
        options=build.BuildOptions(
            build.build_arg_texts(params["build_args"]), {}, params["no_cache"], params["registry_cache"], params["force"]
        ),
        parallel=image_states.PARALLEL[params["state"]] if params["parallel"] is None else params["parallel"],
        force=params["force"],
        check=module.check_mode,
        logs=_module.logs(module, places, secrets),
        pins=params["pins"],
    )
    images = image_list.select(image_states.LISTS[params["state"]](platform), params["names"])
    return image_states.bring_into_state(platform, images, request)


if __name__ == "__main__":
    _module.run(image, SPEC, empty=dict(images=[]), needs_engine=True)
