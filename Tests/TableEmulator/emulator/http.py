"""HTTP/1.1 connections: requests in, answers out, and answers cut short on purpose.

The protocol is h11's; the bytes and their end are ours, which is what faults need.
Source: RFC 9112.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable

import h11

from .messages import Request, Response

HEAD_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 16 * 1024 * 1024  # well above the 4 MiB that the service refuses with an answer
READ_BYTES = 64 * 1024


class Gone(Exception):
    """The connection ended, by the peer or by a fault."""


class Connection:
    """One accepted connection."""

    def __init__(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.number = number
        self.served = 0
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX)
        self.peer = writer.get_extra_info("peername")[0]
        self.https = writer.get_extra_info("ssl_object") is not None

    @property
    def peer_left(self) -> bool:
        """Whether the peer closed its side: it waits for no answer."""
        return self._reader.at_eof() or self._writer.is_closing()

    async def request(self, idle_seconds: float) -> Request | None:
        """The next request; None when there is none, or when the wait is over."""
        try:
            head = await asyncio.wait_for(self._event(), idle_seconds)
        except TimeoutError:
            return None
        if not isinstance(head, h11.Request):
            return None
        expects = self._protocol.they_are_waiting_for_100_continue
        if expects:
            self._writer.write(self._send(h11.InformationalResponse(status_code=100, headers=[])))
        body = bytearray()
        while True:
            event = await self._event()
            if isinstance(event, h11.EndOfMessage):
                break
            if not isinstance(event, h11.Data):
                raise Gone
            body += event.data
            if len(body) > BODY_BYTES_MAX:
                raise h11.RemoteProtocolError("too large", error_status_hint=413)
        headers = [
            (name.decode("ascii"), value.decode("utf-8", "replace")) for name, value in head.headers
        ]
        self.served += 1
        return Request(
            head.method.decode("ascii"),
            head.target.decode("ascii"),
            headers,
            bytes(body),
            self.peer,
            self.https,
            self.number,
            self.served > 1,
            expects_continue=expects,
        )

    def encode(self, response: Response, chunk_bytes: int) -> list[bytes]:
        """The head, then each chunk with its frame, then the end."""
        headers = list(response.headers)
        if response.body is None:
            headers.append(("Content-Length", "0"))
        elif response.is_front_end:
            headers.append(("Content-Length", str(len(response.body))))
        else:
            headers.append(("Transfer-Encoding", "chunked"))
        head = h11.Response(
            status_code=response.status,
            reason=response.reason.encode("latin-1", "replace"),
            headers=[(name.encode("ascii"), value.encode()) for name, value in headers],
        )
        pieces = [self._send(head)]
        body = response.body or b""
        for start in range(0, len(body), chunk_bytes):
            pieces.append(self._send(h11.Data(data=body[start : start + chunk_bytes])))
        pieces.append(self._send(h11.EndOfMessage()))
        return [piece for piece in pieces if piece]

    async def write(self, data: bytes) -> None:
        """Hands bytes to the kernel. Gone when the connection is no more."""
        if self._writer.is_closing():
            raise Gone
        self._writer.write(data)
        try:
            await self._writer.drain()
        except ConnectionError:
            raise Gone from None

    def next(self) -> bool:
        """Whether another request may follow."""
        if self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
            return True
        return False

    def abort(self, reset: bool) -> None:
        """Ends it now: with RST, or with FIN."""
        if not reset:
            self._writer.close()
            return
        raw = self._writer.get_extra_info("socket")
        if raw is not None:
            # Lingering for no time is what makes the kernel send RST.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def refuse(self, error: h11.RemoteProtocolError) -> None:
        """What was not HTTP gets the shortest answer."""
        if self._protocol.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            status = error.error_status_hint
            refusal = Response(status, "Bad Request", [("Connection", "close")], None)
            for piece in self.encode(refusal, READ_BYTES):
                await self.write(piece)

    async def _event(self) -> object:
        while True:
            event = self._protocol.next_event()
            if event is not h11.NEED_DATA:
                return event
            try:
                self._protocol.receive_data(await self._reader.read(READ_BYTES))
            except ConnectionError:
                raise Gone from None

    def _send(self, event: object) -> bytes:
        return self._protocol.send(event) or b""  # type: ignore[call-overload]


Handler = Callable[[Request, Connection], Awaitable[None]]


class Server:
    """Listens on the loopback address and serves each connection in a task."""

    def __init__(
        self,
        handler: Handler,
        idle_seconds: Callable[[], float],
        refuses: Callable[[], bool] = lambda: False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._handler = handler
        self._idle_seconds = idle_seconds
        self._refuses = refuses
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: dict[asyncio.Task[None], Connection] = {}
        self._accepted = 0
        self.port = 0

    @property
    def open_connections(self) -> int:
        return len(self._tasks)

    async def start(self, port: int) -> None:
        """Listens; port 0 lets the system choose one, and a restart takes the same again."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", port or self.port, ssl=self._tls, backlog=512
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Ends every connection in the midst of what it does."""
        if self._server is None:
            return
        self._server.close()
        tasks = dict(self._tasks)
        for task, connection in tasks.items():
            connection.abort(reset=False)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._server = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses():
            writer.transport.abort()
            return
        self._accepted += 1
        connection = Connection(self._accepted, reader, writer)
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks[task] = connection
        try:
            await self._serve(connection)
        except (Gone, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            del self._tasks[task]
            writer.close()

    async def _serve(self, connection: Connection) -> None:
        try:
            while True:
                request = await connection.request(self._idle_seconds())
                if request is None:
                    return
                await self._handler(request, connection)
                if not connection.next():
                    return
        except h11.RemoteProtocolError as error:
            await connection.refuse(error)
