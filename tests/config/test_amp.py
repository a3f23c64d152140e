"""Specification of addons/config/amp.py and amp_nodes.py: the `amp` block in all its schemas, and `ampRouting`."""

import json
from typing import Any

import pytest

from addons.amp.catalogue import ENTITIES, SIGNATURES
from addons.amp.plan import AmpPlan
from addons.amp.selectors import Selector
from addons.config import ConfigProblem, Loaded, load

PROVIDER = {"id": "p", "baseUrl": "https://p.example", "format": "openai", "models": ["m", "n"]}


def loaded(**top: Any) -> Loaded:
    document = {"providers": [PROVIDER], "modelAliases": {"a": {"targets": ["p/m"]}}, **top}
    return load(None, {"LLM_ROUTER_CONFIG_JSON": json.dumps(document)})


def found(block: Any, **top: Any) -> AmpPlan:
    return loaded(amp=block, **top).plan.amp


def problems(block: Any) -> list[str]:
    with pytest.raises(ConfigProblem) as caught:
        loaded(amp=block)
    return caught.value.problems


WHOLE: dict[str, Any] = {
    "upstreamUrl": "https://amp.example",
    "upstreamApiKey": "secret-of-amp",
    "restrictManagementToLocalhost": True,
    "stripFeatures": ["x"],
    "forceModelMappings": True,
    "proxyWebSearchToUpstream": True,
    "preset": "builtin",
    "defaultRoute": "p/m",
    "routes": {"smart": "a", "@openai-gpt-base": "p/n"},
    "rawModelRoutes": [{"from": "gpt-*", "to": "p/m"}, {"from": "/x/i", "to": "", "sourceRouteKey": "finder"}],
    "fallback": {"onUnknown": "upstream", "onAmbiguous": "none", "proxyUpstream": False},
}


def _kebab(value: Any) -> Any:
    if not isinstance(value, dict):
        return [_kebab(item) for item in value] if isinstance(value, list) else value
    names = {"".join(f"-{char.lower()}" if char.isupper() else char for char in key): key for key in value}
    return {name: _kebab(value[key]) for name, key in names.items()}


@pytest.mark.parametrize("block", [WHOLE, _kebab(WHOLE)], ids=["camelCase", "kebab-case"])
@pytest.mark.parametrize("key", ["amp", "ampcode", "amp-code"])
def test_every_key_of_the_newer_schema(key: str, block: Any) -> None:
    result = loaded(**{key: block})
    amp, upstream = result.plan.amp, result.plan.amp_upstream
    assert (amp.schema, amp.default_route, amp.forces_mappings) == ("routes", "p/m", True)
    assert amp.routes == {"smart": "a", "@openai-gpt-base": "p/n"}
    assert [(raw.pattern.text, raw.to, raw.source) for raw in amp.raw_routes] == [
        ("gpt-*", "p/m", None),
        ("/x/i", None, "search"),
    ]
    assert (amp.on_unknown, amp.on_ambiguous, amp.proxies, amp.searches_upstream) == ("upstream", "none", False, True)
    assert upstream is not None and (upstream.url, upstream.key) == ("https://amp.example", "secret-of-amp")
    assert (upstream.restrict_to_localhost, upstream.strip_features) == (True, ("x",))
    assert result.warnings == ()


def test_a_key_of_amps_own_is_no_part_of_what_is_shown() -> None:
    """Promise 44."""
    assert "secret-of-amp" not in repr(loaded(amp=WHOLE).plan)


def test_without_a_block_the_built_in_preset_waits_for_requests() -> None:
    plan = loaded().plan
    assert (plan.amp, plan.amp_upstream) == (AmpPlan(legacy=plan.amp.legacy), None)
    assert (plan.amp.entities, plan.amp.signatures) == (ENTITIES, SIGNATURES)


@pytest.mark.parametrize(
    ("key", "name"),
    [("finder", "search"), ("Look At", "look-at"), ("titling", "title"), ("@Anthropic-Opus", "@anthropic-opus")],
)
def test_a_route_may_be_given_by_any_name_of_its_entity(key: str, name: str) -> None:
    assert found({"routes": {key: "a"}}).routes == {name: "a"}


def test_a_route_may_be_an_object_and_null_is_none() -> None:
    assert found({"routes": {"smart": {"ref": "p/m"}, "rush": None}}).routes == {"smart": "p/m"}


def test_a_route_of_nothing_that_is_known_is_told() -> None:
    (warning,) = loaded(amp={"routes": {"orcale": "a"}}).warnings
    assert warning.startswith("amp.routes.orcale: ") and "'oracle'" in warning


def test_without_the_preset_nothing_is_built_in() -> None:
    amp = found({"preset": "none", "overrides": {"entities": [{"id": "mine", "match": "x"}]}})
    assert [entity.id for entity in amp.entities] == ["mine"] and amp.signatures == ()


