"""What an AMP request says of itself, apart from the name of its model: the mode it is in, and which helper asks.

Sources: recordings of AMP 0.0.1770734955 and 0.0.1777897475. `x-amp-mode` is the older one's only, and names the mode
of the thread: the request for a thread's title bears it too. So a helper's own signs come before it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from addons.amp.catalogue import BY_NAME

type Body = Mapping[str, Any]

# any of these is AMP's
HEADERS = ("x-amp-thread-id", "x-amp-feature", "x-amp-mode", "x-amp-client-application", "x-amp-client-version")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
# so much of a text is looked at: what tells stands at its beginning
BEGINNING = 400


@dataclass(frozen=True, slots=True)
class AmpHints:
    """`provider` is that of the path, `agent` the helper that asks, if one does; `main`: it is surely the agent itself
    that asks. `why` says by what that is known. `tools` are the names of the offered ones, `forced` the one that must
    be called."""

    mode: str | None = None
    agent: str | None = None
    main: bool = False
    why: str = ""
    feature: str | None = None
    provider: str | None = None
    override_provider: str | None = None
    application: str | None = None
    version: str | None = None
    tools: tuple[str, ...] = ()
    forced: str | None = None
    # whether it came to one of AMP's own paths: only then its own server can answer it instead
    native: bool = False


def is_amp(headers: Mapping[str, str]) -> bool:
    """Whether the headers (lower-case names) are AMP's."""
    return any(name in headers for name in HEADERS)


def read_hints(
    headers: Mapping[str, str], body: Body, provider: str | None = None, model: str = "", *, native: bool = False
) -> AmpHints:
    """What is known of a request; `headers` have lower-case names, `body` is of any dialect and any shape."""
    signs = _Signs(headers, body, model)
    agent, why = next(((name, why) for name, why, fits in _HELPERS if fits(signs)), (None, ""))
    mode = _named(headers.get("x-amp-mode"))
    main = agent is None and signs.is_main
    if agent is None:
        why = f"x-amp-mode is {mode}" if mode else "the agent itself asks" if main else ""
    version = _VERSION.match(headers.get("x-amp-client-version", ""))
    return AmpHints(
        mode,
        agent,
        main,
        why,
        feature=signs.feature or None,
        provider=provider,
        override_provider=headers.get("x-amp-override-provider", "").strip().lower() or None,
        application=headers.get("x-amp-client-application", "").strip() or None,
        version=version[0] if version else None,
        tools=signs.tools,
        forced=signs.forced,
        native=native,
    )


def entity_name(word: str) -> str:
    """An entity's name as it is known here: `Look At` is look-at, `finder` is search."""
    plain = re.sub(r"[\s_]+", "-", word.strip().lower())
    return BY_NAME.get(plain, BY_NAME.get(plain.replace("-", " "), plain))


def _named(word: str | None) -> str | None:
    return entity_name(word) if word and word.strip() else None


@dataclass(slots=True)
class _Signs:
    headers: Mapping[str, str]
    body: Body
    model: str
    feature: str = field(init=False)
    tools: tuple[str, ...] = field(init=False)
    forced: str | None = field(init=False)
    shape: str | None = field(init=False)
    system: str = field(init=False)
    texts: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.feature = self.headers.get("x-amp-feature", "").strip().lower()
        self.tools = tuple(_tool_names(self.body))
        self.forced = _forced(self.body.get("tool_choice"))
        self.shape = _shape(self.body)
        self.system = _system(self.body)[:BEGINNING].lower()
        self.texts = tuple(_opening(self.body))

    @property
    def is_main(self) -> bool:
        """The agent tells of what its user sees; its helpers do not. Only its own messages are numbered."""
        return "x-amp-message-id" in self.headers or any(text.startswith("# User State") for text in self.texts)

    @property
    def config(self) -> Body:
        return _object(self.body.get("generationConfig"))

    def offers(self, names: frozenset[str]) -> bool:
        """Whether there are tools, and none but these."""
        return bool(self.tools) and names.issuperset(self.tools)


_FINDING = frozenset({"glob", "Grep", "Read"})
_ADVISING = _FINDING | {"find_thread", "read_thread", "read_web_page", "web_search", "list_directory"}
# the two reviewers look at the code with Bash, and write nothing
_REVIEWING = frozenset({"Read", "Grep", "glob", "web_search", "read_web_page", "Bash"})
# the reviewer; and who makes the commands that show it the changes
_REVIEWS = re.compile(r"\b(?:code review|reviewing code)|^you generate git ")
_HOSTS = ("_github", "_bitbucket_enterprise")
_WRITING = frozenset({"Bash", "create_file", "edit_file", "apply_patch", "shell_command"})
_OBJECTIVE = "Analyze this file with the following objective"


