"""Names of encodings are understood as browsers and mail programs understand them."""

import pytest

from rag.text.encoding_labels import decode_labelled

RUSSIAN = "Слова и дела города у моря, где жили рыбаки и купцы. "


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        ("It’s 48 € – “so” …", "cp1252", "iso-8859-1"),
        ("It’s 48 € – “so” …", "cp1252", "latin1"),
        ("It’s 48 € – “so” …", "cp1252", "US-ASCII"),
        ("İstanbul’da ığdır", "cp1254", "iso-8859-9"),
        ("朱镕基", "gb18030", "gb2312"),
        ("①号㈱", "cp932", "Shift_JIS"),
        ("①号", "cp932", "x-sjis"),
        ("똠방각하", "cp949", "ks_c_5601-1987"),
        ("กรุงเทพ “ก”", "cp874", "tis-620"),
        ("“Łódź” – świat", "cp1250", "iso-8859-2"),
        ("Слова", "koi8-r", "koi8-r"),
        ("Слова", "cp1251", '"windows-1251"'),
        ("Слова", "cp1251", "x-cp1251"),
        ("Grüße", "utf-8", "utf-8"),
        ("Grüße – 48 €", "utf-8", "iso-8859-1"),
        ("Grüße", "utf-8", "nonsense"),
        ("Grüße", "utf-8-sig", "iso-8859-1"),
        (RUSSIAN, "utf-8", "hex"),
        (RUSSIAN, "utf-8", "unicode_escape"),
        (RUSSIAN, "utf-8", "a\0b"),
    ],
)
def test_labels_mean_what_programs_take_them_for(text: str, encoding: str, label: str) -> None:
    assert decode_labelled(text.encode(encoding), label) == text


def test_a_label_that_the_bytes_contradict_counts_for_nothing() -> None:
    assert decode_labelled(RUSSIAN.encode("cp1251") * 3, "utf-8") == RUSSIAN * 3
    assert "\x81" not in decode_labelled(b"a\x81b" * 9 + RUSSIAN.encode("cp1251"), "latin1")