class TestOverrides:
    def entity(self, **said: Any) -> Any:
        amp = found({"overrides": {"entities": [{"id": "Finder", **said}]}})
        return next((entity for entity in amp.entities if entity.id == "search"), None)

    def test_what_is_said_is_merged_by_id(self) -> None:
        merged = self.entity(match="zai-*", type="feature", description="d", aliases=["looker"])
        assert (merged.kind, merged.description, merged.aliases) == ("feature", "d", ("looker",))
        assert merged.signatures == ("@google-gemini-flash-shared",)
        assert [match.text for match in merged.matches] == ["zai-*"]

    def test_what_is_not_said_stays(self) -> None:
        assert self.entity() == next(entity for entity in ENTITIES if entity.id == "search")

    def test_a_built_in_one_can_be_switched_off(self) -> None:
        assert self.entity(enabled=False) is None

    def test_signatures_likewise(self) -> None:
        own = {"id": "@mine", "match": ["x", "/y/"], "route": "a"}
        off = {"id": "@anthropic-opus", "enabled": False}
        changed = {"id": "@anthropic-sonnet", "match": [{"family": "sonnet"}]}
        amp = found({"overrides": {"signatures": [own, off, changed]}})
        kinds = {signature.id: signature for signature in amp.signatures}
        assert "@anthropic-opus" not in kinds and amp.routes == {"@mine": "a"}
        assert len(kinds["@mine"].matches) == 2
        assert kinds["@anthropic-sonnet"].matches == (Selector(family="sonnet"),)

    def test_every_field_of_a_selector(self) -> None:
        said = {
            "vendor": "OpenAI", "family": "gpt", "version": 5.4, "versionPrefix": 5, "variant": "codex",
            "variant-prefix": "co", "variantAbsent": False, "modifiers": "preview",
        }  # fmt: skip
        amp = found({"overrides": {"entities": [{"id": "x", "match": said}]}})
        expected = Selector("openai", "gpt", "5.4", "5", "codex", "co", False, frozenset({"preview"}))
        assert amp.entities[-1].matches == (expected,)

    def test_the_routes_come_before_the_route_of_an_override(self) -> None:
        entities = [{"id": "smart", "route": "p/m"}, {"id": "rush", "route": "p/m"}]
        amp = found({"routes": {"smart": "p/n"}, "overrides": {"entities": entities}})
        assert amp.routes == {"smart": "p/n", "rush": "p/m"}


LEGACY: dict[str, Any] = {
    "modelMappings": [{"from": "claude-*", "to": "p/m"}],
    "subagentMappings": {"oracle": "p/n", "lookat": "a"},
    "subagentDefinitions": [{"id": "oracle", "patterns": ["o3"]}, {"id": "mine", "patterns": "x*"}],
}


class TestLegacy:
    def test_every_key(self) -> None:
        amp = found(LEGACY)
        assert amp.schema == "legacy" and amp.legacy.subagents == {"oracle": "p/n", "look-at": "a"}
        assert [(each.pattern.text, each.to) for each in amp.legacy.models] == [("claude-*", "p/m")]
        helpers = {helper.id: [each.text for each in helper.patterns] for helper in amp.legacy.helpers}
        assert helpers["oracle"] == ["o3"] and helpers["mine"] == ["x*"] and "librarian" in helpers

    def test_mappings_may_be_an_object(self) -> None:
        amp = found({"modelMappings": {"claude-*": "p/m"}})
        assert [(each.pattern.text, each.to) for each in amp.legacy.models] == [("claude-*", "p/m")]

    @pytest.mark.parametrize(
        "newer",
        [
            {"preset": "builtin"},
            {"defaultRoute": "a"},
            {"routes": {}},
            {"rawModelRoutes": []},
            {"overrides": {}},
            {"fallback": {}},
        ],
        ids=lambda newer: next(iter(newer)),
    )
    def test_any_key_of_the_newer_schema_ends_it(self, newer: dict[str, Any]) -> None:
        result = loaded(amp={**LEGACY, **newer})
        assert result.plan.amp.schema == "routes"
        assert "legacy mappings are not used" in "\n".join(result.warnings)

    def test_what_leads_nowhere_is_a_warning(self) -> None:
        block = {"modelMappings": [{"from": "x", "to": "gone"}], "subagentMappings": {"oracle": "gone/m"}}
        paths = [warning.partition(": ")[0] for warning in loaded(amp=block).warnings]
        assert paths == ["amp.subagentMappings.oracle", "amp.modelMappings[0].to"]


ROUTING: dict[str, Any] = {
    "agentModeMap": {"finder": {"smart": "p/m"}, "oracle:deep": "p/n"},
    "modeMap": {"smart": "a"},
    "agentMap": {"finder": "p/m"},
    "applicationMap": {"CLI Execute Mode": "p/n"},
    "modelMap": {"gpt-*": "p/m"},
    "fallbackRoute": "a",
}


