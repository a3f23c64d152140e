"""Specification of addons/amp/resolve.py: whom a request of AMP's goes to."""

from dataclasses import replace
from typing import Any

import pytest

from addons.amp.catalogue import BY_ID, FEBRUARY, LEGACY_HELPERS, OBSERVED, Entity, Observed, Signature
from addons.amp.hints import AmpHints
from addons.amp.plan import AmpPlan, Helper, Legacy, RawRoute, Routing1
from addons.amp.resolve import AmpDecision, resolve_amp
from addons.amp.selectors import Selector, pattern
from addons.core.model import DialectName
from addons.core.plan import Model, Plan, Provider

CLAUDE = DialectName.ANTHROPIC
HAIKU, OPUS, FLASH = "claude-haiku-4-5-20251001", "claude-opus-4-6", "gemini-3-flash-preview"
NAMES = ("a", "b", "c", "d")


def provider(name: str, *models: str) -> Provider:
    return Provider(name, name, (CLAUDE,), {CLAUDE: f"http://{name}/v1/messages"}, tuple(map(Model, models)))


PLAN = Plan(tuple(provider(name, "m") for name in NAMES), default_model="d/m")
LOCAL = replace(PLAN, providers=(*PLAN.providers, provider("anthropic", OPUS), provider("x", OPUS, "claude-haiku-4-5")))
NATIVE = AmpHints(native=True)


def decided(model: str, hints: AmpHints = NATIVE, plan: Plan = PLAN, schema: Any = "routes", **amp: Any) -> AmpDecision:
    return resolve_amp(AmpPlan(schema=schema, **amp), plan, hints, model, CLAUDE)


def led(model: str, hints: AmpHints = NATIVE, plan: Plan = PLAN, schema: Any = "routes", **amp: Any) -> tuple[str, str]:
    found = decided(model, hints, plan, schema, **amp)
    return found.matched_by, found.matched_ref


def of(agent: str | None = None, mode: str | None = None, **more: Any) -> AmpHints:
    return AmpHints(mode, agent, native=True, **more)


def observed_hints(row: Observed) -> AmpHints:
    """As that version tells of itself: the older one names its mode, the newer one its version."""
    entity = BY_ID[row.entity]
    mode = None
    if row.version == FEBRUARY:
        mode = entity.id if entity.kind == "mode" else "smart"
    agent = None if entity.kind == "mode" else entity.id
    return of(agent, mode, main=agent is None, version=row.version)


@pytest.mark.parametrize("row", OBSERVED, ids=lambda row: f"{row.version}-{row.entity}-{row.model}")
@pytest.mark.parametrize("prefix", ["", "vendor/"])
def test_every_observed_request_finds_its_entity_and_its_route(row: Observed, prefix: str) -> None:
    routes = {name: "a/m" if name == row.entity else "b/m" for name in BY_ID}
    found = decided(prefix + row.model, observed_hints(row), routes=routes)
    assert (found.entity, found.matched_by, found.matched_ref) == (row.entity, f"entity {row.entity}", "a/m")


def test_rush_and_title_have_one_model_and_two_routes() -> None:
    routes = {"rush": "a/m", "title": "b/m"}
    assert led(HAIKU, of("title", "rush"), routes=routes) == ("entity title", "b/m")
    assert led(HAIKU, of(mode="rush"), routes=routes) == ("entity rush", "a/m")


def test_what_a_request_says_comes_before_its_model() -> None:
    assert led("gpt-5.4", of("search"), routes={"search": "a/m", "oracle": "b/m"}) == ("entity search", "a/m")


@pytest.mark.parametrize(
    ("entity", "like"), [("large", "smart"), ("free", "rush"), ("read-thread", "search"), ("frontier", "deep")]
)
def test_an_entity_without_a_route_takes_that_of_the_one_it_is_like(entity: str, like: str) -> None:
    hints = of(entity) if BY_ID[entity].kind != "mode" else of(mode=entity)
    found = decided("x", hints, routes={like: "a/m"})
    assert (found.entity, found.matched_by) == (entity, f"entity {like}")


