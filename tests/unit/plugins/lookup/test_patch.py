# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleError

CONFIG = {"MOUNTS": [], "LMS_HOST": "lms.my.org", "CMS_HOST": "studio.my.org", "RUN_LMS": True, "MYSQL_ROOT_PASSWORD": "********"}


def plugin(name, enabled=True, **patches):
    return {"name": name, "api": "v0", "enabled": enabled, "patches": patches, "error": None}


def registered(noun, value):
    """A result as a task registers it."""
    return {"changed": False, "failed": False, "actions": [], noun: value}


@pytest.fixture
def patch(look_up):
    """Renders patches of the given plugins, with CONFIG and more settings."""

    def render(plugins, *names, config=None, **options):
        settings = dict(CONFIG, **(config or {}))
        return look_up("patch", *names, plugins=registered("plugins", plugins), config=registered("config", settings), **options)

    return render


def test_texts_are_rendered_and_joined_in_upstreams_order(patch):
    plugins = [
        plugin("zeta", caddyfile=["z {{ LMS_HOST }}\n"]),
        plugin("alpha", caddyfile=["a1\n\n", "a2\r\n"]),
        plugin("beta", caddyfile=["never"], enabled=False),
    ]
    assert patch(plugins, "caddyfile") == ["a1\n\na2\nz lms.my.org"]


def test_order_that_plugin_info_tells(look_up):
    """Priorities go across plugins; what it does not tell comes last, by name."""
    plugins = [plugin("a", x=["a1", "a2", "a3"], y=["a"]), plugin("b", x=["b1"], y=["b"]), plugin("c", x=["c1"])]
    result = dict(registered("plugins", plugins), patch_order={"x": ["b", "a", "c", "a"], "z": ["c"]})
    assert look_up("patch", "x", "y", plugins=result, config=CONFIG) == ["b1\na1\nc1\na2\na3", "a\nb"]


def test_separator_and_suffix(patch):
    plugins = [plugin("a", x=["1", "2"]), plugin("b", x=[""], y=[""])]
    assert patch(plugins, "x", separator=", ", suffix=";") == ["1, 2, ;"]
    assert patch(plugins, "y", suffix=";") == [""]


def test_several_names_give_several_texts(patch):
    plugins = [plugin("a", x=["1"], y=["2"])]
    assert patch(plugins, "x", "nobody-adds-here", "y") == ["1", "", "2"]
    assert patch(plugins, ["y", "x"]) == ["2", "1"]
    assert patch(plugins) == []


def test_patch_in_a_patch(patch):
    plugins = [plugin("a", outer=['<{{ patch("inner", separator="|", suffix="!") }}>']), plugin("b", inner=["1", "{{ RUN_LMS }}"])]
    assert patch(plugins, "outer") == ["<1|True!>"]


@pytest.mark.parametrize("text", ['{{ patch("x") }}', '{{ patch("y") }}'])
def test_patch_without_end(patch, text):
    with pytest.raises(AnsibleError, match="Endless recursion in patch '.' of plugin 'p'"):
        patch([plugin("p", x=[text], y=['{{ patch("x") }}'])], "x")


def test_tutors_filters_and_functions(patch):
    text = """
    {{ LMS_HOST|common_domain(CMS_HOST) }} {{ LMS_HOST|reverse_host }} {{ [("lms", RUN_LMS), ("x", False)]|list_if }}
    {{ 8|random_string|length }} {{ iter_values_named(suffix="_HOST")|list|join("+") }} {{ 65537|long_to_base64 }}
    """
    assert patch([plugin("p", x=[text])], "x")[0].split() == [
        *("my.org", "org.my.lms", '["lms"]'),
        *("8", "lms.my.org+studio.my.org", "AQAB"),
    ]


