"""The last AMP versions that call models from their user's machine, on providers of other makes: every mode, and every
helper that can be reached without a terminal.

`tests/clients/install amp-1770734955 amp-1777897475` installs them.
"""

import subprocess
from pathlib import Path

import pytest
from clients.amp import FILE, KEY, folder
from clients.amp_routed import UPSTREAM_KEY, Amp, model_of, routed
from clients.amp_script import ASKS_ALONE, BY_TOOL, HELPERS, PICTURE, PROMPT, REVIEW, SHOWN, TITLE
from clients.providers import CHAT, CLAUDE, GEMINI, Provider
from clients.script import SEEN, TOKEN

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

FEBRUARY, MAY = "1770734955", "1777897475"
PROVIDERS = (Provider(CHAT, "gpt-5.1"), Provider(CLAUDE, "claude-opus-4-8"), Provider(GEMINI, "gemini-3.8-flash"))
# the flag of a user whose inference is on AMP's server
MOVING = "thread-actors-tui"
# the helpers that the agent of a mode can send out, where it is not all of them
OFFERED = {
    (FEBRUARY, "deep"): {"read_thread", "web_search"},
    (MAY, "deep"): {"finder", "oracle", "librarian", "painter", "read_thread", "handoff", "web_search"},
}
# what the provider of AMP's own dialect refuses of AMP's requests for other models, and the router mends
MENDED = ("claude: `temperature` is deprecated", 'claude: "thinking.type.enabled" is not supported')


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: str(provider.dialect))
@pytest.mark.parametrize("mode", ["smart", "rush", "deep", "large"])
@pytest.mark.parametrize("version", [FEBRUARY, MAY])
async def test_every_mode_and_its_helpers_go_where_their_routes_say(
    version: str, mode: str, provider: Provider, tmp_path: Path
) -> None:
    async with routed(provider, tmp_path) as amp:
        ran = await amp.run(version, mode, PROMPT)

        offered = OFFERED.get((version, mode), set(BY_TOOL))
        helpers = [helper for helper in HELPERS if helper.tool in offered]
        assert ran.code == 0 and SEEN in ran.said, ran.said
        assert TOKEN.findall(ran.said) == [SHOWN, *(helper.report for helper in helpers if helper.tells)]
        entities = {helper.entity for helper in helpers if helper.entity}
        asked = {"agent": mode, "title": "title", **{entity: entity for entity in entities}}
        expected = {(who, model_of(provider, entity)) for who, entity in asked.items()}
        # a handoff begins a thread, whose agent may or may not be heard before AMP ends
        begun = ("next", model_of(provider, mode))
        assert {*amp.script.took, begun} == {*expected, begun}
        assert [each for each in amp.script.refusals if not each.startswith(MENDED)] == []
        assert_keys_are_kept_apart(amp)
        assert amp.fallen() == []
        assert any(TITLE in str(parameters) for _, parameters in amp.server.calls)
        # what was painted comes back to the agent as a picture
        assert any(PICTURE.encode() in received.body for received in amp.of_agent()) == ("painter" in entities)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: str(provider.dialect))
@pytest.mark.parametrize("version", [FEBRUARY, MAY])
async def test_a_review_goes_where_its_route_says(version: str, provider: Provider, repository: Path) -> None:
    """Its first steps bear no header of AMP's, and ask the model that titles are made by."""
    async with routed(provider, repository) as amp:
        ran = await amp.command(version, "review", REVIEW)

        assert ran.code == 0, ran.said
        assert TOKEN.findall(ran.said) == ["mock-summary-ok-8", "mock-review-ok-8"]
        asked = {"review": "review"} | ({"agent": "smart", "title": "title"} if version == MAY else {})
        assert set(amp.script.took) == {(who, model_of(provider, entity)) for who, entity in asked.items()}
        assert [each for each in amp.script.refusals if not each.startswith(MENDED)] == []
        assert amp.fallen() == []


@pytest.mark.parametrize(
    ("version", "model"),
    [
        (FEBRUARY, "xai:grok-code-fast-1"),
        (FEBRUARY, "fireworks:accounts/fireworks/models/glm-5"),
        (FEBRUARY, "groq:openai/gpt-oss-120b"),
        (FEBRUARY, "baseten:moonshotai/Kimi-K2.5"),
        (FEBRUARY, "moonshotai:kimi-k2-instruct-0905"),
        (MAY, "xai:grok-code-fast-1"),
    ],
)
async def test_the_paths_of_amps_other_providers_are_routed(version: str, model: str, tmp_path: Path) -> None:
    """In May nothing tells the mode, and the default route answers."""
    provider = Provider(CLAUDE, "claude-sonnet-4-5")
    async with routed(provider, tmp_path, defaultRoute=f"scripted/{model_of(provider, 'large')}", fallback={}) as amp:
        ran = await amp.command(version, "--mode", "smart", "-x", ASKS_ALONE, amp_internal_model=model)

        assert TOKEN.findall(ran.said) == [SHOWN], ran.said
        agent = model_of(provider, "smart" if version == FEBRUARY else "large")
        assert set(amp.script.took) == {("agent", agent), ("title", model_of(provider, "title"))}
        assert amp.script.refusals == [] and amp.fallen() == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The home of an AMP that works in a repository of git, whose one file has changed by then."""
    work = folder(tmp_path)
    work.mkdir()
    (work / FILE).write_text("before\n")
    for words in (("init", "--quiet", "."), ("add", FILE)):
        subprocess.run(["git", *words], cwd=work, check=True)
    author = {"user.name": "n", "user.email": "n@example.com", "commit.gpgsign": "false"}
    options = [word for name, value in author.items() for word in ("-c", f"{name}={value}")]
    subprocess.run(["git", *options, "commit", "--quiet", "-m", "one"], cwd=work, check=True)
    return tmp_path


def assert_keys_are_kept_apart(amp: Amp) -> None:
    """AMP's key goes to nobody, the key for AMP's server only there."""
    assert amp.server.keys == {f"Bearer {UPSTREAM_KEY}"}
    for received in amp.upstream.requests:
        sent = f"{received.target} {received.headers}"
        assert KEY not in sent and UPSTREAM_KEY not in sent


async def test_inference_stays_here_when_the_flag_that_moves_it_is_taken_away(tmp_path: Path) -> None:
    async with routed(PROVIDERS[0], tmp_path, features=["other", MOVING], stripFeatures=[MOVING]) as amp:
        ran = await amp.run(MAY, "smart", PROMPT)

        assert ran.code == 0 and SHOWN in ran.said, ran.said
        assert ("agent", model_of(PROVIDERS[0], "smart")) in amp.script.took
        assert "/api/thread-actors" not in amp.server.asked


async def test_with_the_flag_inference_moves_to_amps_server(tmp_path: Path) -> None:
    """What the test before this one is worth."""
    async with routed(PROVIDERS[0], tmp_path, features=[MOVING]) as amp:
        # where it looks for actors otherwise, nobody answers, and it waits
        await amp.run(MAY, "smart", PROMPT, RIVET_PUBLIC_ENDPOINT=f"{amp.router.url}/actors")

        assert "/api/thread-actors" in amp.server.asked
        assert amp.upstream.requests == []
