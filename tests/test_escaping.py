"""HTML is written in one way, which escapes: no other can come back."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import markupsafe
import pytest
from tests_support import ROOT

from rag.text.html_escaping import Html

DRAWING = sorted(
    path for package in ("evaluation", "ui") for path in (ROOT / package).rglob("*.py")
)
SCRIPTS = sorted((ROOT / "ui" / "assets").glob("*.js"))
TAG = re.compile(r"(?<!\(\?P)<[A-Za-z/!]")  # not the name of a group in a regular expression
# Where text becomes HTML as it stands: our own files, a renderer's output, matplotlib's SVG.
TRUSTED = {
    ("ui/page/head.py", "Html(asset(name))"),
    ("evaluation/report/charts.py", "Html(output.getvalue())"),
    (
        "evaluation/report/html.py",
        "Html(MarkdownIt('js-default', {'html': False}).render(markdown))",
    ),
    (
        "evaluation/report/html.py",
        "Html(re.sub('<[^>]+>', lambda tag: ids.sub(f'\\\\g<1>{prefix}-', tag[0]), svg))",
    ),
}
# Values that are attributes, and what stands in a style or a script: Html of our own.
WHOLE_ATTRIBUTES = {"data", "focus", "long"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    """Give the literals of a module that hold a tag, but for docstrings."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            value = node.value.decode("latin1") if isinstance(node.value, bytes) else node.value
            if isinstance(value, str) and TAG.search(value):
                yield node


def calls_of_html(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Html", "Markup")):
            yield node


def is_literal(call: ast.Call) -> bool:
    only_text = all(
        isinstance(part, ast.Constant) and isinstance(part.value, str) for part in call.args
    )
    return only_text and len(call.args) <= 1 and not call.keywords


def faults(source: str, name: str) -> list[str]:
    """Return where a module makes HTML in any other way than by `Html` around a literal."""
    tree = ast.parse(source)
    calls = list(calls_of_html(tree))
    templates = {id(call.args[0]) for call in calls if is_literal(call) and call.args}
    found = [
        f"{node.lineno}: a tag outside Html(...)"
        for node in literals(tree)
        if id(node) not in templates
    ]
    found += [
        f"{call.lineno}: Html(...) around what is no literal"
        for call in calls
        if not is_literal(call) and (name, ast.unparse(call)) not in TRUSTED
    ]
    found += [
        f"{node.lineno}: markupsafe is used in rag/text/html_escaping.py only"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and "markupsafe" in ast.unparse(node)
    ]
    return found


@pytest.mark.parametrize("path", DRAWING, ids=name_of)
def test_html_is_written_as_a_literal_that_escapes_what_is_put_in(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), name_of(path)) == []


@pytest.mark.parametrize(
    "code",
    [
        "x = f'<p>{name}</p>'",
        "x = '<p>' + name",
        "x = '<p>%s</p>' % name",
        "x = '<p>{}</p>'.format(name)",
        "T = '<p>{}</p>'\nx = T.format(name)",
        "x = ''.join(['<p>', name])",
        "x = b'<p>' + name",
        "x = Html(f'<p>{name}</p>')",
        "x = Html('<p>' + name)",
        "x = Html('<p>{}</p>'.format(name))",
        "x = Html(name)",
        "x = escaping.Html(name)",
        "from markupsafe import Markup",
        "import markupsafe",
    ],
)
def test_any_other_way_is_noticed(code: str) -> None:
    assert faults(code, "ui/html/document.py")


