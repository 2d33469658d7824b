"""One act on many people: shown first, done once, taken back as a whole. Each cell goes by the rules of one cell."""

from transfers.services.batches.cells import Wish
from transfers.services.batches.fields import CHANGED_TOGETHER
from transfers.services.batches.proposing import MOST_CELLS, MOST_PEOPLE, confirm, drop_old, propose
from transfers.services.batches.undoing import Prospect, may_undo, own_and_recent, prospect, undo

__all__ = ["CHANGED_TOGETHER", "MOST_CELLS", "MOST_PEOPLE", "Prospect", "Wish", "confirm", "drop_old", "may_undo", "own_and_recent", "propose", "prospect", "undo"]
