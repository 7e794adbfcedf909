"""Stories: what is measured where long texts are compared, title and story of a message each by itself."""

import numpy as np
from numpy.typing import NDArray

from bot.answer.laid import Laid
from knowledge.index import Index, Query
from knowledge.text import CHAR, KINDS, PAIR, WORD

_KINDS = [KINDS.index(kind) for kind in (CHAR, PAIR, WORD)]
_PARTS = ("whole", "title", "story")
STORY_NAMES = tuple(f"{part}_{what}_{KINDS[kind]}" for part in _PARTS for what in ("share", "cos") for kind in _KINDS)


def story(index: Index, query: Query, laid: Laid, title: str) -> NDArray[np.float32]:
    """Shares and likenesses by part of the message and kind of term, one row a hit; columns are STORY_NAMES.

    In long texts almost every common term stands somewhere: rare ones weigh more than in short questions.
    """
    kind = index.kind[query.known]
    of_kind = np.stack([kind == one for one in _KINDS], 1) * index.steep[query.known][:, None]
    titled = np.isin(query.known, index.query(index.lexicon.terms(title)).known)[:, None] if title else False
    slot = laid.row * len(KINDS) + index.kind[laid.flat]
    kept = np.bincount(slot, index.steep[laid.flat], laid.count * len(KINDS)).reshape(laid.count, -1)[:, _KINDS]
    columns = []
    for weights in (of_kind, of_kind * titled, of_kind * ~np.asarray(titled)):
        matched, total = laid.found @ weights, weights.sum(0)
        columns += [matched / (total + 1e-6), matched / np.sqrt((total + 1e-6) * (kept + 1e-6))]
    return np.concatenate(columns, 1).astype(np.float32)
