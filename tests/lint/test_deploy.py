"""Manifests of Kubernetes and units of systemd: by published schemas, by systemd itself, and for what we promise."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from devstack.build import build_dir, preset_or
from devstack.paths import ROOT

K8S = ROOT / "deploy" / "k8s"
SYSTEMD = ROOT / "deploy" / "systemd"
KUBERNETES = ("1.28", "1.37")  # the oldest and the newest that the manifests are for
KEDA = {"ScaledObject", "TriggerAuthentication"}  # their schemas are in no package: checked by hand below


def _documents(*kinds: str) -> list[dict[str, Any]]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(K8S.glob("*.yaml"))]
    found = [document for text in texts for document in yaml.safe_load_all(text)]
    return [document for document in found if not kinds or document["kind"] in kinds]


def _named(kind: str, name: str) -> dict[str, Any]:
    return next(document for document in _documents(kind) if document["metadata"]["name"] == name)


def _pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for document in _documents("Deployment", "Job"):
        yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def _containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def _settings() -> set[str]:
    table = (ROOT / "common" / "config.def").read_text(encoding="utf-8")
    return {f"SLUICE_{name}" for name in re.findall(r"^SETTING\([^,]+, \w+, (\w+),", table, re.M)}


@pytest.mark.parametrize("version", KUBERNETES)
def test_manifests_fit_the_schemas_of_kubernetes(version: str) -> None:
    checked = 0
    for document in _documents():
        if document["kind"] not in KEDA | {"Kustomization"}:
            kubernetes_validate.validate(document, version, strict=True)
            checked += 1
    assert checked >= 12


def test_the_schemas_find_mistakes() -> None:
    wrong = _named("Deployment", "sluice-api")
    wrong["spec"]["template"]["spec"]["containers"][0]["readinessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES[1], strict=True)


def test_pods_are_confined() -> None:
    for name, pod in _pods():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, f"{name}: SLUICE_API_PORT would be refused as an unknown setting"
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in _containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert "memory" in container["resources"]["limits"], name
            assert not container["image"].endswith(":latest"), name


def test_names_agree() -> None:
    for name in ("sluice-api", "sluice-processor"):
        labels = _named("Deployment", name)["spec"]["template"]["metadata"]["labels"]
        selectors = [
            _named("Deployment", name)["spec"]["selector"]["matchLabels"],
            _named("Service", name)["spec"]["selector"],
            _named("PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"],
            _named("NetworkPolicy", name)["spec"]["podSelector"]["matchLabels"],
        ]
        assert all(selector.items() <= labels.items() for selector in selectors), name
        ports = {
            port["name"] for port in _named("Deployment", name)["spec"]["template"]["spec"]["containers"][0]["ports"]
        }
        assert {port["targetPort"] for port in _named("Service", name)["spec"]["ports"]} <= ports
    egress = _named("NetworkPolicy", "sluice-egress")["spec"]["podSelector"]["matchLabels"]
    for document in _documents("Deployment", "Job"):
        assert egress.items() <= document["spec"]["template"]["metadata"]["labels"].items()


def test_settings_exist() -> None:
    known = _settings()
    assert "SLUICE_LISTEN" in known
    given = [*_named("ConfigMap", "sluice")["data"], *_named("Secret", "sluice")["stringData"]]
    given += [variable["name"] for _, pod in _pods() for part in _containers(pod) for variable in part.get("env", [])]
    assert set(given) <= known, set(given) - known


def test_pods_have_time_to_drain() -> None:
    """More than SLUICE_DRAIN_TIMEOUT_S by default, and the pause before it."""
    for name in ("sluice-api", "sluice-processor"):
        assert _named("Deployment", name)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= 30


def test_keda_scales_the_processors() -> None:
    """By hand, for KEDA 2: the fields that its documentation demands."""
    scaled = _named("ScaledObject", "sluice-processor")
    assert scaled["apiVersion"] == "keda.sh/v1alpha1"
    spec = scaled["spec"]
    assert set(spec) <= {
        "scaleTargetRef", "minReplicaCount", "maxReplicaCount", "pollingInterval", "cooldownPeriod", "triggers",
    }  # fmt: skip
    assert _named("Deployment", spec["scaleTargetRef"]["name"])
    assert 0 < spec["minReplicaCount"] < spec["maxReplicaCount"], "the sweeper lives in a processor"
    demanded = {"redis": {"address", "listName", "listLength"}, "postgresql": {"query", "targetQueryValue"}}
    for trigger in spec["triggers"]:
        assert set(trigger["metadata"]) == demanded[trigger["type"]], trigger
        assert all(isinstance(value, str) for value in trigger["metadata"].values()), trigger
        assert _named("TriggerAuthentication", trigger["authenticationRef"]["name"])
    for reference in _named("TriggerAuthentication", "sluice")["spec"]["secretTargetRef"]:
        assert set(reference) == {"parameter", "name", "key"}


@pytest.mark.parametrize("unit", sorted(path.name for path in SYSTEMD.glob("*.service")))
def test_units_are_valid(unit: str, tmp_path: Path) -> None:
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    copy = tmp_path / unit
    copy.write_text(text.replace("/usr/local/bin/", f"{build_dir(preset_or('asan')) / 'bin'}/"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert unit not in done.stderr, done.stderr


@pytest.mark.parametrize("unit", ["sluice-api.service", "sluice-processor.service"])
def test_units_are_confined(unit: str) -> None:
    lines = (SYSTEMD / unit).read_text(encoding="utf-8").splitlines()
    for line in ("DynamicUser=yes", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "ProtectSystem=strict",
                 "PrivateDevices=yes", "SystemCallFilter=@system-service", "RestartPreventExitStatus=2"):  # fmt: skip
        assert line in lines, line


def test_the_proxy_s_configuration_is_valid() -> None:
    assert shutil.which("caddy"), "caddy is not installed; ./dev test installs it"
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
