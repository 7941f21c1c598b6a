"""Leads the names of APIs back to the server that runs the function: `https://{domainName}/{stage}`, as AWS's examples
build it from an event, reaches this server with no name to be resolved, no certificate to be trusted and nothing to be
configured. What is led: `*.execute-api.*`, `*.lambda-url.*`, `*.appsync-api.*` and `*.appsync-realtime-api.*` under any
domain, and the `domainName` of every event the function was called with (custom domains). Encryption ends here: the
connection to the server is a plain one over the loopback. A function that sets GATEHOUSE_API_NAMES=aws is left alone.

`socket`, `ssl` and `asyncio` are patched when they are imported, never imported for it: a cold start pays nothing.
"""

import importlib.machinery
import os
import re
import sys

_API_NAME = re.compile(r"[a-z0-9-]+\.(execute-api|lambda-url|appsync-api|appsync-realtime-api)\.[a-z0-9.-]+", re.I)
_home = None
_learned = set()


def _is_home(host):
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return isinstance(host, str) and (_API_NAME.fullmatch(host) is not None or host.lower() in _learned)


def lead(url):
    """Called once, before the handler is loaded."""
    global _home
    if not url or os.environ.get("GATEHOUSE_API_NAMES") == "aws":
        return
    host, _, port = url.split("//", 1)[1].rstrip("/").rpartition(":")
    _home = (host.strip("[]"), int(port))
    for name, patch in _PATCHES.items():
        if name in sys.modules:
            patch(sys.modules[name])
    sys.meta_path.insert(0, _Finder())


def look(event):
    """Called before each invocation, with its event."""
    if _home is None or not isinstance(event, dict):
        return
    context = event.get("requestContext")
    name = context.get("domainName") if isinstance(context, dict) else None
    if isinstance(name, str):
        _learned.add(re.sub(r":\d+$", "", name.lower()))


class _Finder:
    """Finds those modules where they are, and patches them once they are executed."""

    def find_spec(self, name, path=None, target=None):
        patch = _PATCHES.get(name)
        spec = importlib.machinery.PathFinder.find_spec(name, path) if patch else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            patch(module)

        spec.loader.exec_module = exec_module
        return spec


def _patch_socket(socket):
    getaddrinfo = socket.getaddrinfo

    def led(host, port, *args, **kwargs):
        if _is_home(host):
            host, port = _home
        return getaddrinfo(host, port, *args, **kwargs)

    socket.getaddrinfo = led


def _patch_ssl(ssl):
    import socket

    wrap_socket = ssl.SSLContext.wrap_socket

    class PlainSocket(socket.socket):
        """A plain connection that says of itself what a TLS one would."""

        def __init__(self, sock, server_hostname):
            timeout = sock.gettimeout()
            super().__init__(sock.family, sock.type, sock.proto, fileno=sock.detach())
            self.settimeout(timeout)
            self.server_hostname = server_hostname
            self.context = None

        def getpeercert(self, binary_form=False):
            return b"" if binary_form else {"subjectAltName": (("DNS", self.server_hostname),)}

        def version(self):
            return "TLSv1.3"

        def cipher(self):
            return ("NULL", "TLSv1.3", 0)

        def selected_alpn_protocol(self):
            return None

        def pending(self):
            return 0

        def unwrap(self):
            return self

    def led(self, sock, *args, **kwargs):
        name = kwargs.get("server_hostname")
        if _is_home(name):
            return PlainSocket(sock, name)
        return wrap_socket(self, sock, *args, **kwargs)

    ssl.SSLContext.wrap_socket = led


def _patch_asyncio(base_events):
    create_connection = base_events.BaseEventLoop.create_connection

    async def led(self, protocol_factory, host=None, port=None, **kwargs):
        if kwargs.get("ssl") and _is_home(kwargs.get("server_hostname") or host):
            for name in ("server_hostname", "ssl_handshake_timeout", "ssl_shutdown_timeout"):
                kwargs.pop(name, None)
            kwargs["ssl"] = None
        return await create_connection(self, protocol_factory, host, port, **kwargs)

    base_events.BaseEventLoop.create_connection = led


_PATCHES = {"socket": _patch_socket, "ssl": _patch_ssl, "asyncio.base_events": _patch_asyncio}
