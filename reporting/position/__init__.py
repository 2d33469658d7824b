"""One position, many faces: what a programme stands at, as one typed, serialisable value (design).

``position(programme, as_of, since=None) -> Position`` reads it in a fixed number of queries; ``to_json``/``from_json`` keep it.
"""

from reporting.position.codec import from_json, to_json
from reporting.position.read import position
from reporting.position.values import Position
from reporting.position.veiled import veiled_text, withheld

__all__ = ["Position", "from_json", "position", "to_json", "veiled_text", "withheld"]
