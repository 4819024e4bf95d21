"""Clients that misbehave, until they are killed: 100 send a byte of a header a second, 100 read a byte of an answer a second, 200 say nothing.

Whoever is cut off comes back. Once a second a line says how many there are and how often they were cut off.
"""

import select
import socket
import sys
import time

PORT = int(sys.argv[1])
KINDS = ["sends"] * 100 + ["reads"] * 100 + ["silent"] * 200
HOURS = 4 * 3600


def connect(kind):
    client = socket.socket()
    if kind == "reads":
        # Small, so that what it does not read waits at the server.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(5)
    client.connect(("127.0.0.1", PORT))
    if kind == "sends":
        client.sendall(b"GET /api.json HTTP/1.1\r\nX-Slow: ")
    if kind == "reads":
        client.sendall(b"GET /api.json HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n")
    client.setblocking(False)
    return client


def step(kind, client):
    """Whether the client is still connected."""
    try:
        if kind == "sends":
            client.send(b"a")
        if kind in ("sends", "silent"):
            return not select.select([client], [], [], 0)[0]
        return client.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


clients = [None] * len(KINDS)
cut = {"sends": 0, "reads": 0, "silent": 0}
for _ in range(HOURS):
    began = time.monotonic()
    for at, kind in enumerate(KINDS):
        try:
            if clients[at] is None:
                clients[at] = connect(kind)
            elif not step(kind, clients[at]):
                clients[at].close()
                clients[at] = None
                cut[kind] += 1
        except OSError:
            clients[at] = None
    print(f"{sum(client is not None for client in clients)} connected, cut off so far: {cut}", flush=True)
    time.sleep(max(0.0, 1 - (time.monotonic() - began)))