class Places(HTMLParser):
    """Where the fields of a template stand: marked texts are looked for in what a parser reads."""

    def __init__(self, template: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self._raw = False
        self.feed(template)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._raw = tag in ("script", "style")
        for name, value in attrs:
            if name.startswith("on") or name == "srcdoc":
                self.wrong.append(f"{tag} has {name}")
            elif value is None or "\ue000" not in value:
                continue
            elif name in ("href", "src", "action", "formaction", "style") and value != (
                {"href": "#icon-\ue000", "style": "width:\ue000%"}.get(name)
                or "data:image/png;base64,\ue000"
            ):
                self.wrong.append(f"a value is the {name} of {tag}")

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        if self._raw and "\ue000" in data:
            self.wrong.append("a value in a script or a style")


def wrong_places(template: str) -> list[str]:
    """Return which fields of a template stand where escaping would not hold."""
    if not TAG.search(template):
        template = f"<i{template}>" if '="' in template else template  # an attribute by itself
    filled, wrong = "", []
    for text, field, _, _ in Formatter().parse(template):
        filled += text
        if field is None:
            continue
        tag = filled[filled.rfind("<") :]
        in_tag = "<" in tag and ">" not in tag
        if in_tag and tag.count('"') % 2 == 0 and not tag.endswith(" data-"):
            if field not in WHOLE_ATTRIBUTES:
                wrong.append(f"{{{field}}} in a tag, not in double quotes")
            continue
        filled += "\ue000"
    return wrong + Places(filled).wrong


@pytest.mark.parametrize("path", DRAWING, ids=name_of)
def test_values_stand_where_escaping_holds(path: Path) -> None:
    name = name_of(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        wrong
        for call in calls_of_html(tree)
        if is_literal(call)
        for argument in call.args
        for wrong in wrong_places(argument.value)
    ]
    own = {"ui/page/head.py": 2, "evaluation/report/html.py": 1}.get(name, 0)
    assert found == ["a value in a script or a style"] * own


@pytest.mark.parametrize(
    "template",
    [
        "<p class={}>",
        "<p class='{}'>",
        "<p {}>",
        '<a href="{}">',
        '<img src="{}">',
        '<p style="{}">',
        '<p onclick="say({})">',
        "<p onclick=\"say('x')\">",
        "<script>{}</script>",
        "<style>{}</style>",
        ' title="x"{}',
    ],
)
def test_a_place_where_escaping_does_not_hold_is_noticed(template: str) -> None:
    assert wrong_places(template)


def test_no_script_declares_a_name_of_another() -> None:
    """They share one scope: of two functions of a name, the later one takes the place of both."""
    declared = [
        name
        for path in SCRIPTS
        for name in re.findall(
            r"^(?:async function|function|const|let|class) (\w+)", path.read_text("utf-8"), re.M
        )
    ]
    assert [name for name, times in Counter(declared).items() if times > 1] == []


def test_the_scripts_make_html_of_what_the_server_drew_only() -> None:
    code = {path.name: path.read_text(encoding="utf-8") for path in SCRIPTS}
    other = (
        r"outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|setHTML|\beval\b|Function\("
    )
    assert [name for name, text in code.items() if re.search(other, text)] == []
    joined = "\n".join(code.values())
    assert joined.count("createContextualFragment") == 0
    assert sorted(set(re.findall(r"innerHTML\s*(\+?=.*?);", joined))) == [
        "= (await post('topics', {question: text})).html",
        "= found.bar",
        "= found.help",
        "= found.html",
        "= found.shelf",
        "= found.welcome",
        "= html",  # of `element` and `replace`, below
        "= welcome",
    ]
    assert joined.count("innerHTML") == len(re.findall(r"innerHTML\s*\+?=", joined))
    made = re.findall(r"(?<!function )\belement\((.*?)\)(?=[;).: ])", joined)
    drawn = [one for one in made if not re.fullmatch(r"'<[^'`$]*'", one)]
    assert sorted(drawn) == [
        *("answer.html", "found.html", "found.list", "html", "html", "html"),
        *("marks", "quoth.titleField", "stored.html"),
    ]
    parts = re.findall(r"(?<!function )\bfragment\((.*?)\)", joined)
    assert set(parts) == {"found.html", "found.weak"}
    put = re.findall(r"(?<!function )\breplace\(\$\('#\w+'\), (.*?)\)", joined)
    assert put == ["found.notes", "found.adding"]
    assert re.findall(r"setAttribute\('(?!aria-)(\w+)', (.*?)\);", joined) == [
        ("href", "`#icon-${icon}`"),
        ("viewBox", "`0 0 ${bars.length} 100`"),
    ]


def test_what_is_put_in_is_escaped_once_and_what_is_html_not_at_all() -> None:
    text = "<b title='\"'>&\r\n\0\ud800"
    escaped = "&lt;b title=&#39;&#34;&#39;&gt;&amp;&#13;\n\ufffd\ufffd"
    assert Html.escape(text) == escaped
    assert Html.escape(Html.escape(text)) == escaped
    assert Html("<p>{}</p>").format(text) == f"<p>{escaped}</p>"
    assert Html("<p>{x}</p>").format(x=Html.escape(text)) == f"<p>{escaped}</p>"
    assert Html("{}{}").format(1, markupsafe.Markup("<i>")) == "1<i>"
    assert Html("<br>").join([text, Html("<i>")]) == f"{escaped}<br><i>"
    assert Html("<p>") + text == f"<p>{escaped}"
    assert text + Html("<p>") == f"{escaped}<p>"
    assert Html("<p>").replace("p", text) == f"<{escaped}>"
    for made in (Html("{}").format("<"), Html().join("<"), Html("") + "<", "<" + Html("")):
        assert type(made) is Html
