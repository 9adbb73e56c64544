"""Writes schemas for kubeconform: Kubernetes' own for two versions, and those of the Prometheus operator, each file complete in itself.

Usage: schemas.py TARGET OPERATOR, where OPERATOR is the folder with the operator's CustomResourceDefinitions.
"""

import json
import pathlib
import sys

import kubernetes_validate
import yaml

VERSIONS = ["1.29.0", "1.37.0"]
KINDS = ["Service", "ServiceAccount", "StatefulSet", "PodDisruptionBudget", "NetworkPolicy"]


def resolved(node, definitions, open_refs=()):
    """The schema with each reference replaced by what it refers to; a schema that contains itself ends there."""
    if isinstance(node, list):
        return [resolved(each, definitions, open_refs) for each in node]
    if not isinstance(node, dict):
        return node
    ref = node.get("$ref")
    if isinstance(ref, str):
        name = ref.rsplit("/", 1)[1]
        return {} if name in open_refs else resolved(definitions[name], definitions, (*open_refs, name))
    return {key: resolved(value, definitions, open_refs) for key, value in node.items()}


def strict(node):
    """Refuses fields that a CustomResourceDefinition does not know."""
    if isinstance(node, list):
        return [strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: strict(value) for key, value in node.items()}
    if found.get("type") == "object" and "properties" in found:
        found.setdefault("additionalProperties", False)
    return found


target, operator = map(pathlib.Path, sys.argv[1:])
source = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
for version in VERSIONS:
    folder = source / f"v{version}-local-strict"
    definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
    (target / f"v{version}").mkdir(parents=True)
    for kind in KINDS:
        for file in folder.glob(f"{kind.lower()}-*.json"):
            schema = resolved(json.loads(file.read_text()), definitions)
            (target / f"v{version}" / file.name).write_text(json.dumps(schema))

(target / "operator").mkdir()
definition = yaml.safe_load((operator / "monitoring.coreos.com_servicemonitors.yaml").read_text())
for version in definition["spec"]["versions"]:
    schema = version["schema"]["openAPIV3Schema"]
    # Kubernetes knows the fields of all metadata; the definition leaves them out.
    schema["properties"]["metadata"] = {"type": "object"}
    name = f"servicemonitor-monitoring-{version['name']}.json"
    (target / "operator" / name).write_text(json.dumps(strict(schema)))
