"""Cancels the work for a request when its client disconnects.

ASGI reports a disconnect by a message. While the work runs, a task waits for that message and then
cancels the work.
"""

import anyio
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


class AttendedRoute(APIRoute):
    """A route whose handler is cancelled when its client disconnects."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request unless its client disconnects."""
        await UntilDisconnect(super().handle)(scope, receive, send)


class UntilDisconnect:
    """An ASGI application whose requests are cancelled when their client disconnects."""

    def __init__(self, app: ASGIApp) -> None:
        """Watch the clients of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request unless its client disconnects."""
        client = _Client(receive, send)
        try:
            async with anyio.create_task_group() as group:
                if scope["method"] in _WITHOUT_BODY:  # no handler reads it to its end
                    await client.skip_body()
                group.start_soon(client.cancel_when_gone, group.cancel_scope)
                await self._app(scope, client.receive, client.send)
                group.cancel_scope.cancel()
        except ExceptionGroup as errors:  # of one, which the application raised
            raise errors.exceptions[0] from None


class _Client:
    """The client of a request; all messages to and from the application pass through here."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._has_sent_all = anyio.Event()
        self._is_gone = anyio.Event()
        self._is_skipped = False
        self._is_answered = False

    async def skip_body(self) -> None:
        """Read the body and discard it."""
        while not self._has_sent_all.is_set():
            await self.receive()
        self._is_skipped = True

    async def receive(self) -> Message:
        """Return the next message: of the body, or, after its end, the disconnect."""
        if self._is_skipped:
            self._is_skipped = False
            return {"type": "http.request", "body": b"", "more_body": False}
        if self._has_sent_all.is_set():
            await self._is_gone.wait()
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._is_gone.set()
        if not message.get("more_body"):
            self._has_sent_all.set()
        return message

    async def send(self, message: Message) -> None:
        """Send a message of the response."""
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self._is_answered = True
        await self._send(message)

    async def cancel_when_gone(self, work: anyio.CancelScope) -> None:
        """Wait for the disconnect; then cancel the work, unless it is done."""
        await self._has_sent_all.wait()
        while not self._is_gone.is_set():
            if (await self._receive())["type"] == "http.disconnect":
                self._is_gone.set()
        if not self._is_answered:
            work.cancel()
