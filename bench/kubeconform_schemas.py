#!/usr/bin/env python3
"""kubeconform_schemas.py OUT_DIR OPENAPI_V3.tar.xz VERSION [CRD_DIR]...

Turns the published OpenAPI v3 documents of one Kubernetes version, and CRDs, into the JSON schemas that kubeconform
reads: one self-contained strict schema a kind, OUT_DIR/v1.29.0-standalone-strict/deployment-apps-v1.json. So it can be
measured offline, on the same facts as kubegate.

CRDs are YAML. Without python3-yaml (a Debian package) they are left out with a message, and exit code 3.
"""

import json
import pathlib
import sys
import tarfile

DEPTH_OF_RECURSION = 2  # JSONSchemaProps holds itself; deeper down anything is allowed

KEPT = {"description", "type", "format", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
        "uniqueItems", "required", "multipleOf"}


def inline(schema, components, stack=()):
    """The schema with every $ref replaced, every closed object closed, and null beside every optional type."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if stack.count(name) >= DEPTH_OF_RECURSION:
            return {}
        return inline(components[name], components, stack + (name,))
    if "allOf" in schema and len(schema["allOf"]) == 1 and "$ref" in schema["allOf"][0]:
        return inline(schema["allOf"][0], components, stack)  # how OpenAPI writes a reference with a default beside it

    out = {k: v for k, v in schema.items() if k in KEPT}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(out.get(exclusive), bool):  # draft 4 as OpenAPI 3.0 has it; later drafts take the number
            if out.pop(exclusive) and bound in out:
                out[exclusive] = out.pop(bound)
    for combination in ("allOf", "anyOf", "oneOf"):
        if combination in schema:
            out[combination] = [inline(s, components, stack) | ({} if s.get("properties") is None else
                                                                {"additionalProperties": True})
                                for s in schema[combination]]
    if "not" in schema:
        out["not"] = inline(schema["not"], components, stack) | {"additionalProperties": True}

    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
        out.pop("format", None)
        out["type"] = ["string", "integer"]
    if "properties" in schema:
        required = schema.get("required", [])
        out["properties"] = {}
        for name, value in schema["properties"].items():
            inlined = inline(value, components, stack)
            if name not in required or value.get("nullable"):
                inlined = nullable(inlined)
            out["properties"][name] = inlined
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            out["additionalProperties"] = False
    if isinstance(schema.get("additionalProperties"), dict):
        out["additionalProperties"] = nullable(inline(schema["additionalProperties"], components, stack))
    if "items" in schema:
        out["items"] = inline(schema["items"], components, stack)
    if schema.get("x-kubernetes-embedded-resource") and "properties" in out:
        for name in ("apiVersion", "kind", "metadata"):
            out["properties"].setdefault(name, {})
    return out


def nullable(schema):
    if "type" not in schema:
        return schema
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    out = dict(schema, type=[*types, "null"])
    if "enum" in out:
        out["enum"] = [*out["enum"], None]
    return out


def write(folder, group, version, kind, schema):
    group = group.split(".")[0]
    name = "-".join(part for part in (kind, group, version) if part).lower()
    (folder / f"{name}.json").write_text(json.dumps(schema, separators=(",", ":")))


def convert_openapi(folder, archive):
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.name.endswith(".json"):
                continue
            components = json.load(tar.extractfile(member)).get("components", {}).get("schemas", {})
            for schema in components.values():
                gvks = schema.get("x-kubernetes-group-version-kind", [])
                if len(gvks) != 1:
                    continue  # DeleteOptions and the like, which every group has
                group, version, kind = (gvks[0][key] for key in ("group", "version", "kind"))
                # A document also describes kinds of other groups that it refers to; those have documents of their own.
                if member.name.endswith(f"/{group}/{version}.json" if group else f"/api/{version}.json"):
                    write(folder, group, version, kind, inline(schema, components))


def convert_crds(folder, crd_dir):
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        pass

    Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)  # a plain `=`
    for path in sorted(crd_dir.rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(), Loader=Loader):
            if not isinstance(document, dict) or document.get("kind") != "CustomResourceDefinition":
                continue
            spec = document["spec"]
            for version in spec["versions"]:
                if version["served"]:
                    schema = inline(version["schema"]["openAPIV3Schema"], {})
                    for name in ("apiVersion", "kind", "metadata"):
                        if "properties" in schema:
                            schema["properties"].setdefault(name, {})
                    write(folder, spec["group"], version["name"], spec["names"]["kind"], schema)


def main(arguments):
    if len(arguments) < 3:
        sys.exit(__doc__)
    out, archive, version = arguments[:3]
    folder = pathlib.Path(out) / f"v{version}.0-standalone-strict"
    folder.mkdir(parents=True, exist_ok=True)
    convert_openapi(folder, archive)
    try:
        for crd_dir in arguments[3:]:
            convert_crds(folder, pathlib.Path(crd_dir))
    except ImportError:
        print("python3-yaml is not installed: no schemas for custom resources", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