def test_a_part_of_the_work_is_done_by_the_modes_model() -> None:
    assert led(OPUS, of("task"), routes={"smart": "a/m"}) == ("entity smart", "a/m")
    assert led(OPUS, of("task", "deep"), routes={"smart": "a/m", "deep": "b/m"}) == ("entity deep", "b/m")
    assert led(OPUS, of("task"), routes={"smart": "a/m", "task": "b/m"}) == ("entity task", "b/m")


def test_a_helper_without_a_route_does_not_take_that_of_the_mode_with_its_model() -> None:
    assert led(HAIKU, of("title"), routes={"rush": "a/m"}) == ("default-route", "default")


def test_the_signature_counts_where_no_entity_has_a_route() -> None:
    routes = {"@anthropic-haiku-shared": "a/m"}
    assert led(HAIKU, of("title"), routes=routes) == ("signature @anthropic-haiku-shared", "a/m")
    assert led("anthropic/claude-haiku-4-5", routes=routes) == ("signature @anthropic-haiku-shared", "a/m")


def test_without_a_word_the_model_tells() -> None:
    assert led("anthropic/claude-opus-4-6", routes={"smart": "a/m"}) == ("entity smart", "a/m")
    assert led("openai/gpt-5.3-codex", routes={"deep": "a/m"}) == ("entity deep", "a/m")


def test_a_model_without_a_kind_is_told_by_what_was_seen() -> None:
    assert led("zai-glm-4.7", routes={"search": "a/m"}) == ("entity search", "a/m")


class TestUnanimity:
    def test_entities_that_agree_decide(self) -> None:
        routes = {"rush": "a/m", "title": "a/m"}
        assert led(HAIKU, routes=routes) == ("entity rush and title", "a/m")

    def test_entities_that_differ_do_not(self) -> None:
        found = decided(HAIKU, routes={"rush": "a/m", "title": "b/m"}, default_route="c/m")
        assert (found.matched_by, found.matched_ref, found.entity) == ("default-route", "c/m", None)
        assert any("ambiguous (rush -> a/m, title -> b/m)" in step for step in found.steps)

    def test_nor_does_one_whose_fellow_has_no_route(self) -> None:
        found = decided(HAIKU, routes={"rush": "a/m"}, default_route="c/m")
        assert found.matched_ref == "c/m"

    def test_a_signature_is_asked_after_entities_that_differ(self) -> None:
        routes = {"rush": "a/m", "title": "b/m", "@anthropic-haiku-shared": "c/m"}
        assert led(HAIKU, routes=routes) == ("signature @anthropic-haiku-shared", "c/m")

    def test_signatures_have_to_agree_too(self) -> None:
        kinds = (Signature("@one", (pattern("x*"),)), Signature("@two", (pattern("*y"),)))
        amp: dict[str, Any] = {"entities": (), "signatures": kinds, "on_ambiguous": "none"}
        assert led("xy", routes={"@one": "a/m", "@two": "a/m"}, **amp) == ("signature @one and @two", "a/m")
        found = decided("xy", routes={"@one": "a/m", "@two": "b/m"}, **amp)
        assert found.route is None and not found.upstream

    def test_the_ambiguous_and_the_unknown_have_actions_of_their_own(self) -> None:
        amp: dict[str, Any] = {"routes": {"rush": "a/m", "title": "b/m"}, "default_route": "c/m"}
        amp |= {"on_ambiguous": "default-model", "on_unknown": "default-route"}
        assert led(HAIKU, **amp) == ("default-model", "d/m")
        assert led("what", **amp) == ("default-route", "c/m")


