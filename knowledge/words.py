"""Words: a run of characters cut as jieba cuts it, by its port to Rust where that can be had.

Both read the same dictionary and the same table of likely word edges; the tests hold them against each other. The port has
no dictionary of Python objects (78 MB) and nothing to load; jieba is not even imported beside it.
"""

import re
from collections.abc import Callable

_cut: Callable[[str], list[str]]
try:
    from rjieba import cut as _cut
except ImportError:  # no wheel for this platform
    from knowledge.words_by_jieba import cut as _cut

# Beyond these characters jieba knows no words: each stands alone. The port would join neighbours.
_KNOWN = re.compile("[\u4e00-\u9fd5]+|.", re.DOTALL)
_STRANGE = re.compile("[^\u4e00-\u9fd5]")


def cut(run: str) -> list[str]:
    """The words of a run of Chinese characters (U+3400 to U+9FFF), in order; together they are the run."""
    if _STRANGE.search(run):
        return [word for part in _KNOWN.findall(run) for word in _cut(part)]
    return _cut(run)