def test_version_of_tutor(look_up):
    plugins = [plugin("p", x=["{{ TUTOR_VERSION }} {{ uid_master_hash is defined }}"])]
    config = dict(registered("config", {}), release="22.0.3")
    assert look_up("patch", "x", plugins=plugins, config=config) == ["22.0.3 False"]
    told = dict(config, variables={"HOST_USER_ID": 1000, "TUTOR_APP": "tutor", "TUTOR_VERSION": "22.0.3-main"})
    plugins = [plugin("p", x=["{{ HOST_USER_ID }} {{ TUTOR_APP }} {{ TUTOR_VERSION }}"])]
    assert look_up("patch", "x", plugins=plugins, config=told) == ["1000 tutor 22.0.3-main"]
    with pytest.raises(AnsibleError, match="'TOLD' is undefined"):
        look_up("patch", "x", plugins=[plugin("p", x=["{{ TOLD }}"])], config=dict(config, variables={"TOLD": "********"}))
    with pytest.raises(AnsibleError, match="template filter 'uuid' in patch 'x' of plugin 'p' exists only on the host"):
        look_up("patch", "x", plugins=[plugin("p", x=["{{ 4|uuid }}"])], config=dict(config, release="18.2.2"))


def test_bare_list_and_dict_of_the_results(look_up):
    assert look_up("patch", "x", plugins=[plugin("p", x=["{{ LMS_HOST }}"])], config=CONFIG) == ["lms.my.org"]


def test_results_from_variables(look_up, returned, trusted):
    variables = {
        "tutor_plugin_info": returned(registered("plugins", [plugin("p", x=["{{ LMS_HOST }}"])])),
        "tutor_config_info": trusted("{{ elsewhere }}"),
        "elsewhere": returned(registered("config", CONFIG)),
    }
    assert look_up("patch", "x", variables=variables) == ["lms.my.org"]


def test_result_is_not_templated_again(template, returned):
    plugins = returned([plugin("p", x=['{{ "{{" }} 1 + 1 }}'])])
    assert template("lookup('lectern.tutor.patch', 'x', plugins=p, config=c)", p=plugins, c=CONFIG) == "{{ 1 + 1 }}"


def test_settings_that_look_like_templates_stay_as_they_are(patch):
    assert patch([plugin("p", x=["{{ TEXT }}"])], "x", config={"TEXT": "{{ LMS_HOST }}"}) == ["{{ LMS_HOST }}"]


def test_result_is_a_plain_text(patch):
    assert {part.__class__ for part in patch([plugin("p", x=["{{ LMS_HOST }}"])], "x")} == {str}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\n{{ NOT_THERE }}", r"Undefined setting in patch 'x' of plugin 'p',? line 2: 'NOT_THERE' is undefined"),
        ("{{ LMS_HOST.port }}", "Undefined setting in patch 'x' of plugin 'p'.* has no attribute 'port'"),
        ("a\n{% if %}", "Jinja syntax error in patch 'x' of plugin 'p', line 2: Expected an expression"),
        ("{{ 1|mine }}", "The template filter 'mine' in patch 'x' of plugin 'p' exists only on the host"),
        ("{% if RUN_LMS %}{{ 1|mine }}{% endif %}", "The template filter 'mine' in patch 'x' of plugin 'p' exists only on the host"),
        ("{{ 'p'|walk_templates|list }}", "The template filter 'walk_templates' in patch 'x' of plugin 'p' exists only on the host"),
        ("{{ iter_mounts(MOUNTS, 'lms') }}", "The template variable 'iter_mounts' in patch 'x' of plugin 'p' exists only on the host"),
        ("{{ 1 is mine }}", "The template test 'mine' in patch 'x' of plugin 'p' exists only on the host"),
        ("{{ iter_mfes() }}", "The template variable 'iter_mfes' in patch 'x' of plugin 'p' exists only on the host"),
        ("{{ HOST_USER_ID }}", "The template variable 'HOST_USER_ID' in patch 'x' of plugin 'p' exists only on the host"),
        ("{% include 'p/apps/y' %}", "The template 'p/apps/y' in patch 'x' of plugin 'p' exists only on the host"),
        ("{{ 1 // 0 }}", "ZeroDivisionError in patch 'x' of plugin 'p'"),
        ("{{ ''.__class__ }}", "SecurityError in patch 'x' of plugin 'p'"),
        ("{{ 1 }}\n{{ MYSQL_ROOT_PASSWORD }}", "The setting 'MYSQL_ROOT_PASSWORD' in patch 'x' of plugin 'p' is masked"),
    ],
)
def test_error_names_patch_and_plugin(patch, text, message):
    with pytest.raises(AnsibleError, match=message):
        patch([plugin("p", x=[text])], "x")


