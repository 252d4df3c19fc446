"""Judges bodies by the contract, without the decoder: Python's json, and jsonschema on the YAML.

Usage: oracle.py SCHEMA BODIES, where BODIES has one body a line, in hexadecimal. Prints one verdict
a line: `valid`, `not_json`, `not_an_object`, or a reason and the field it is about.
"""

import json
import pathlib
import sys

import jsonschema
import yaml

REASONS = {"required": "missing_field", "type": "wrong_type"}


class Members(list):
    """An object as the list of its members, so that a repeated key is seen."""


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def parse(body, longest):
    """The body as Python values with objects as Members, every number a double."""
    def number(text):
        if len(text) > longest:
            raise ValueError("a number is too long")
        return float(text)

    return json.loads(
        body.decode("utf-8"), object_pairs_hook=Members, parse_constant=refuse,
        parse_int=number, parse_float=number)


def check(value, schema, depth, limit, named):
    """Turns Members into dictionaries; raises ValueError for what json lets pass."""
    if isinstance(value, str):
        value.encode("utf-8")
        return value
    if not isinstance(value, list):
        return value
    if depth >= limit:
        raise ValueError("too deep")
    if not isinstance(value, Members):
        return [check(item, schema, depth + 1, limit, {}) for item in value]
    result = {}
    for key, item in value:
        key.encode("utf-8")
        if key in named and key in result:
            raise ValueError("a key twice")
        below = resolve(schema, named.get(key, {})).get("properties", {})
        result[key] = check(item, schema, depth + 1, limit, below)
    return result


def resolve(schema, part):
    """The part of the schema that `part` refers to, if it does."""
    reference = part.get("$ref", "")
    if not reference.startswith("#/"):
        return part
    for key in reference[2:].split("/"):
        schema = schema[key]
    return schema


def order(schema, part, path=()):
    """Every field of the contract, in its order, as a path of keys."""
    for key, below in resolve(schema, part).get("properties", {}).items():
        yield path + (key,)
        yield from order(schema, below, path + (key,))


def stands_in(schema):
    """The letters, each with the word it stands in for."""
    components = schema["$defs"]["metrics"]["properties"]["g_components"]["properties"]
    return {
        letter: part["x-stands-in-for"]
        for letter, part in components.items() if "x-stands-in-for" in part
    }


def faults(error, words):
    """The reason and path of an error; one for each key that is missing."""
    path = tuple(error.absolute_path)
    if error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield path + (words.get(key, key),), "missing_field"
    else:
        yield path, REASONS.get(error.validator, "out_of_range")


def judge(body, schema, validator, ranks, words):
    try:
        parsed = parse(body, schema.get("x-max-number-bytes", 64))
        if not isinstance(parsed, Members):
            check(parsed, schema, 0, schema.get("x-max-depth", 32), {})
            return "not_an_object"
        value = check(parsed, schema, 0, schema.get("x-max-depth", 32), schema["properties"])
    except (ValueError, RecursionError):
        return "not_json"
    found = [fault for error in validator.iter_errors(value) for fault in faults(error, words)]
    if not found:
        return "valid"
    path, reason = min(found, key=lambda fault: ranks.get(fault[0], len(ranks)))
    return f"{reason} {'.'.join(path)}"


def main(schema_path, bodies_path):
    schema_path = pathlib.Path(schema_path)
    schemas = {
        path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in schema_path.parent.glob("*.yaml")
    }
    schema = schemas[schema_path.name]
    jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver(schema_path.name, schema, store=schemas)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
    words = stands_in(schemas["peer_sync_payload@1.yaml"])
    paths = list(order(schema, schema))
    # A letter is judged in the place of its word.
    ranks = {
        path: paths.index(path[:-1] + (words.get(path[-1], path[-1]),)) for path in paths
    }
    with open(bodies_path, encoding="ascii") as bodies:
        for line in bodies:
            print(judge(bytes.fromhex(line), schema, validator, ranks, words))


if __name__ == "__main__":
    main(*sys.argv[1:])
