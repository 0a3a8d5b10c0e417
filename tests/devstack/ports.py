"""Free loopback ports that stay ours while a service is down."""

import random
import socket
from pathlib import Path

from devstack.errors import DevError


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _first_ephemeral() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 32768


def free_port(taken: set[int]) -> int:
    """A free port below the ephemeral range. A port that bind(0) hands out lies inside it: while its service is
    restarted an outgoing connection may take it, or a reconnecting client on loopback may even connect to itself."""
    low, high = 15000, max(_first_ephemeral(), 16000)
    for _ in range(1000):
        port = random.randrange(low, high)
        if port not in taken and is_free(port):
            return port
    raise DevError(f"no free port on 127.0.0.1 between {low} and {high}")
