#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build, pull and push the Docker images of a platform."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image
short_description: Build, pull and push the Docker images of a platform
version_added: "0.1.0"
author: The Lectern contributors (@lectern)
description:
  - Builds, pulls or pushes the images that Tutor and the enabled plugins name, as C(tutor images build), C(pull) and C(push) do.
  - Reads the settings in C(config.yml) and the build folders below C(env/). Run M(lectern.tutor.environment) first.
  - Images are pulled and pushed by the Docker SDK for Python, and built by C(docker buildx build) with Tutor's arguments. Where
    buildx is missing, the engine's classic builder is used, and an argument that it does not know is an error.
  - Of two images that share a tag only the last is built, because that is the one that the tag would end up with.
  - After a failure nothing new is started; what is being worked on is finished, and the images that succeeded are in the result.
    The local tag of an image that failed is where it was, and so is the registry's.
  - A registry that does not answer within a minute, and a transfer of which nothing comes for five minutes, are such failures.
options:
  names:
    description:
      - Names of images, in any order. V(all) means every image of that state. A name that several images share means all of them.
      - Which names there are differs between building, pulling and pushing; an unknown one is an error that lists them.
    type: list
    elements: str
    default: [all]
  state:
    description:
      - V(built) builds every image whose inputs changed. These are the build folder's files and their modes, the folders in C(MOUNTS)
        that go into the image, the arguments, and the images that the Dockerfile starts or copies from. The label
        C(lectern.tutor.inputs) of an image keeps the digest of files and arguments, C(lectern.tutor.bases) the ids and digests of
        the other images. Of these the local one counts, as for the builder; registries are asked for those that are not on the host.
        What the Dockerfile itself fetches, such as a branch of a repository, is not seen.
      - V(pulled) asks the registry for every image and fetches those that differ from the local ones. Images with a pin are another
        matter, see O(pins).
      - V(pushed) sends every image that the registry does not hold yet under its tag.
    type: str
    choices: [built, pulled, pushed]
    required: true
  no_cache:
    description: Build without the builder's cache. Always builds.
    type: bool
    default: false
  build_args:
    description:
      - Build arguments by name, as C(--build-arg) takes them. The values, texts or numbers, may be secret, they are not shown.
    type: dict
    default: {}
  registry_cache:
    description:
      - Push the build's cache to the registry as well, as C(tutor images build --cache-to-registry) does. Builds read it from there
        in any case. Nothing is pushed for an image that is up to date.
    type: bool
    default: false
  force:
    description: Build or push also what is up to date.
    type: bool
    default: false
  parallel:
    description:
      - How many images are worked on at a time, at least 1. An image waits for those that it is built from.
      - Default is 1 for builds, which take much memory, and 4 otherwise.
    type: int
  pins:
    description:
      - Digests C(sha256:…) by the names of images that Tutor pulls. An image with a pin is pulled by its digest, whatever the
        registry holds under its tag, and gets its tag on this host, where Compose and builds find it.
      - Where the local image of the tag is the one of the digest already, no registry is asked.
      - A pinned image can't be built or pushed.
    type: dict
    default: {}
  registries:
    description:
      - Logins of registries. An image is pulled and pushed with the login of the registry that its tag belongs to, or without.
      - They are not written to C(~/.docker/config.json). C(docker login) is respected where no login is given here.
    type: list
    elements: dict
    default: []
    suboptions:
      url:
        description: Address of the registry, such as V(registry.example.com:5000) or V(https://index.docker.io/v1/). Its path is ignored.
        type: str
        required: true
      username:
        description: Name of the user.
        type: str
        required: true
      password:
        description: Password or token.
        type: str
        required: true
extends_documentation_fragment:
  - lectern.tutor.common
  - lectern.tutor.common.live
attributes:
  check_mode:
    support: partial
    details:
      - What O(force) and O(no_cache) build is reported as changed, though the builder may make the same image again.
      - Registries are asked, but one that does not answer is no error; its images are reported as changed. A login that is refused is one.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(force) or O(no_cache) an image is built again, and may differ.
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

- name: Ask which digests to pin, without a change
  lectern.tutor.image:
    root: /srv/tutor
    state: pulled
  check_mode: true
  register: pullable

- name: Show them as the variable of the roles
  ansible.builtin.debug:
    msg: "{{ {'tutor_image_pins': dict(pullable.images | map(attribute='name') | zip(pullable.images | map(attribute='digest')))} }}"
"""

RETURN = r"""
images:
  description: The chosen images in Tutor's order. After a failure only those that succeeded.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the image.
      type: str
    tag:
      description: Its tag with the registry.
      type: str
    owner:
      description: V(core), or the plugin that it comes from.
      type: str
    id:
      description: Id of the local image; null where there is none, as in check mode before the first build or pull.
      type: str
    digest:
      description:
        - The digest, C(sha256:…), under which its registry holds it, to be used in O(pins). After O(state=pulled) and O(state=pushed)
          it is that of the tag.
        - Null where that is not known, as for an image that was built and not pushed since.
      type: str
    changed:
      description: Whether the local image (built, pulled) or the registry's (pushed) is another one now.
      type: bool
    duration:
      description: Seconds that it took.
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
  description: A sentence for each image that was, or in check mode would be, built, pulled or pushed.
  returned: always
  type: list
  elements: str
  sample: ["Pulled docker.io/overhangio/openedx:22.0.3"]
diff:
  description: Tags with the id (built, pulled) or digest (pushed) before and after.
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
    secrets = platform.secrets + masking.texts(params["build_args"])
    _module.protect(module, secrets)
    order = image_states.Order(
        state=params["state"],
        logins=registry.Credentials(params["registries"]),
        options=build.Options(build.texts_of(params["build_args"]), {}, params["no_cache"], params["registry_cache"], params["force"]),
        parallel=image_states.PARALLEL[params["state"]] if params["parallel"] is None else params["parallel"],
        force=params["force"],
        check=module.check_mode,
        logs=_module.logs(module, places, secrets),
        pins=params["pins"],
    )
    chosen = image_list.select(image_states.LISTS[params["state"]](platform), params["names"])
    return image_states.bring(platform, chosen, order)


if __name__ == "__main__":
    _module.run(image, SPEC, empty=dict(images=[]), needs_engine=True)