def test_masked_setting_tells_what_to_do(patch):
    with pytest.raises(AnsibleError, match="register lectern.tutor.config_info with 'reveal: true' and 'no_log: true'"):
        patch([plugin("p", x=["{{ MYSQL_ROOT_PASSWORD }}"])], "x")


def test_error_in_a_patch_in_a_patch_names_the_inner_one(patch):
    with pytest.raises(AnsibleError, match="Undefined setting in patch 'inner' of plugin 'b'.*'NOT_THERE'"):
        patch([plugin("a", outer=['{{ patch("inner") }}']), plugin("b", inner=["{{ NOT_THERE }}"])], "outer")


@pytest.mark.parametrize(
    ("plugins", "message"),
    [
        ("text", "'plugins' is a list, not str: pass what lectern.tutor.plugin_info returned"),
        ({"other": 1}, "'plugins' is a list, not dict"),
        (["p"], "'plugins' is a list of plugins, each with a name, not str"),
        ([{"patches": {}}], "'plugins' is a list of plugins, each with a name, not dict"),
        ([plugin("p", x="text")], "Patch 'x' of plugin 'p' is 'text': expected a list of texts"),
        ([plugin("p", x=[1])], "Patch 'x' of plugin 'p' is [1]: expected a list of texts"),
        ([dict(plugin("p"), patches=["x"])], "'plugins' is a list of plugins, each with a dict of patches, not list"),
        ([dict(plugin("p"), error="p.py line 3: oops")], "The enabled plugin 'p' is broken: p.py line 3: oops"),
        ({"changed": False, "skipped": True}, "lectern.tutor.plugin_info was skipped or failed: its result holds no 'plugins'"),
    ],
)
def test_wrong_plugins(look_up, plugins, message):
    with pytest.raises(AnsibleError, match=re.escape(message)):
        look_up("patch", "x", plugins=plugins, config=CONFIG)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (["LMS_HOST"], "'config' is a dict of settings, not list: pass what lectern.tutor.config_info returned"),
        (registered("config", "text"), "'config' is a dict of settings, not str"),
        ({"failed": True, "msg": "no"}, "lectern.tutor.config_info was skipped or failed: its result holds no 'config'"),
    ],
)
def test_wrong_config(look_up, config, message):
    with pytest.raises(AnsibleError, match=re.escape(message)):
        look_up("patch", "x", plugins=[], config=config)


def test_broken_plugin_that_is_not_enabled_does_no_harm(patch):
    broken = dict(plugin("broken", enabled=False), patches=None, error="no module named x")
    assert patch([broken, plugin("p", x=["1"])], "x") == ["1"]


def test_nothing_registered(look_up):
    with pytest.raises(AnsibleError, match="Pass 'config', the result of lectern.tutor.config_info, or register it as tutor_config_info"):
        look_up("patch", "x", plugins=[])
    with pytest.raises(AnsibleError, match="Pass 'plugins', the result of lectern.tutor.plugin_info, or register it as tutor_plugin_info"):
        look_up("patch", "x", config={})


def test_name_that_is_no_text(patch):
    with pytest.raises(AnsibleError, match="Expected a name, not the int 5"):
        patch([], 5)


def test_unknown_option(patch):
    with pytest.raises(AnsibleError, match="Unknown option 'seperator': the options are .*separator"):
        patch([], "x", seperator=",")


def test_undefined_variable_stays_one(template):
    with pytest.raises(AnsibleError, match="'nowhere' is undefined"):
        template("lookup('lectern.tutor.patch', 'x', plugins=nowhere, config={})")


RENDERED = dict(
    registered("config", CONFIG),
    patches={"x": "1\n2", "none": "", "hidden": "a ********", "stars": "/********/"},
    patch_texts={"x": ["1", "2"], "none": [], "hidden": ["a ********"], "stars": ["/********/"]},
    masked_patches=["hidden"],
    patch_errors={"broken": "Undefined setting in patch 'broken' of plugin 'p'."},
)


