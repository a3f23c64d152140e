"""A canonical request as an Anthropic Messages body. Source: Anthropic API reference, "Create a Message"."""

from addons.core.history import GO_ON
from addons.core.in_words import field_losses
from addons.core.model import DialectName, Loss, Message, Rendered, Request
from addons.core.tools import ToolNames
from addons.core.traits import Traits
from addons.dialects._anthropic_cache import RETENTION, mark
from addons.dialects._anthropic_content import Writer, reminder
from addons.dialects._anthropic_format import answer_form
from addons.dialects._anthropic_knobs import knobs
from addons.dialects._anthropic_own import own_body
from addons.dialects._anthropic_tools import tools, wish
from addons.dialects.base import Body

CLAUDE = DialectName.ANTHROPIC


def render_request(request: Request, model: Traits, names: ToolNames) -> Rendered:
    """A request of this dialect comes back as it was; one of another with what could not be said."""
    if request.dialect is CLAUDE:
        return Rendered(own_body(request, model.id))
    losses: list[Loss] = []
    return Rendered(_foreign(request, model, names, losses), tuple(losses))


def _foreign(request: Request, model: Traits, names: ToolNames, losses: list[Loss]) -> Body:
    leading, rest = _split(request.messages)
    writer = Writer(model, names, losses)
    form = answer_form(request, model, names, losses)
    body: Body = {"model": model.id, "max_tokens": _limit(request, model, losses)}
    system = [block for message in leading for block in writer.texts(message)]
    if form.instruction:
        system.append({"type": "text", "text": form.instruction})
    if system:
        body["system"] = system
    body["messages"] = writer.messages(rest)
    body |= tools(request, model, names, form.tool, losses)
    if model.cache_marks:
        # before the words of the router: the next turn does not have them
        mark(request, body)
    _end(body, model, losses, whole=form.native is not None)
    words = wish(request, model, names)
    if words:
        _say(body, words)
    if request.stream:
        body["stream"] = True
    body |= knobs(request, model, body, form.native, losses)
    carried = frozenset((RETENTION,) if model.cache_marks else ())
    losses += field_losses(request, "Anthropic Messages has no such field", carried)
    return body


def _split(messages: tuple[Message, ...]) -> tuple[list[Message], list[Message]]:
    """The instructions at the front, and the rest."""
    count = next((n for n, message in enumerate(messages) if message.role in ("user", "assistant")), len(messages))
    return list(messages[:count]), list(messages[count:])


def _limit(request: Request, model: Traits, losses: list[Loss]) -> int:
    """The API demands a limit, and refuses one above what a model of its own can give."""
    if request.max_tokens is None:
        return model.max_output
    if model.cache_marks and request.max_tokens > model.max_output:
        losses.append(Loss("max_tokens", f"{model.max_output} is the highest value"))
        return model.max_output
    return request.max_tokens


def _end(body: Body, model: Traits, losses: list[Loss], *, whole: bool) -> None:
    """A conversation that ends with the model's own words: the API refuses white space at their end, and some models
    (and structured output) refuse them altogether."""
    last = body["messages"][-1]
    if last["role"] != "assistant":
        return
    if whole or not model.prefill:
        losses.append(Loss("messages", "the beginning of an answer is not taken: the model is told to go on"))
        _say(body, GO_ON)
        return
    block = last["content"][-1]
    if block["type"] == "text":
        last["content"][-1] = {**block, "text": block["text"].rstrip()}


def _say(body: Body, words: str) -> None:
    """Adds words to the end of the conversation, as the user's."""
    if body["messages"][-1]["role"] == "user":
        body["messages"][-1]["content"].append(reminder(words))
    else:
        body["messages"].append({"role": "user", "content": [reminder(words)]})
