"""Takes feature flags out of what AMP's server says of a user.

Source: AMP 0.0.1777897475, which moves its inference to the server as soon as `result.features` of `getUserInfo` has
`thread-actors-tui`. A flag is an object with a `name` and `enabled` there; a bare name counts as one too.
"""

from collections.abc import Collection

from addons.core.errors import BadRequest
from addons.core.splice import JsonObject

PATH = "/api/internal"
METHOD = "getUserInfo"


def tells_of_a_user(path: str, query: str) -> bool:
    """Whether the answer to a request describes a user."""
    return path.rstrip("/") == PATH and METHOD in (field.partition("=")[0] for field in query.split("&"))


def without_features(body: bytes, features: Collection[str]) -> bytes:
    """`body` without these flags in `result.features`. Everything else stays byte for byte, and so does a body
    without them or of any other shape."""
    try:
        found = JsonObject(body).around("result")
        if found is None:
            return body
        before, result, after = found
        described = JsonObject(result)
    except BadRequest:
        return body
    flags = described.value.get("features")
    if not isinstance(flags, list):
        return body
    kept = [flag for flag in flags if _name(flag) not in features]
    return body if len(kept) == len(flags) else before + described.bytes_with({"features": kept}) + after


def _name(flag: object) -> object:
    name = flag.get("name") if isinstance(flag, dict) else flag
    return name if isinstance(name, str) else None
