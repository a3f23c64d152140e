"""A legacy completions body as a canonical request, and back. Source: OpenAI API reference, "Create completion".

The prompt of a translated request is what the user says: a chat model has nothing else to be asked with.
"""

from typing import Any

from addons.core.errors import BadRequest
from addons.core.model import DialectName, Message, Rendered, Request, Text
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects.base import Body
from addons.dialects.shapes import as_list, as_str, integer, number, optional, text, without

COMPLETIONS = DialectName.COMPLETIONS
# what the API documents for a request that says nothing
DEFAULT_MAX_TOKENS = 16

_KNOWN = ("model", "prompt", "max_tokens", "temperature", "top_p", "stop", "stream", "stream_options", "user")
# the values that stand for asking nothing: no loss for whoever cannot send them
_IDLE: tuple[tuple[str, Any], ...] = (
    ("n", 1), ("best_of", 1), ("echo", False), ("suffix", ""), ("presence_penalty", 0), ("frequency_penalty", 0),
    ("logit_bias", {}),
)  # fmt: skip


def parse_request(body: Body) -> Request:
    """Raises BadRequest naming the field: also for token arrays and for several prompts, which only a provider of
    this very dialect can complete."""
    options = optional(body, "stream_options", dict, "an object") or {}
    limit = integer(body, "max_tokens")
    extras = {key: value for key, value in without(body, *_KNOWN).items() if value is not None}
    return Request(
        dialect=COMPLETIONS,
        model=text(body, "model") or "",
        messages=(Message("user", (Text(_prompt(body)),)),),
        stream=body.get("stream") is True,
        max_tokens=DEFAULT_MAX_TOKENS if limit is None else limit,
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        stop=_stop(body),
        user=text(body, "user"),
        include_usage=options.get("include_usage") is True,
        extras={key: value for key, value in extras.items() if (key, value) not in _IDLE},
    )


def _prompt(body: Body) -> str:
    match body.get("prompt"):
        case str(prompt):
            return prompt
        case [str(prompt)]:
            return prompt
        case [str(), *_]:
            raise BadRequest("prompt", "one prompt is expected: several cannot be translated for this provider")
        case [int() | list(), *_]:
            raise BadRequest("prompt", "a text is expected: tokens cannot be translated for this provider")
        case _:
            raise BadRequest("prompt", "a string is expected")


def _stop(body: Body) -> tuple[str, ...]:
    match body.get("stop"):
        case None:
            return ()
        case str(stop):
            return (stop,)
        case value:
            return tuple(as_str(stop, f"stop[{n}]") for n, stop in enumerate(as_list(value, "stop")))


def render_request(request: Request, model: Traits, names: ToolNames) -> Rendered:
    """The request in its own dialect again. Other dialects' conversations have no place in a prompt: a provider of
    completions is asked by clients of completions only."""
    prompt = "".join(part.text for message in request.messages for part in message.parts if isinstance(part, Text))
    said = {
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
        "user": request.user,
    }
    body: Body = {"model": model.id, "prompt": prompt}
    body |= {key: value for key, value in said.items() if value is not None}
    if request.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return Rendered({**body, **request.extras})
