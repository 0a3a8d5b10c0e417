"""What schemathesis is told of this API beyond its document; loaded by its program."""

from typing import Any

import schemathesis


@schemathesis.hook
def map_query(context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """A valid wait is a second: a file that nobody uploads is waited for as long as the request says."""
    if query and type(query.get("wait")) is int and 1 < query["wait"] <= 60:
        query["wait"] = 1
    return query


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """The answer is ours; where it leads to is the store's."""
    kwargs["allow_redirects"] = False
