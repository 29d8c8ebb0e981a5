"""What of a question its mentions can be listed of."""

from rag.listing.mentions import LONGEST_TEXT
from rag.query.bare_names import is_bare_name
from rag.query.exact.identifiers import identifiers_of
from rag.query.exact.mentions import mentioned
from rag.query.syntax import Search

_MOST = 3


def listable(search: Search) -> tuple[str, ...]:
    """Return up to three texts of a question that it names word for word.

    Those are its exact phrases, what it asks the mentions of, a name that is all of it, and its
    numbers and codes; none where it excludes or filters something, as a list of mentions does not.
    """
    if search.without or search.filters:
        return ()
    texts = list(search.phrases)
    what = mentioned(search.words)
    if what is not None:
        texts.append(what.text)
    elif is_bare_name(search.words):
        texts.append(search.words)
    texts += [one.text for one in identifiers_of(search.words)]
    known: dict[str, str] = {}
    for text in texts:
        if len(text) <= LONGEST_TEXT and any(map(str.isalnum, text)):
            known.setdefault(" ".join(text.casefold().split()), text)
    return tuple(known.values())[:_MOST]
