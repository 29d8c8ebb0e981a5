"""Text in the encoding that its file names, as browsers and mail programs understand the name.

They read many names as a later and larger encoding that agrees with the one named: Windows wrote
text under the names of the standards it extended (WHATWG Encoding Standard, "Names and labels").
"""

import codecs
import re

from rag.text.encodings import decode

# The codec of a name by Python -> codecs to try, in order.
_MEANT = {
    **dict.fromkeys(("ascii", "iso8859-1", "cp1252"), ("cp1252",)),
    **dict.fromkeys(("iso8859-9", "cp1254"), ("cp1254",)),
    **dict.fromkeys(("iso8859-11", "tis-620", "cp874"), ("cp874",)),
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), ("gb18030",)),
    **dict.fromkeys(("shift_jis", "cp932"), ("cp932", "shift_jis_2004")),
    **dict.fromkeys(("euc_kr", "cp949"), ("cp949",)),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), ("big5hkscs", "cp950")),
    "iso8859-2": ("iso8859-2", "cp1250"),
    "iso8859-7": ("iso8859-7", "cp1253"),
    "iso8859-8": ("iso8859-8", "cp1255"),
    "iso8859-13": ("iso8859-13", "cp1257"),
    "iso8859-15": ("iso8859-15", "cp1252"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_ext"),
    **{
        name: (name,)
        for name in "utf-8 utf-7 utf-16 utf-16-le utf-16-be utf-32 cp1250 cp1251 cp1253 cp1255 "
        "cp1256 cp1257 cp1258 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-10 iso8859-14 "
        "iso8859-16 koi8-r koi8-u cp437 "
        "cp850 cp852 cp855 cp857 cp858 cp866 mac-roman mac-cyrillic mac-greek mac-latin2 "
        "mac-turkish hz iso2022_kr johab ptcp154 kz1048".split()
    },
}
# Names that Python does not know, or knows as something else.
_NAMES = {
    "x-sjis": "shift_jis", "windows-31j": "shift_jis", "ms_kanji": "shift_jis",
    "x-gbk": "gbk", "windows-936": "gbk", "gb_2312-80": "gbk", "x-euc-cn": "gbk", "cn-gb": "gbk",
    "euc-cn": "gbk",
    "x-x-big5": "big5", "cn-big5": "big5", "x-euc-jp": "euc_jp",
    "ks_c_5601-1987": "euc_kr", "ks_c_5601-1989": "euc_kr", "ksc_5601": "euc_kr",
    "windows-949": "euc_kr", "windows-874": "cp874", "dos-874": "cp874",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "logical": "iso8859-8",
    "visual": "iso8859-8",
    "iso-8859-6-i": "iso8859-6", "iso-8859-6-e": "iso8859-6",
    "macintosh": "mac-roman", "x-mac-roman": "mac-roman", "mac": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic", "x-mac-ukrainian": "mac-cyrillic",
    "koi": "koi8-r", "koi8": "koi8-r", "koi8-ru": "koi8-u", "unicode-1-1-utf-8": "utf-8",
    "unicode": "utf-16-le", "ucs-2": "utf-16-le", "iso-10646-ucs-2": "utf-16-le",
    "ansi": "cp1252", "ansi_x3.4-1968": "cp1252", "iso88591": "cp1252",
}  # fmt: skip
_WINDOWS = re.compile(r"x-cp(125\d)")
_C1 = re.compile("[\x80-\x9f]")
_ONE_BYTE = ("cp", "iso8859", "koi8", "mac-")
_SEVERAL_BYTES = {"cp932", "cp949", "cp950"}


def decode_labelled(data: bytes, label: str) -> str:
    """Decode bytes that are said to be in the encoding `label`, such as "iso-8859-1".

    A label that is unknown, or that the bytes contradict, counts for nothing: the encoding is
    detected then. They contradict it where they cannot be decoded, where control characters of
    U+0080 to U+009F would come of it, which no text has, and where they are valid UTF-8 beyond
    ASCII although the label has one byte to a character: a server's header overruled that label.

    Raises UnreadableFileError as `rag.text.encodings.decode` does, where it has to be detected.
    """
    if not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        for codec in _codecs(label):
            if _has_one_byte(codec) and _is_utf8(data):
                break
            try:
                text = data.decode(codec)
            except UnicodeDecodeError:
                continue
            if not _C1.search(text):
                return text
    return decode(data)


def _codecs(label: str) -> tuple[str, ...]:
    """Return the codecs of a label; none of those that encode no characters, such as "hex"."""
    name = label.strip().strip("\"'").lower()
    name = _WINDOWS.sub(r"cp\1", name)
    try:
        return _MEANT.get(codecs.lookup(_NAMES.get(name, name)).name, ())
    except (LookupError, ValueError):  # a name with a zero in it
        return ()


def _has_one_byte(codec: str) -> bool:
    return codec.startswith(_ONE_BYTE) and codec not in _SEVERAL_BYTES


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