class TestNames:
    def test_a_model_of_the_router_comes_before_a_raw_route(self) -> None:
        raw = (RawRoute(pattern("claude-*"), "a/m"),)
        assert led(OPUS, plan=LOCAL, raw_routes=raw) == ("local-model", OPUS)

    def test_unless_mappings_are_forced(self) -> None:
        raw = (RawRoute(pattern("claude-*"), "a/m"),)
        found = led(OPUS, plan=LOCAL, raw_routes=raw, forces_mappings=True)
        assert found == ("raw-model-route claude-*", "a/m")

    def test_the_provider_of_the_path_is_preferred(self) -> None:
        assert led(OPUS, of(provider="anthropic"), plan=LOCAL) == ("local-model", f"anthropic/{OPUS}")

    def test_the_provider_of_the_header_even_more(self) -> None:
        hints = of(provider="anthropic", override_provider="x")
        assert led(OPUS, hints, plan=LOCAL) == ("local-model", f"x/{OPUS}")

    def test_a_dated_name_finds_the_model_without_a_date(self) -> None:
        assert led(HAIKU, plan=LOCAL) == ("local-model", "claude-haiku-4-5")

    def test_the_first_raw_route_that_fits_counts(self) -> None:
        raw = (RawRoute(pattern("claude-*"), "a/m"), RawRoute(pattern("*"), "b/m"))
        assert led(OPUS, raw_routes=raw)[1] == "a/m"
        assert led("x", raw_routes=raw)[1] == "b/m"

    def test_a_raw_route_without_a_target_follows_its_source_then_the_defaults(self) -> None:
        raw = (RawRoute(pattern("x"), None, "smart"),)
        assert led("x", raw_routes=raw, routes={"smart": "a/m"})[1] == "a/m"
        assert led("x", raw_routes=raw, default_route="b/m")[1] == "b/m"
        assert led("x", raw_routes=raw)[1] == "d/m"

    def test_a_request_without_a_model_is_no_local_model(self) -> None:
        assert led("", on_unknown="upstream") == ("upstream", "")


class TestFallback:
    def test_without_an_action_the_default_route_answers(self) -> None:
        assert led("x", default_route="a/m") == ("default-route", "a/m")
        assert led("x") == ("default-route", "default")

    def test_the_default_model(self) -> None:
        assert led("x", on_unknown="default-model", default_route="a/m") == ("default-model", "d/m")

    def test_amps_own_server(self) -> None:
        found = decided("x", on_unknown="upstream", default_route="a/m")
        assert found.upstream and found.route is None and found.matched_by == "upstream"

    def test_nobody(self) -> None:
        found = decided("x", on_unknown="none", default_route="a/m")
        assert not found.upstream and found.route is None

    def test_a_default_that_is_not_there_leaves_it_to_amps_own_server(self) -> None:
        assert decided("x", plan=Plan()).upstream
        assert not decided("x", plan=Plan(), proxies=False).upstream

    def test_what_came_to_the_routers_own_paths_is_never_passed_on(self) -> None:
        assert not decided("x", AmpHints(mode="deep"), plan=Plan()).upstream

    def test_a_target_that_does_not_resolve_is_passed_over(self) -> None:
        routes = {"smart": "gone/m", "@anthropic-opus": "b/m"}
        found = decided(OPUS, routes=routes)
        assert found.matched_ref == "b/m"
        assert any("'gone/m' is passed over" in step for step in found.steps)


class TestOwnEntities:
    MINE = Entity("mine", "feature", matches=(Selector(family="opus"),))

    def test_an_entity_of_ones_own_is_told_by_its_models(self) -> None:
        entities = (self.MINE,)
        assert led(OPUS, of(mode="smart"), entities=entities, routes={"mine": "a/m"}) == ("entity mine", "a/m")

    def test_what_the_request_says_comes_first_all_the_same(self) -> None:
        routes = {"mine": "a/m", "smart": "b/m"}
        assert led(OPUS, of(mode="smart"), entities=(self.MINE,), routes=routes) == ("entity smart", "b/m")

    def test_a_mode_that_nobody_knows_can_have_a_route(self) -> None:
        assert led("x", of(mode="turbo"), routes={"turbo": "a/m"}) == ("entity turbo", "a/m")


