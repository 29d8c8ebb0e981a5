"""MCP, asked by the SDK's own client: over stdio, over HTTP, and in this process."""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from api_support import TEXTS, serving_here
from jsonschema import Draft202012Validator
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from tests_support import PATIENCE, write_files

from rag import Library
from rag.ids import document_id
from ui.api.mcp_server import mcp_server
from ui.app_state import AppState
from ui.security.api_keys import Keys
from ui.security.passwords import read_password, write_password
from ui.service import Service
from ui.serving.metrics import Metrics

TRANSPORTS = ("stdio", "http", "http, handshake")
ASKED = {"question": '"Pears are green"', "k": 2}

Talk = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small library, with a password and a key, on disk."""
    made = tmp_path_factory.mktemp("mcp")
    with Library.open(made / "library", model="hashing") as library:
        library.add(write_files(made / "texts", TEXTS))
    write_password(made / "library" / "password", "correct horse")
    return made


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    return Keys(folder / "library" / "keys").add("assistant", "read")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    library = folder / "library"
    keys, password = Keys(library / "keys"), read_password(library / "password")
    with serving_here(library, keys=keys, password=password, needs_key=True) as address:
        yield address


@pytest.fixture(scope="module")
def by_stdio(folder: Path) -> Iterator[Callable[[Talk], None]]:
    """Give a way to talk to a server that is started once, since its start takes seconds."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio(folder))) as client,
    ):
        yield lambda said: portal.call(said, client)


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    with Library.open(folder / "library") as opened:
        yield opened


@pytest.fixture(params=TRANSPORTS)
def talk(request: pytest.FixtureRequest) -> Callable[[Talk], None]:
    """Give a way to talk to a server as a client does, over each transport."""
    if request.param == "stdio":
        told: Callable[[Talk], None] = request.getfixturevalue("by_stdio")
        return told
    address, key = (request.getfixturevalue(name) for name in ("address", "key"))
    mode = "legacy" if "handshake" in request.param else "auto"

    async def over_http(said: Talk) -> None:
        headers = {"authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(headers=headers, timeout=PATIENCE) as http:
            transport = streamable_http_client(f"{address}/mcp", http_client=http)
            await _with(Client(transport, mode=mode), said)

    return lambda said: anyio.run(over_http, said)


def stdio(folder: Path) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "rag", "mcp", "--library", str(folder / "library")],
        env=dict(os.environ),
    )


async def _with(client: Client, said: Talk) -> None:
    async with client:
        await said(client)


def plain(told: dict[str, Any]) -> Any:
    return json.loads(json.dumps(told))


def test_the_tools_say_what_they_are(talk: Callable[[Talk], None]) -> None:
    async def said(client: Client) -> None:
        assert client.server_info.name == "quoth"
        assert "word for word" in client.instructions
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == [
            *("ask", "search", "more", "list_mentions", "read_passage", "list_documents"),
            *("list_cases", "read_case", "keep_passage"),
        ]
        for tool in tools.values():
            hints = tool.annotations
            assert tool.title == hints.title
            reads = tool.name != "keep_passage"
            assert (hints.read_only_hint, hints.idempotent_hint) == (reads, True)
            assert (hints.destructive_hint, hints.open_world_hint) == (False, False)
            for schema in (tool.input_schema, tool.output_schema):
                assert schema["type"] == "object"
                Draft202012Validator.check_schema(schema)
        assert tools["ask"].input_schema["required"] == ["question"]
        assert "verbatim" in tools["ask"].description
        properties = tools["ask"].output_schema["$defs"]["Citation"]["properties"]
        assert {"id", "document", "paragraph", "sha256"} <= set(properties)
        assert "path" not in properties

    talk(said)


def test_what_tools_tell_is_what_the_library_tells(
    talk: Callable[[Talk], None], library: Library
) -> None:
    async def said(client: Client) -> None:
        schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}

        async def call(name: str, **given: Any) -> Any:
            result = await client.call_tool(name, given)
            assert not result.is_error
            [text] = result.content
            assert json.loads(text.text) == result.structured_content
            Draft202012Validator(schemas[name]).validate(result.structured_content)
            return result.structured_content

        answer = await call("ask", **ASKED)
        assert answer == plain(library.ask(**ASKED).to_dict())
        [passage] = answer["passages"]
        assert passage["text"] == "Pears are green."
        named = passage["citation"]["id"]
        read = await call("read_passage", id=named, around=1)
        assert read == plain(library.passage(named).to_dict())
        found = await call("search", question="What grows?", k=3)
        hits = library.search("What grows?", k=3)
        assert [one["text"] for one in found["passages"]] == [hit.passage.text for hit in hits]
        more = await call("more", question="What grows?", k=1, size=2)
        assert more == plain(library.more("What grows?", k=1, size=2).to_dict())
        mentions = await call("list_mentions", text="grow", limit=1)
        assert mentions == plain(library.mentions("grow", limit=1).to_dict())
        assert (mentions["count"], mentions["complete"]) == (1, False)
        listed = await call("list_documents", limit=2)
        rest = await call("list_documents", cursor=listed["next"])
        entries = listed["documents"] + rest["documents"]
        assert [entry["name"] for entry in entries] == sorted(TEXTS)

    talk(said)


