"""Alerts and dashboard: Prometheus's own checks, names that exist, and a section of the runbook for each alert."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from devstack.build import PROGRAMS, build_dir, preset_or
from devstack.paths import ROOT
from devstack.reference import dump

PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "sluice.json"
RUNBOOK = ROOT / "docs" / "runbook.md"
METRIC = re.compile(r"\bsluice_\w+")
SELECTED = re.compile(r"(sluice_\w+)\{([^}]*)\}")


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def _metrics() -> dict[str, str]:
    """Name → label, as the program has them; of a histogram all three names."""
    program = build_dir(preset_or("asan")) / "bin" / PROGRAMS[0]
    found = {}
    for name, kind, label in re.findall(r"^\| `(\w+)` \| (\w+) \| (\w*) \|", dump(program, "metrics"), re.M):
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + suffix] = label
    return found


def _promtool(*arguments: str) -> None:
    program = shutil.which("promtool")
    assert program, "promtool is not installed (apt: prometheus); ./dev test installs it"
    done = subprocess.run([program, *arguments], cwd=PROMETHEUS, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alert_rules_are_valid() -> None:
    _promtool("check", "rules", "--lint=all", "--lint-fatal", "alerts.yaml")


def test_alerts_fire_when_they_should() -> None:
    _promtool("test", "rules", "alerts_test.yaml")


def test_every_alert_is_tested_both_ways() -> None:
    tests = yaml.safe_load((PROMETHEUS / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    for rule in _rules():
        fires = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == rule["alert"]}
        assert fires == {True, False}, rule["alert"]


def test_every_alert_has_its_section_of_the_runbook() -> None:
    sections = re.findall(r"^## (\w+)$", RUNBOOK.read_text(encoding="utf-8"), re.M)
    alerts = [rule["alert"] for rule in _rules()]
    assert sections == alerts, "one section each, in the order of alerts.yaml"
    for rule in _rules():
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")


@pytest.mark.parametrize("where", ["alerts", "dashboard"])
def test_metrics_and_their_labels_exist(where: str) -> None:
    metrics = _metrics()
    texts = [rule["expr"] for rule in _rules()] if where == "alerts" else _queries()
    assert len(texts) > 10
    for text in texts:
        for name in METRIC.findall(re.sub(r"\"[^\"]*\"", '""', text)):
            assert name in metrics, f"{name} in: {text}"
        for name, selectors in SELECTED.findall(text):
            used = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selectors)) - {"instance", "job"}
            assert used <= {metrics[name]}, f"{name}{{{selectors}}}"
        for by in re.findall(r"by \(([^)]*)\)", text):
            known = {metrics[name] for name in METRIC.findall(text)} | {"le", "instance"}
            assert {label.strip() for label in by.split(",")} <= known, text


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        columns = range(place["x"], place["x"] + place["w"])
        cells = {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_queries_are_promql(tmp_path: Path) -> None:
    """Each as a rule of its own, with Grafana's variables replaced."""
    rules = []
    for number, query in enumerate(_queries()):
        plain = query.replace("$__rate_interval", "5m").replace("$instance", ".*")
        rules.append({"record": f"dashboard:query:{number}", "expr": plain})
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    _promtool("check", "rules", "--lint=none", str(path))
