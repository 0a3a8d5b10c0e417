"""Two private Redis servers: the queue must lose nothing and refuse rather than evict, the cache may forget."""

import socket

from devstack.service import Service


class Redis(Service):
    """redis-server with the options of its subclass."""

    program_name = "redis-server"
    options: tuple[str, ...] = ()

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.data_dir)]
        return ["redis-server", *place, "--daemonize", "no", "--save", "", *self.options]

    def is_ready(self) -> bool:
        """PING, which is answered with LOADING while the append-only file is read."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as link:
                link.sendall(b"PING\r\n")
                return link.recv(64).startswith(b"+PONG")
        except OSError:
            return False


class QueueRedis(Redis):
    options = ("--appendonly", "yes", "--maxmemory-policy", "noeviction")


class CacheRedis(Redis):
    options = ("--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru")
