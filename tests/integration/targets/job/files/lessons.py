# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin with a job of two scripts, between which it works on the host."""

import os

import click
from tutor import config, hooks


@click.command(name="lessons-add", help="Adds a lesson.")
@click.option("-p", "--password", prompt=True, hide_input=True)
@click.option("--wait", is_flag=True)
@click.argument("title")
@click.pass_obj
def lessons_add(context, password, wait, title):
    host = config.load(context.root)["LMS_HOST"]
    waiting = "i=0; while [ ! -e /data/learnt ] && [ $i -lt 100 ]; do i=$((i + 1)); sleep 1; done" if wait else "true"
    yield "lms", f"echo 'with {password}'; echo '{title} of {host} at {{{{ LMS_HOST }}}}' >> /data/lessons; {waiting}"
    with open(os.path.join(context.root, "data", "job", "lessons"), encoding="utf-8") as stream:
        count = sum(" of " in line for line in stream)
    print(f"there are {count} lessons")
    yield "cms", f"echo 'number {count}' >> /data/lessons"


@hooks.Actions.DO_JOB.add()
def note(job, *_args, **options):
    with open(os.path.join(os.environ["TUTOR_ROOT"], "told"), "a", encoding="utf-8") as stream:
        stream.write(f"{job} {sorted(options)}\n")


hooks.Filters.CLI_DO_COMMANDS.add_item(lessons_add)
