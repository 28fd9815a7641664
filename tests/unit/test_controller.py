# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller as code: surveys against the roles, and configure.yml against the options of awx.awx. tests/awx runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

CHECKOUT = Path(__file__).resolve().parents[2]
CONTROLLER = CHECKOUT / "extensions/controller"
SURVEYS = sorted(CONTROLLER.glob("surveys/*.json"))
TYPES = {"text", "textarea", "integer", "float", "multiplechoice", "multiselect"}  # and not "password"
each_survey = pytest.mark.parametrize("path", SURVEYS, ids=lambda path: path.name)

yaml.SafeLoader.add_constructor("!unsafe", yaml.SafeLoader.construct_yaml_str)


def data(name: str) -> Any:
    (value,) = yaml.safe_load((CONTROLLER / f"vars/{name}.yml").read_text()).values()
    return value


TEMPLATES = data("job_templates")


def template_of(survey: Path) -> dict[str, Any]:
    (found,) = [template for template in TEMPLATES if template.get("survey") == survey.name]
    return found


def options_of(survey: Path) -> dict[str, dict[str, Any]]:
    """The options of all roles that a survey's playbook runs. Those that the template's own extra variables name are options inside
    of one of these."""
    template = template_of(survey)
    playbook, found = template["playbook"], {}
    for name, value in template.get("extra_vars", {}).items():
        inner = options_of_playbook(playbook)[name]["options"]
        named = {re.search(r"{{ (\w+)", text)[1]: key for item in value for key, text in item.items()}
        found.update({variable: inner[key] for variable, key in named.items()})
    return {**options_of_playbook(playbook), **found}


def options_of_playbook(playbook: str) -> dict[str, dict[str, Any]]:
    roles = set(re.findall(r"lectern\.tutor\.(\w+)", (CHECKOUT / "playbooks" / playbook).read_text()))
    specs = [yaml.safe_load((CHECKOUT / f"roles/{role}/meta/argument_specs.yml").read_text())["argument_specs"] for role in roles]
    return {name: option for spec in specs for entry in spec.values() for name, option in entry.get("options", {}).items()}


def questions(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text())["spec"]


def converted(option: dict[str, Any], answer: Any) -> Any:
    """An answer as the role's argument_specs take it; fails where they refuse it."""
    known = {key: value for key, value in option.items() if key in ("type", "elements", "choices")}
    result = ArgumentSpecValidator({"answer": known}).validate({"answer": answer})
    assert not result.error_messages
    return result.validated_parameters["answer"]


@each_survey
def test_survey_has_the_format_of_awx(path: Path) -> None:
    survey = json.loads(path.read_text())
    assert set(survey) == {"name", "description", "spec"}
    keys = {"question_name", "question_description", "required", "type", "variable", "min", "max", "default", "choices"}
    assert [question for question in survey["spec"] if set(question) != keys or question["type"] not in TYPES] == []
    assert len({question["variable"] for question in survey["spec"]}) == len(survey["spec"])


@each_survey
def test_answers_are_options_of_the_roles(path: Path) -> None:
    options = options_of(path)
    for question in questions(path):
        assert question["variable"] in options, "no role of this playbook knows it"
        assert question["question_name"] and question["question_description"]


@each_survey
def test_defaults_are_those_of_the_roles(path: Path) -> None:
    options = options_of(path)
    for question in questions(path):
        option = options[question["variable"]]
        if question["default"] == "":
            assert question["required"] or option.get("default") in (None, [])
        else:
            assert converted(option, question["default"]) == option.get("default", False)


@each_survey
def test_choices_are_taken_by_the_roles(path: Path) -> None:
    options = options_of(path)
    for question in questions(path):
        if question["type"] == "multiplechoice":
            option = options[question["variable"]]
            taken = {converted(option, choice) for choice in question["choices"]}
            assert taken == set(option.get("choices", taken)) and len(taken) == len(question["choices"])
            assert option["type"] != "bool" or taken == {True, False}
        if question["type"] == "text":
            names = options[question["variable"]]["type"] == "list"
            assert converted(options[question["variable"]], "mysql,lms") == (["mysql", "lms"] if names else "mysql,lms")


@each_survey
def test_what_is_not_answered_is_left_out(path: Path) -> None:
    """AWX passes an empty text on where its length may be zero, and ansible-core 2.19 reads null, which no option takes."""
    for question in questions(path):
        if question["type"] in ("text", "textarea"):
            assert question["required"] or question["min"] >= 1
        else:
            assert question["required"] or question["default"] == ""


def test_every_playbook_of_a_template_is_in_the_example() -> None:
    for template in TEMPLATES:
        assert (CHECKOUT / "examples/site" / template["playbook"]).exists()
        assert (CHECKOUT / "playbooks" / template["playbook"]).exists()
        assert "survey" not in template or (CONTROLLER / "surveys" / template["survey"]).exists()


def test_secrets_are_secret_and_go_to_the_environment_alone() -> None:
    example = (CHECKOUT / "examples/site/inventory/group_vars/tutor/main.yml").read_text()
    for credential in data("credential_types"):
        fields = {field["id"]: field for field in credential["inputs"]["fields"]}
        assert set(credential["inputs"]["required"]) == set(fields)
        assert [name for name, field in fields.items() if "password" in name and not field.get("secret")] == []
        assert set(credential["injectors"]) == {"env"}
        assert {text.strip("{ }") for text in credential["injectors"]["env"].values()} == set(fields)
        assert [name for name in credential["injectors"]["env"] if name not in example] == []


TASKS = yaml.safe_load((CONTROLLER / "configure.yml").read_text())[0]["tasks"]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["name"])
def test_options_are_those_of_the_modules(task: dict[str, Any]) -> None:
    (name,) = [key for key in task if key.startswith("awx.awx.")]
    source = CHECKOUT / f".build/collections/ansible_collections/awx/awx/plugins/modules/{name.split('.')[-1]}.py"
    documentation = re.search(r"^DOCUMENTATION = r?(\"{3}|'{3})(.*?)\1", source.read_text(), re.DOTALL | re.MULTILINE)[2]
    options = yaml.safe_load(documentation)["options"]
    assert set(task[name]) <= set(options)
    assert {key for key, option in options.items() if option.get("required")} <= set(task[name])
