"""Promise 47: what clients show is compared in constant time, and no secret with `==` anywhere."""

import ast
import hmac
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from addons.core import gateway_key
from addons.core.gateway_key import admits

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for name in ("addons", "llr_cli", "certs") for path in (ROOT / name).rglob("*.py"))
# what a variable is called that holds a secret; of `keys` the names of something are meant as often as not
SECRET = re.compile(
    r"(?i)(?:^|_)(?:master_key|api_key|gateway_key|upstream_key|password|passwd|secret|credential_value)$"
)


def names(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Call):  # what is made of a secret is one
        for argument in node.args:
            yield from names(argument)


def harmless(node: ast.expr) -> bool:
    """Whether there is one at all, and the like."""
    return isinstance(node, ast.Constant) and (node.value in (None, "") or isinstance(node.value, bool))


def compared(tree: ast.AST) -> Iterator[str]:
    """The comparisons of a secret that end where the first byte differs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            leaks = any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops)
            if (
                leaks
                and not any(map(harmless, sides))
                and any(SECRET.search(name) for side in sides for name in names(side))
            ):
                yield ast.unparse(node)


def test_no_secret_is_compared_byte_by_byte() -> None:
    """Promise 47."""
    found = {str(path.relative_to(ROOT)): list(compared(ast.parse(path.read_text()))) for path in SOURCES}
    assert len(found) > 200
    assert {path: comparisons for path, comparisons in found.items() if comparisons} == {}


@pytest.mark.parametrize(
    "source",
    ["plan.master_key == shown", "shown != self.api_key", "digest(master_key) == digest(shown)", "a == password == b"],
)
def test_the_search_would_find_one(source: str) -> None:
    assert list(compared(ast.parse(source))) == [source]


@pytest.mark.parametrize("source", ["master_key == ''", "api_key is None", "key == other", "x = api_key"])
def test_the_search_finds_nothing_else(source: str) -> None:
    assert list(compared(ast.parse(source))) == []


SHOWN = ["", "s", "s3cret", "s3creT", "s3cret" * 1000, "\udcff", "\N{SNOWMAN}"]


@pytest.mark.parametrize("shown", SHOWN)
def test_what_is_compared_is_of_equal_length(monkeypatch: pytest.MonkeyPatch, shown: str) -> None:
    """Promise 47."""
    seen: list[tuple[bytes, bytes]] = []

    def noted(one: bytes, other: bytes) -> bool:
        seen.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(gateway_key, "hmac", type("Noting", (), {"compare_digest": staticmethod(noted)}))
    assert admits("s3cret", {"x-api-key": shown}, "") is (shown == "s3cret")
    assert [(type(one), len(one), len(other)) for one, other in seen] == [(bytes, 32, 32)]
