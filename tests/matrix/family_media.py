"""Pictures and documents."""

import base64

from matrix.cell import Cell, either
from matrix.heard import Failure
from matrix.outcomes import Outcome
from matrix.wishes import Called, Offer, Paper, Picture, Result, Sound, Wish, model, user

from harness.answers import Said

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and the rest of a picture").decode()
PDF = base64.b64encode(b"%PDF-1.7 and the rest of a paper").decode()
WAV = base64.b64encode(b"RIFF and the rest of a sound").decode()
# RFC 5737 keeps it for documentation: it is nobody's, and no name has to be resolved
ADDRESS = "https://192.0.2.1/cat.png"


async def image(cell: Cell) -> Outcome:
    heard = await cell.ask(Wish((user("What is it?", Picture(PNG)),)), Said("A cat."))
    assert cell.seen.pieces(Picture) == [Picture(PNG)]
    assert (cell.seen.said, heard.text) == ([("user", "What is it?")], "A cat.")
    return Outcome.YES


async def image_by_url(cell: Cell) -> Outcome:
    """Where a provider takes bytes only, the router fetches: an address that is not public is what it complains about.
    That it fetches from others is specified with the fetcher; a test has no public address of its own."""
    try:
        await cell.ask(Wish((user("What is it?", Picture(url=ADDRESS)),)))
    except Failure as failure:
        assert (failure.status, cell.upstream.requests) == (400, [])
        assert "was not fetched: 192.0.2.1" in failure.message
        return Outcome.APPROXIMATED
    assert cell.seen.pieces(Picture) == [Picture(url=ADDRESS)]
    return Outcome.YES


async def several_images(cell: Cell) -> Outcome:
    """Between the texts that speak of them."""
    other = base64.b64encode(b"\xff\xd8\xff another picture").decode()
    turn = user("First", Picture(PNG), "then", Picture(other, media_type="image/jpeg"), "which?")
    await cell.ask(Wish((turn,)))
    (seen,) = cell.seen.turns
    assert seen.pieces == turn.pieces
    return Outcome.YES


async def pdf(cell: Cell) -> Outcome:
    await cell.ask(Wish((user("Sum it up", Paper(PDF)),)))
    assert cell.seen.pieces(Paper) == [Paper(PDF)]
    return Outcome.YES


async def image_in_tool_result(cell: Cell) -> Outcome:
    """Where results are text, the picture follows in the words of the user."""
    turns = (
        user("Look outside"),
        model(Called("camera", {})),
        user(Result(("the garden", Picture(PNG)), name="camera")),
    )
    await cell.ask(Wish(turns, tools=(Offer("camera", {"type": "object", "properties": {}}),)))
    (result,) = cell.seen.results
    assert "the garden" in str(result.content)
    inside = [piece for piece in result.content if isinstance(piece, Picture)]
    return either(inside == [Picture(PNG)], cell.seen.pieces(Picture) == [Picture(PNG)], cell.seen)


async def sound(cell: Cell) -> Outcome:
    await cell.ask(Wish((user("Who says it?", Sound(WAV)),)))
    assert cell.seen.pieces(Sound) == [Sound(WAV)]
    return Outcome.YES
