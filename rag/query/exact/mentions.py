"""Questions for the documents that mention something: it is looked for word for word."""

import regex

from rag.query.exact.identifier import Identifier
from rag.query.exact.identifiers import identifiers_of, is_only
from rag.query.exact.literal_text import plain, readable

_THINGS = (
    r"(?:documents?|files?|papers?|reports?|records?|mails?|e-?mails?|letters?|pages?|passages?"
    r"|paragraphs?|places?|contracts?|texts?)"
)
_MENTION = (
    r"(?:mentions?|mentioned|mentioning|contains?|containing|names?|naming|cites?|citing|includes?"
    r"|including|lists?|listing|references?|referencing|refers? to|referring to|speaks? of"
    r"|talks? about|discuss(?:es)?|has|have|holds?)"
)
_LITERAL = (
    r"(?:mentions?|mentioned|mentioning|contains?|containing|names?|cites?|refers? to|lists?)"
)
_WORDINGS = tuple(
    regex.compile(rf"^\W*{wording}\W*$", regex.IGNORECASE)
    for wording in (
        rf"(?:which|what|list(?: all| the| me)*|show(?: me)?(?: all| the)*|find(?: all| the)*|in (?:which|what))"
        rf"(?: of (?:the|my|these) )?\s?(?:{_THINGS})(?: that| which)?\s+{_LITERAL}\s+"
        r"(?:the (?:word|name|term|phrase|number|string)\s+)?(?P<what>.+?)",
        rf"(?:in )?(?:which|what) {_THINGS} (?:is|are|was|were) (?P<what>.+?)"
        r" (?:mentioned|named|cited|listed|contained|referenced|found)(?: in)?",
        r"where (?:is|are|was|were) (?P<what>.+?) (?:mentioned|named|cited|referenced|referred to)",
        rf"where (?:do|does) (?P<what>.+?) (?:occur|appear)(?: in (?:the|my) {_THINGS})?",
        rf"(?:is|are|was|were) (?P<what>.+?) mentioned (?:anywhere|in (?:any|the|my|a) {_THINGS})",
        rf"do(?:es)? any(?: of (?:the|my))? {_THINGS} (?:mention|contain|name) (?P<what>.+?)",
        r"(?:in )?welche[nrs]? (?:dokumente?n?|dateie?n?|texte?n?|seiten?) (?:erwähn(?:t|en)|enth[aä]lt(?:en)?"
        r"|enthalten|nenn(?:t|en))\s+(?P<what>.+?)",
        r"in welche[nrms]? (?:dokumente?n?|dateie?n?|texte?n?|seiten?) (?:wird|werden|steht|stehen|kommt|kommen)\s+"
        r"(?P<what>.+?)(?: (?:erwähnt|genannt|vor))?",
        r"wo (?:wird|werden) (?P<what>.+?) (?:erwähnt|genannt)",
        r"(?:dans )?quel(?:le)?s? (?:documents?|fichiers?|textes?|pages?) (?:mentionnent?|contien(?:t|nent)|citent?)"
        r"\s+(?P<what>.+?)",
        r"où (?:est|sont) (?:mentionnée?s?|citée?s?) (?P<what>.+?)",
        r"¿?(?:en )?qu[eé] (?:documentos?|archivos?|ficheros?|textos?|páginas?) (?:mencionan?|contienen?|citan?|nombran?)"
        r"\s+(?:a )?(?P<what>.+?)",
        r"¿?dónde se mencionan? (?:a )?(?P<what>.+?)",
    )
)
_CLAUSE = regex.compile(r"\b(?:and (?:who|what|when|where|why|how)|because|whether|that|which)\b")
_MOST_WORDS = 8
_QUOTES = "\"'“”«»„‘’`? .!؟"


def mentioned(question: str) -> Identifier | None:
    """Return what a question asks the mentions of; None when it asks something else."""
    asked = readable(question).strip()
    for wording in _WORDINGS:
        match = wording.match(asked)
        if match is not None:
            what = match["what"].strip(_QUOTES)
            if not what or len(what.split()) > _MOST_WORDS or _CLAUSE.search(what):
                return None
            return literal(what)
    return None


def literal(what: str) -> Identifier:
    """Return words as an identifier: these, whole, in this order, whatever their case."""
    identifiers = identifiers_of(what)
    if len(identifiers) == 1 and is_only(what, identifiers):
        return identifiers[0]
    words = plain(what).split()
    body = r"\s+".join(regex.escape(word) for word in words)
    before = r"(?<![\p{L}\p{N}])" if words[0][0].isalnum() else ""
    after = r"(?![\p{L}\p{N}])" if words[-1][-1].isalnum() else r"(?![#+])"
    return Identifier(what, regex.compile(before + body + after), None, (what,), True, True)


def is_name(what: str) -> bool:
    """Tell whether words can only be meant as they stand: a name, a number, or one word."""
    words = readable(what).split()
    return (
        len(words) == 1
        or any(any(map(str.isdigit, word)) for word in words)
        or all(word[0].isupper() for word in words if len(word) > 3)
    )
