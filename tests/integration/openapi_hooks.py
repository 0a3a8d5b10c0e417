"""What schemathesis is told of this API beyond its document; loaded by its program."""

import re
import uuid
from typing import Any

import schemathesis
from hypothesis.internal import lambda_sources

_describe = lambda_sources._lambda_description


def _describe_or_not(function: Any) -> str:
    """For messages only. Python before 3.11.5 fails to parse a lambda's source on a deep stack (gh-106905)."""
    try:
        return str(_describe(function))
    except SystemError:
        return "lambda"


lambda_sources._lambda_description = _describe_or_not


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """The last word before a request goes out. What is not valid stays as it is."""
    kwargs["allow_redirects"] = False  # the answer is ours; where it leads to is the store's
    query, headers = case.query, case.headers
    if query and re.fullmatch("[0-9]+", str(query.get("wait", ""))) and 1 < int(query["wait"]) <= 60:
        query["wait"] = 1  # a file that nobody uploads is waited for as long as the request says
    if _lacks(case, "Authorization"):
        return  # a change of the headers would put it back
    if headers and re.fullmatch("[!-~]{1,200}", str(headers.get("Idempotency-Key", ""))):
        headers["Idempotency-Key"] += uuid.uuid4().hex  # used with another request before, it is refused


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """False for what the document cannot say: rules that hold everywhere, also where nobody looks at what is there."""
    text = response.text if response.status_code == 400 else ""
    rules = (
        "too big",  # integers beyond 64 bits
        "NUL byte in object key",
        "u0000 is not allowed",
        "a part's head has control characters",  # RFC 7578, of a form's field names
    )
    return not any(rule in text for rule in rules)


def _lacks(case: Any, parameter: str) -> bool:
    return getattr(case.meta and case.meta.phase.data, "parameter", None) == parameter