class TestFirstRouter:
    """`ampRouting` of 1.x."""

    @pytest.mark.parametrize(("key", "block"), [("ampRouting", ROUTING), ("amp-routing", _kebab(ROUTING))])
    def test_every_map(self, key: str, block: dict[str, Any]) -> None:
        block["applicationMap" if key == "ampRouting" else "application-map"] = ROUTING["applicationMap"]
        amp = loaded(**{key: block}).plan.amp
        assert amp.schema == "1.x"
        routing = amp.routing
        assert routing.agent_modes == {("search", "smart"): "p/m", ("oracle", "deep"): "p/n"}
        assert (routing.modes, routing.agents) == ({"smart": "a"}, {"search": "p/m"})
        assert routing.applications == {"cli execute mode": "p/n"}
        assert [(each.pattern.text, each.to) for each in routing.models] == [("gpt-*", "p/m")]
        assert routing.fallback == "a"

    def test_it_can_be_switched_off(self) -> None:
        assert loaded(ampRouting={**ROUTING, "enabled": False}).plan.amp.schema == "legacy"

    def test_it_serves_beside_what_is_said_of_amps_own_server(self) -> None:
        assert found({"upstreamUrl": "https://amp.example"}, ampRouting=ROUTING).schema == "1.x"

    def test_the_schema_in_use_is_an_older_one_only_where_something_is_said_in_it(self) -> None:
        assert found({"upstreamUrl": "https://amp.example"}).schema_in_use == "routes"
        assert found({"subagentMappings": {"oracle": "p/n"}}).schema_in_use == "legacy"
        assert found({}, ampRouting=ROUTING).schema_in_use == "1.x"

    def test_it_gives_way_to_the_routes_of_amp(self) -> None:
        result = loaded(amp={"routes": {"smart": "a"}}, ampRouting=ROUTING)
        assert result.plan.amp.schema == "routes" and "ampRouting: not used" in "\n".join(result.warnings)

    def test_what_leads_nowhere_is_a_warning(self) -> None:
        block = {"modeMap": {"smart": "gone"}, "fallbackRoute": "gone", "agentModeMap": {"a": {"b": "gone"}}}
        paths = [warning.partition(": ")[0] for warning in loaded(ampRouting=block).warnings]
        assert paths == ["ampRouting.fallbackRoute", "ampRouting.modeMap.smart", "ampRouting.agentModeMap.a"]

    def test_an_agents_modes_are_an_object(self) -> None:
        with pytest.raises(ConfigProblem, match=r"ampRouting\.agentModeMap\.a: expected modes"):
            loaded(ampRouting={"agentModeMap": {"a": "p/m"}})


@pytest.mark.parametrize(
    ("block", "path"),
    [
        (3, "amp"),
        ({"routes": {"smart": "p/x"}}, "amp.routes.smart"),
        ({"routes": []}, "amp.routes"),
        ({"defaultRoute": "gone"}, "amp.defaultRoute"),
        ({"rawModelRoutes": [{"from": "x", "to": "gone"}]}, "amp.rawModelRoutes[0].to"),
        ({"rawModelRoutes": [{"to": "p/m"}]}, "amp.rawModelRoutes[0].from"),
        ({"rawModelRoutes": [{"from": "/(/"}]}, "amp.rawModelRoutes[0].from"),
        ({"overrides": {"entities": [{"id": "x", "route": "gone"}]}}, "amp.overrides.entities[0].route"),
        ({"overrides": {"signatures": [{"id": "@x", "route": "gone"}]}}, "amp.overrides.signatures[0].route"),
        ({"overrides": {"entities": [{"match": "x"}]}}, "amp.overrides.entities[0].id"),
        ({"preset": "other"}, "amp.preset"),
        ({"fallback": {"onUnknown": "guess"}}, "amp.fallback.onUnknown"),
        ({"fallback": {"onAmbiguous": "guess"}}, "amp.fallback.onAmbiguous"),
    ],
)
def test_what_is_wrong_is_told_by_its_path(block: Any, path: str) -> None:
    (problem,) = problems(block)
    assert problem.partition(": ")[0] == path


@pytest.mark.parametrize("ref", ["p/m", "m", "a", "alias:a", "default", "smart"])
def test_a_route_is_any_name_that_a_client_may_use(ref: str) -> None:
    assert found({"routes": {"smart": ref}}).routes == {"smart": ref}


def test_unknown_keys_are_told_and_those_about_searching_are_none() -> None:
    flat = {"braveApiKey": "k", "webSearchStrategy": "ordered"}
    (warning,) = loaded(amp={"rotues": {}, **flat}).warnings
    assert warning.startswith("amp.rotues: unknown key; perhaps 'routes' is meant")