class TestLegacy:
    HELPERS = tuple(Helper(name, patterns) for name, patterns in LEGACY_HELPERS.items())

    def legacy(self, **more: Any) -> dict[str, Any]:
        return {"schema": "legacy", "legacy": Legacy(**{"helpers": self.HELPERS, **more})}

    def test_a_helper_is_told_by_the_request_first(self) -> None:
        amp = self.legacy(subagents={"title": "a/m", "search": "b/m"})
        assert led(FLASH, of("title"), **amp) == ("subagent title", "a/m")

    def test_then_by_its_models(self) -> None:
        amp = self.legacy(subagents={"look-at": "b/m"})
        assert led(FLASH, **amp) == ("subagent look-at", "b/m")
        assert led(HAIKU, **self.legacy(subagents={"title": "a/m"})) == ("subagent title", "a/m")

    def test_the_agent_itself_is_no_helper(self) -> None:
        amp = self.legacy(subagents={"title": "a/m"})
        assert led(HAIKU, of(main=True), **amp) == ("default-route", "default")

    def test_models_of_the_router_come_before_mappings_unless_those_are_forced(self) -> None:
        amp = self.legacy(models=(RawRoute(pattern("claude-*"), "a/m"),))
        assert led(OPUS, plan=LOCAL, **amp) == ("local-model", OPUS)
        assert led(OPUS, plan=LOCAL, forces_mappings=True, **amp) == ("model-mapping claude-*", "a/m")
        assert led(OPUS, **amp) == ("model-mapping claude-*", "a/m")

    def test_the_default_comes_last(self) -> None:
        assert led("x", **self.legacy()) == ("default-route", "default")
        assert decided("x", plan=Plan(), **self.legacy()).upstream


class TestFirstRouter:
    """`ampRouting` of 1.x."""

    ALL = Routing1(
        agent_modes={("search", "smart"): "a/m"},
        modes={"smart": "b/m", "deep": "b/m"},
        agents={"search": "c/m", "title": "c/m"},
        applications={"cli execute mode": "d/m"},
        models=(RawRoute(pattern("gpt-*"), "a/m"),),
        fallback="b/m",
    )

    @pytest.mark.parametrize(
        ("model", "hints", "expected"),
        [
            (FLASH, of("search", "smart", application="CLI Execute Mode"), ("agentModeMap search/smart", "a/m")),
            (FLASH, of("search", "deep"), ("modeMap deep", "b/m")),
            (OPUS, of(main=True, version=FEBRUARY), ("modeMap smart", "b/m")),
            (HAIKU, of("title", application="CLI Execute Mode"), ("agentMap title", "c/m")),
            ("gpt-5.4", of(application="CLI Execute Mode"), ("applicationMap cli execute mode", "d/m")),
            ("openai/gpt-5.4", of("oracle"), ("modelMap gpt-*", "a/m")),
            ("other", of("oracle"), ("fallbackRoute", "b/m")),
        ],
    )
    def test_the_order_of_the_maps(self, model: str, hints: AmpHints, expected: tuple[str, str]) -> None:
        assert led(model, hints, schema="1.x", routing=self.ALL) == expected

    def test_what_is_left_goes_to_smart(self) -> None:
        assert led("x", schema="1.x") == ("smart", "smart")

    def test_and_to_amps_own_server_where_there_is_no_smart(self) -> None:
        assert decided("x", plan=Plan(), schema="1.x").upstream


def test_every_step_is_told() -> None:
    found = decided(HAIKU, of("title", why="set_title must be called"), routes={"title": "gone"}, default_route="a/m")
    assert found.steps == (
        "it is title: set_title must be called",
        "entity title: 'gone' is passed over: no model or alias is called 'gone'",
        "default-route: 'a/m'",
    )
