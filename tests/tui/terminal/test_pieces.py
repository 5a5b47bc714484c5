"""An update of Textual's compositor is taken as far as it is dirty: beside it stand blanks where nothing was drawn."""

from textual._compositor import ChopsUpdate
from textual.strip import Strip

from tui.terminal.cells import pieces_of


def test_a_neighbour_that_was_not_drawn_is_not_taken() -> None:
    drawn, undrawn = Strip.blank(45), Strip.blank(95)
    update = ChopsUpdate([{0: drawn, 45: undrawn}], [(0, 1, 45)], [[45, 140]])
    assert [(piece.x, piece.strips) for piece in pieces_of(update)] == [(0, [drawn])]


def test_both_are_taken_where_both_are_dirty() -> None:
    left, right = Strip.blank(45), Strip.blank(95)
    update = ChopsUpdate([{0: left, 45: right}], [(0, 1, 46)], [[45, 140]])
    assert [piece.x for piece in pieces_of(update)] == [0, 45]