def test_documents_are_resources(talk: Callable[[Talk], None]) -> None:
    async def said(client: Client) -> None:
        resources = (await client.list_resources()).resources
        assert [one.name for one in resources] == sorted(TEXTS)
        for one in resources:
            [content] = (await client.read_resource(one.uri)).contents
            assert content.text == TEXTS[one.name]
        [template] = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "quoth://documents/{id}"
        for wrong in (f"quoth://documents/{'0' * 24}", "quoth://documents/../keys"):
            with pytest.raises(MCPError, match="No document has the id"):
                await client.read_resource(wrong)

    talk(said)


def test_refusals_tell_the_assistant_what_to_do(talk: Callable[[Talk], None]) -> None:
    async def said(client: Client) -> None:
        for name, given, told in (
            ("ask", {"question": "x", "where": ["*.pdf"]}, "Give a document's name"),
            ("ask", {"question": " "}, "question: "),
            ("ask", {"question": "x", "k": 0}, "k: "),
            ("ask", {}, "question: Field required"),
            ("read_passage", {"id": f"{'0' * 24}-{'0' * 12}-0-1"}, "No document has the id"),
            ("list_documents", {"cursor": "abc"}, "Use the `next` value"),
        ):
            result = await client.call_tool(name, given)
            [text] = result.content
            assert (result.is_error, told in text.text) == (True, True), text.text
        with pytest.raises(MCPError, match="There is no tool 'erase'"):
            await client.call_tool("erase", {})

    talk(said)


def test_nothing_but_the_protocol_is_on_standard_output(tmp_path: Path) -> None:
    """Also where a name is no text, as on Linux, whose names are any bytes."""
    name = os.fsdecode(b"a\xff.txt") if sys.platform == "linux" else "a.txt"
    docs = write_files(tmp_path / "docs", {name: "Pears are green."})
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(docs)
        [uri] = [f"quoth://documents/{document_id(info.path)}" for info in library.documents()]
    handshake = {"protocolVersion": "2025-11-25", "capabilities": {},
                 "clientInfo": {"name": "test", "version": "1"}}  # fmt: skip
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": handshake},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call",
         "params": {"name": "ask", "arguments": ASKED}},
        {"jsonrpc": "2.0", "id": 3, "method": "resources/list"},
        {"jsonrpc": "2.0", "id": 4, "method": "resources/read", "params": {"uri": uri}},
    ]  # fmt: skip
    parameters = stdio(tmp_path)
    with subprocess.Popen([parameters.command, *parameters.args], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:  # fmt: skip
        process.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
        process.stdin.flush()
        lines = [json.loads(process.stdout.readline()) for _ in range(4)]
        process.stdin.close()
        assert process.stdout.read() == ""
        assert process.wait(PATIENCE) == 0
    told = {one["id"]: one["result"] for one in lines}
    assert sorted(told) == [1, 2, 3, 4]
    assert told[2]["structuredContent"]["answered"] is True
    [listed], [read] = told[3]["resources"], told[4]["contents"]
    shown = "a\ufffd" if sys.platform == "linux" else "a"
    assert (listed["name"], listed["title"]) == (f"{shown}.txt", shown)
    assert (listed["uri"], read["uri"], read["text"]) == (uri, uri, "Pears are green.")


def test_long_lists_of_resources_come_in_parts(tmp_path: Path) -> None:
    texts = {f"{number:03}.txt": f"Text {number}." for number in range(230)}
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(write_files(tmp_path / "texts", texts))
        state = AppState(library)
        calls = Service(state, Metrics(state))

        async def said(client: Client) -> None:
            names, cursor, parts = [], None, 0
            while parts == 0 or cursor:
                part = await client.list_resources(cursor=cursor)
                names += [one.name for one in part.resources]
                cursor, parts = part.next_cursor, parts + 1
            assert (parts, names) == (3, sorted(texts))
            with pytest.raises(MCPError, match="Invalid cursor"):
                await client.list_resources(cursor="!")

        anyio.run(_with, Client(mcp_server(calls)), said)
        state.close()


def test_a_session_is_refused_without_a_key(address: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    refused = httpx2.post(f"{address}/mcp", json=body)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_a_stream_that_nothing_is_sent_on_is_refused(address: str, key: str) -> None:
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {key}"}
    refused = httpx2.get(f"{address}/mcp", headers=headers)
    assert refused.status_code == 405


def test_a_passage_is_kept_in_a_case_by_who_may_write(
    talk: Callable[[Talk], None], library: Library, request: pytest.FixtureRequest
) -> None:
    name = f"By {request.node.callspec.params['talk']}"
    case = library.casework.new(name).id
    passage = library.ask(**ASKED).passages[0].citation.id

    async def said(client: Client) -> None:
        given = {"case": name, "passage": passage, "note": "N"}
        kept = await client.call_tool("keep_passage", given)
        listed = (await client.call_tool("list_cases", {})).structured_content["cases"]
        assert name in {one["name"] for one in listed}
        read = (await client.call_tool("read_case", {"case": case})).structured_content
        if name == "By stdio":
            [quote] = read["quotes"]
            assert kept.structured_content["kept"] == quote
            assert (quote["quote"]["text"], quote["note"]) == ("Pears are green.", "N")
        else:  # the key may only read
            assert (kept.is_error, read["quotes"]) == (True, [])
            assert "read-only" in kept.content[0].text

    talk(said)