def _paints(signs: _Signs) -> bool:
    modalities = signs.config.get("responseModalities")
    return isinstance(modalities, list) and "IMAGE" in modalities


def _reads_thread(signs: _Signs) -> bool:
    schema = _object(signs.config.get("responseJsonSchema") or signs.config.get("responseSchema"))
    return "relevantContent" in _object(schema.get("properties")) or any(
        "<mentionedThread>" in text for text in signs.texts
    )


# the first that fits names the helper
_HELPERS: tuple[tuple[str, str, Callable[[_Signs], bool]], ...] = (
    ("title", "set_title must be called", lambda signs: signs.forced == "set_title"),
    ("handoff", "create_handoff_context must be called", lambda signs: signs.forced == "create_handoff_context"),
    ("handoff", "create_handoff_context is its shape", lambda signs: signs.shape == "create_handoff_context"),
    ("painter", "x-amp-feature is amp.painter", lambda signs: signs.feature == "amp.painter"),
    ("painter", "an image is asked for", _paints),
    ("review", "x-amp-feature is amp.review", lambda signs: signs.feature == "amp.review"),
    ("read-thread", "a thread is mentioned", _reads_thread),
    ("look-at", "a file is to be analyzed", lambda signs: any(_OBJECTIVE in text for text in signs.texts)),
    ("oracle", "its prompt", lambda signs: signs.system.startswith("you are the oracle")),
    ("librarian", "its prompt", lambda signs: signs.system.startswith("you are the librarian")),
    ("librarian", "its tools", lambda signs: any(name.endswith(_HOSTS) for name in signs.tools)),
    (
        "review",
        "its prompt",
        lambda signs: not signs.is_main and _REVIEWS.search(signs.system) is not None,
    ),
    ("search", "its tools", lambda signs: not signs.is_main and signs.offers(_FINDING)),
    ("review", "its tools", lambda signs: not signs.is_main and "Bash" in signs.tools and signs.offers(_REVIEWING)),
    ("oracle", "its tools", lambda signs: not signs.is_main and signs.offers(_ADVISING)),
    (
        "task",
        "the agent's tools, without its user's state",
        lambda signs: not signs.is_main and not _WRITING.isdisjoint(signs.tools) and bool(signs.texts),
    ),
)  # fmt: skip


def _object(value: object) -> Body:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterator[Body]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _tool_names(body: Body) -> Iterator[str]:
    """The names of the tools on offer, in any dialect."""
    for tool in _objects(body.get("tools")):
        declared = tool.get("functionDeclarations") or tool.get("function_declarations")
        for each in _objects(declared) if declared else (_object(tool.get("function")) or tool,):
            name = each.get("name") or (tool.get("type") if "function" not in tool else None)
            if isinstance(name, str):
                yield name


def _forced(choice: object) -> str | None:
    """The tool that must be called: Anthropic's and Responses' `name`, Chat's `function.name`."""
    found = _object(choice)
    name = found.get("name") or _object(found.get("function")).get("name")
    return name if isinstance(name, str) else None


def _shape(body: Body) -> str | None:
    """The name of the schema that the answer must have: Responses' `text.format`, Chat's `response_format`."""
    asked = _object(_object(body.get("text")).get("format")) or _object(body.get("response_format"))
    name = asked.get("name") or _object(asked.get("json_schema")).get("name")
    return name if isinstance(name, str) else None


def _system(body: Body) -> str:
    """The beginning of the system prompt, wherever the dialect has it."""
    said = body.get("system") or body.get("instructions") or _object(body.get("systemInstruction")).get("parts")
    if said:
        return next(_texts(said), "")
    for message in _messages(body):
        if message.get("role") in ("system", "developer"):
            return next(_texts(message.get("content")), "")
    return ""


def _opening(body: Body) -> Iterator[str]:
    """The texts of the first message that a user sent, or the two of which the first consists."""
    users = [each for each in _messages(body) if each.get("role") == "user"]
    for message in users[:1]:
        yield from _texts(message.get("content") or message.get("parts"))


def _messages(body: Body) -> Iterator[Body]:
    listed = next((body[key] for key in ("messages", "input", "contents") if isinstance(body.get(key), list)), None)
    yield from _objects(listed)


def _texts(content: object) -> Iterator[str]:
    """A text, or the texts of blocks; their beginnings would do, but a copy of them costs as much."""
    if isinstance(content, str):
        yield content
    for block in _objects(content):
        text = block.get("text")
        if isinstance(text, str):
            yield text
