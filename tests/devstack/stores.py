"""The kinds of store that a stack can run on, by name."""

import os

from devstack.errors import DevError
from devstack.minio import Minio
from devstack.store import Store
from devstack.versitygw import Versitygw

VARIABLE = "SLUICE_DEV_STORE"  # as --store
STORES: dict[str, type[Store]] = {kind.binary.name: kind for kind in (Minio, Versitygw)}
DEFAULT = Minio.binary.name


def store_kind(name: str) -> type[Store]:
    if name not in STORES:
        raise DevError(f"no such store: {name} (there are: {' '.join(STORES)})")
    return STORES[name]


def chosen_store(option: str | None = None) -> str | None:
    """The name that the option or the environment asks for."""
    return option or os.environ.get(VARIABLE) or None
