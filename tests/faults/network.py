"""A host of its own for a processor: a network namespace behind a veth pair, in which packets are lost."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from fault_stack import FaultStack

from devstack.daemons import Processor
from devstack.errors import DevError


class HostProcessor(Processor):
    """A processor that runs in a network namespace."""

    namespace = ""
    address = ""

    def environment(self) -> dict[str, str]:
        return super().environment() | {self.listen_setting: f"{self.address}:{self.port}"}

    def command(self) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, *super().command()]


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise DevError(f"{' '.join(command)}: {done.stderr.strip()}")


def _lose(namespace: str, percent: int) -> str:
    """Packets of both directions are dropped inside; says how: netem where the kernel has it, else iptables."""
    inside = ("ip", "netns", "exec", namespace)
    netem = (*inside, "tc", "qdisc", "add", "dev", "host", "root", "netem", "loss", f"{percent}%")
    how = "iptables"
    if subprocess.run(netem, capture_output=True).returncode == 0:
        how = "netem"
    chains = ("INPUT",) if how == "netem" else ("INPUT", "OUTPUT")
    for chain in chains:
        rule = ("-m", "statistic", "--mode", "random", "--probability", str(percent / 100), "-j", "DROP")
        _run(*inside, "iptables", "-A", chain, *rule)
    return how


def missing_tools() -> list[str]:
    return [name for name in ("ip", "tc", "iptables") if shutil.which(name) is None]


@contextmanager
def lossy_host(stack: FaultStack, number: int, percent: int) -> Iterator[HostProcessor]:
    """A processor on a host with this address, whose way to every service loses packets; not started yet."""
    namespace, outer, network = f"sluice-fault{number}", f"slfault{number}", f"198.18.{number}"
    subprocess.run(["ip", "netns", "del", namespace], capture_output=True)  # left by a run that was killed
    subprocess.run(["ip", "link", "del", outer], capture_output=True)
    _run("ip", "netns", "add", namespace)
    try:
        _run("ip", "link", "add", outer, "type", "veth", "peer", "name", "host", "netns", namespace)
        _run("ip", "address", "add", f"{network}.1/24", "dev", outer)
        _run("ip", "link", "set", outer, "up")
        for words in (f"address add {network}.2/24 dev host", "link set host up", "link set lo up"):
            _run("ip", "-n", namespace, *words.split())
        how = _lose(namespace, percent)
        print(f"{percent} % of the packets of {namespace} are dropped by {how}")
        yield _processor(stack, number, namespace, network)
    finally:
        subprocess.run(["ip", "netns", "del", namespace], capture_output=True)
        subprocess.run(["ip", "link", "del", outer], capture_output=True)


def _processor(stack: FaultStack, number: int, namespace: str, network: str) -> HostProcessor:
    made = HostProcessor(f"host-{number}", stack.processor.program, stack.state, stack.program_settings)
    made.namespace, made.address = namespace, f"{network}.2"
    made.extra_environment |= stack.normal["processor"]
    made.extra_environment |= stack.add_links(made.name, f"{network}.1")
    return made
