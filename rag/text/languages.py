"""Which language a text is in, by py3langid, and what languages are called.

A language is an ISO 639-1 code, or "" when it cannot be told.
"""

import tempfile
from collections.abc import Collection
from functools import cache
from typing import Any

import regex

from rag.errors import ModelError

NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "as": "Assamese", "az": "Azerbaijani",
    "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "br": "Breton", "bs": "Bosnian",
    "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "fy": "West Frisian", "ga": "Irish",
    "gd": "Scottish Gaelic", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ja": "Japanese", "jv": "Javanese", "ka": "Georgian",
    "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean", "ku": "Kurdish",
    "ky": "Kyrgyz", "la": "Latin", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian",
    "mg": "Malagasy", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
    "ms": "Malay", "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian",
    "om": "Oromo", "or": "Odia", "pa": "Punjabi", "pl": "Polish", "ps": "Pashto",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sa": "Sanskrit", "sd": "Sindhi",
    "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "so": "Somali", "sq": "Albanian",
    "sr": "Serbian", "su": "Sundanese", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil",
    "te": "Telugu", "th": "Thai", "tl": "Filipino", "tr": "Turkish", "ug": "Uyghur",
    "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "xh": "Xhosa",
    "yi": "Yiddish", "zh": "Chinese",
}  # fmt: skip
"""What XLM-RoBERTa was trained on (Conneau et al., 2020), and what it is called in English."""

_ALIKE = {"ary": "ar", "arz": "ar", "uzs": "uz", "nn": "no", "wuu": "zh", "yue": "zh", "sdh": "ku"}
"""What py3langid tells apart and readers of the one read in the other."""
_SURE = 0.6
"""Of 5,000 English questions from seven sets, and of 8,000 English paragraphs from nine, four
paragraphs of names were taken for another language with more."""
_SAMPLE = 2_000
"""Code points of a document that are looked at, from its beginning and again from its middle."""
_PLAINLY_ENGLISH = regex.compile(
    r"\b(?:the|which|what|how|when|where|why|who|whose|does|did|and|from|with|this|that|would"
    r"|could|should|been|has|have|were|your|their|there)\b",
    regex.IGNORECASE,
)
"""Words that no other language shares: with one of them, and no other letter than English has,
the detector need not be loaded, which takes a second."""
_PLAIN_SHARE = 0.1
"""Of a document's words. Of 1,056 English documents and paragraphs, 87 % have so many of them; of
140 in other languages none has."""
_NOT_ENGLISH = regex.compile(r"[\p{L}--[a-zA-Z]]", regex.V1)
_FOREIGN_SHARE = 0.02
"""A document with more of other letters may be in two languages."""


def language_of_text(text: str) -> str:
    """Return the language that most of a document is in."""
    sample = sample_of(text)
    if _is_plainly_english(sample):
        return "en"
    language, probability = _ranked(sample)[0]
    return language if probability >= _SURE else ""


def sample_of(text: str) -> str:
    """Return the part of a document by which its language is detected."""
    middle = max(_SAMPLE, len(text) // 2)
    return f"{text[:_SAMPLE]}\n{text[middle : middle + _SAMPLE]}"


def _is_plainly_english(sample: str) -> bool:
    words = len(sample.split())
    if len(_PLAINLY_ENGLISH.findall(sample)) < max(1, _PLAIN_SHARE * words):
        return False
    return len(_NOT_ENGLISH.findall(sample)) < _FOREIGN_SHARE * len(sample)


def language_of_question(text: str, among: Collection[str]) -> str:
    """Return the language of a question to documents that are written in `among`.

    A short question may pass for many languages; then it is in the likeliest of these.
    """
    if text.isascii() and _PLAINLY_ENGLISH.search(text):
        return "en"
    ranked = _ranked(text)
    language, probability = ranked[0]
    if probability >= _SURE:
        return language
    return next((likely for likely, _ in ranked if likely in among), "")


def name_of(language: str) -> str:
    """Return what a language is called in English."""
    return NAMES.get(language, f"the language {language!r}")


def _ranked(text: str) -> list[tuple[str, float]]:
    """Return languages with their probabilities, the likeliest first."""
    probabilities: dict[str, float] = {}
    for code, probability in _detector().rank(text):
        language = _ALIKE.get(code, code)
        language = language if language in NAMES else ""
        probabilities[language] = probabilities.get(language, 0.0) + float(probability)
    return sorted(probabilities.items(), key=lambda item: -item[1])


@cache
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it unpacks some megabytes into a temporary file
        raise ModelError(
            f"The languages of documents cannot be told: the temporary folder "
            f"{tempfile.gettempdir()} takes no file ({error.strerror}). Make room there, or name "
            "another folder by TMPDIR."
        ) from error
