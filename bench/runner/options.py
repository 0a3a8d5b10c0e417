"""What one run was asked to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """As given on the command line."""

    rounds: int
    seconds: int
    objects: int
    announcements: int
    big_mib: int
    samples: int
    rows: int
    peers_only: bool
    sluice_only: bool
    no_write: bool

    @property
    def complete(self) -> bool:
        """Whether the result may replace the committed one: only if peers and Sluice ran in the same run."""
        return not (self.peers_only or self.sluice_only or self.no_write)