def test_what_the_host_rendered_is_taken(look_up):
    """Without plugin_info, and instead of what the controller would make of it."""
    plugins = [plugin("p", x=["other {{ iter_mfes() }}"], y=["<{{ patch('x', '|') }}>"])]
    assert look_up("patch", "x", "none", "stars", config=RENDERED) == ["1\n2", "", "/********/"]
    assert look_up("patch", "x", "none", config=RENDERED, separator=", ", suffix=";") == ["1, 2;", ""]
    assert look_up("patch", "y", "x", config=RENDERED, plugins=plugins) == ["<1|2>", "1\n2"]
    with pytest.raises(AnsibleError, match="Pass 'plugins'"):
        look_up("patch", "x", "y", config=RENDERED)


def test_what_the_host_could_not_render(look_up):
    with pytest.raises(AnsibleError, match="Undefined setting in patch 'broken' of plugin 'p'"):
        look_up("patch", "broken", config=RENDERED)
    with pytest.raises(AnsibleError, match="The patch 'hidden' holds secrets that are masked: to use it, register .* 'reveal: true'"):
        look_up("patch", "hidden", config=RENDERED)


def test_texts_without_their_parts(look_up):
    """A result that somebody put together: another separator needs the parts, so the controller renders."""
    config = {"config": CONFIG, "patches": {"x": "from the host", "hidden": "********"}}
    assert look_up("patch", "x", config=config, suffix="!") == ["from the host!"]
    assert look_up("patch", "x", config=config, plugins=[plugin("p", x=["1", "2"])], separator="+") == ["1+2"]
    with pytest.raises(AnsibleError, match="holds secrets that are masked"):
        look_up("patch", "hidden", config=config)
    with pytest.raises(AnsibleError, match="texts of patches, not list"):
        look_up("patch", "x", config=dict(config, patch_texts={"x": [1]}))


def test_typed_settings(look_up):
    """What JSON lacks is as it is in Tutor; what only the host has is refused, and so is what is masked."""
    typed = {
        "FIELDS": [{"tuple": ["course", "********"]}],
        "LEVELS": {"dict": [[1, "one"], [{"date": "2026-01-31"}, "two"]]},
        "BYTES": {"bytes": "a********"},
        "ODD": {"other": "a Python object (range)"},
    }
    config = {"FIELDS": [["course", "********"]], "LEVELS": {"1": "one", "2026-01-31": "two"}, "BYTES": "b'a********'", "ODD": "range(3)"}
    result = dict(registered("config", dict(CONFIG, **config)), typed=typed)

    def render(text):
        return look_up("patch", "x", config=result, plugins=[plugin("p", x=[text])])[0]

    assert render("{{ LEVELS }} {{ FIELDS[0][0] }}") == "{1: 'one', datetime.date(2026, 1, 31): 'two'} course"
    for text in ("{{ FIELDS }}", "{{ FIELDS[0][1] }}", "{{ BYTES }}"):
        with pytest.raises(AnsibleError, match="in patch 'x' of plugin 'p' is masked"):
            render(text)
    for text in ("{{ ODD }}", "{{ ODD|tojson }}"):
        with pytest.raises(
            AnsibleError, match=r"'ODD' in .* holds a Python object \(range\), which .*: have lectern.tutor.config_info render"
        ):
            render(text)
    with pytest.raises(AnsibleError, match="'config' is what config_info returned, not dict"):
        look_up("patch", "x", config=dict(result, typed={"ODD": {"spaceship": 1}}), plugins=[])


def test_patches_that_plugin_info_masked(look_up):
    """Their texts hold a login: nothing is rendered with the mask in its place."""
    masked = dict(plugin("p", x=["get https://********@h/"], y=["/********/"], z=["{{ patch('x') }}"]), masked_patches=["x"])
    assert look_up("patch", "y", plugins=[masked], config=CONFIG) == ["/********/"]
    for name in ("x", "z"):
        with pytest.raises(AnsibleError, match="The patch 'x' holds secrets that are masked: .* 'reveal: true'.* 'patches: .all.'"):
            look_up("patch", name, plugins=[masked], config=CONFIG)
    off = dict(masked, enabled=False)
    assert look_up("patch", "x", plugins=[off, plugin("q", x=["1"])], config=CONFIG) == ["1"]
