"""What a client asks for, as far as it can be read; and the router's own refusals."""

from collections.abc import Callable

from addons.core import endpoints, listing
from addons.core.endpoints import Endpoint
from addons.core.errors import BadRequest, ErrorClass, ErrorInfo
from addons.core.http import Ask, Headers, Reply
from addons.core.model import DialectName
from addons.core.plan import Plan, Route
from addons.core.resolve import NoCandidate, UnknownModel, resolve
from addons.core.splice import JsonObject
from addons.dialects import DIALECTS
from addons.encodings import ACCEPTED, TooLarge, Undecodable, UnknownCoding, decoded
from addons.job import Job
from addons.refusal import json_reply
from addons.seek import Trace


class Refused(Exception):
    """The router itself refuses."""

    def __init__(self, info: ErrorInfo, headers: Headers = ()) -> None:
        super().__init__(info.message)
        self.info = info
        self.headers = headers


NO_EMBEDDINGS = "nothing behind this model speaks an OpenAI format: embeddings are passed on, never translated"
UPGRADE: Headers = (("upgrade", "HTTP/1.1"),)
UNAUTHORIZED = ErrorInfo(
    ErrorClass.AUTH,
    "this router wants its key",
    status=401,
    hint="Send the masterKey as `Authorization: Bearer …` or `x-api-key`.",
)
NO_WEBSOCKET = ErrorInfo(
    ErrorClass.CLIENT, "WebSocket is not served here; use HTTPS streaming", status=426, hint="The client falls back."
)
_NOT_JSON = ErrorInfo(ErrorClass.CLIENT, "the body must be application/json", status=415)


def job_of(plan: Plan, ask: Ask, endpoint: Endpoint, trace: Trace) -> Job:
    """What is asked for. Raises Refused or BadRequest."""
    if not _is_json(ask.headers.get("content-type", "")):
        raise Refused(_NOT_JSON)
    body = JsonObject(_decoded(ask, plan.max_body))
    trace.dialect = endpoint.dialect or endpoints.detect(body.value, ask.headers)
    model = body.value.get("model") if endpoint.model is None else endpoint.model
    if model is not None and not isinstance(model, str):
        raise BadRequest("model", "a model name (a string) is expected")
    stream = body.value.get("stream") is True if endpoint.stream is None else endpoint.stream
    trace.requested, trace.stream = model or "", stream
    return Job(ask, DIALECTS[trace.dialect], body, model or "", stream)


def _decoded(ask: Ask, limit: int) -> bytes:
    try:
        data = decoded(ask.body, ask.headers.get("content-encoding", ""), limit)
    except TooLarge as error:
        message = f"the body expands to more than the {limit} bytes that are accepted"
        raise Refused(ErrorInfo(ErrorClass.CLIENT, message, status=413)) from error
    except UnknownCoding as error:
        accepted = (("accept-encoding", ACCEPTED),)
        raise Refused(ErrorInfo(ErrorClass.CLIENT, str(error), status=415), accepted) from error
    except Undecodable as error:
        raise BadRequest("", str(error)) from error
    if len(data) > limit:
        raise Refused(too_large(len(data), limit))
    return data


def too_large(size: int, limit: int) -> ErrorInfo:
    return ErrorInfo(ErrorClass.CLIENT, f"the body has {size} bytes; at most {limit} are accepted", status=413)


def route_of(
    plan: Plan, job: Job, dialect: DialectName, find: Callable[[Plan, str, DialectName], Route] = resolve
) -> Route:
    """Where `job` goes; `find` does what `resolve` does. Raises Refused."""
    try:
        return find(plan, job.model, dialect)
    except UnknownModel as error:
        raise Refused(_unknown_model(error)) from error
    except NoCandidate as error:
        raise Refused(ErrorInfo(ErrorClass.CONFIGURATION, str(error), status=503)) from error


def one_model(plan: Plan, name: str, dialect: DialectName) -> Reply:
    """The entry of a model list that a name stands for, be it an alias of a model or a bare name. What is on the list
    has an entry, though nobody may be there to answer."""
    if listing.has(plan, name):
        return json_reply(listing.model(plan, name, dialect))
    try:
        resolve(plan, name, dialect)
    except UnknownModel as error:
        raise Refused(_unknown_model(error)) from error
    except NoCandidate as error:
        raise Refused(ErrorInfo(ErrorClass.CONFIGURATION, str(error), status=503)) from error
    return json_reply(listing.model(plan, name, dialect))


def no_endpoint(ask: Ask) -> Refused:
    methods = endpoints.allowed(ask.path)
    if methods:
        message = f"{ask.method} is not answered at {ask.path}; {' and '.join(methods)} are"
        return Refused(_client_error(message, 405), (("allow", ", ".join(methods)),))
    return Refused(_client_error(f"there is nothing at {ask.method} {ask.path}", 404))


def _client_error(message: str, status: int) -> ErrorInfo:
    return ErrorInfo(ErrorClass.CLIENT, message, status=status, hint="GET / lists the endpoints.")


def _unknown_model(error: UnknownModel) -> ErrorInfo:
    return ErrorInfo(ErrorClass.MODEL_NOT_FOUND, str(error), status=404, code="model_not_found", param="model")


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("", "application/json") or kind.endswith("+json")
