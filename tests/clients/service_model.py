"""Compares a recorded request with botocore's model of the service."""

import re

import botocore.session
from botocore.validate import ParamValidator

LOADER = botocore.session.get_session()
SERVICES = ("iam", "config", "sts", "organizations", "cloudformation")
MODELS = {name: LOADER.get_service_model(name) for name in SERVICES}


def defects(request):
    """The faults of a recorded request; empty if AWS would accept it."""
    model = MODELS[request["service"]]
    found = list(signature_defects(request, model))
    if request["operation"] not in model.operation_names:
        return [*found, f"no operation {request['operation']}"]
    operation = model.operation_model(request["operation"])
    found += PROTOCOLS[model.metadata["protocol"]](request, model, operation)
    return found


def signature_defects(request, model):
    signature = request["signature"] or {}
    if signature.get("service") != model.signing_name:
        yield f"signed for {signature.get('service')}"
    if not request["headers"].get("x-amz-security-token"):
        yield "no session token"


def query_defects(request, model, operation):
    """Compares a form: two fields of the protocol, and the texts that an operation adds."""
    fixed = {"Action": operation.name, "Version": model.metadata["apiVersion"]}
    form = request["parameters"]
    if fixed.items() - form.items():
        yield f"form {form} without {fixed}"
    more = {name: value for name, value in form.items() if name not in fixed}
    yield from input_defects(more, operation)
    if request["headers"]["content-type"] != "application/x-www-form-urlencoded":
        yield f"content type {request['headers']['content-type']}"


def json_defects(request, model, operation):
    target = f"{model.metadata['targetPrefix']}.{operation.name}"
    if request["headers"]["x-amz-target"] != target:
        yield f"target {request['headers']['x-amz-target']}"
    if request["headers"]["content-type"] != f"application/x-amz-json-{model.metadata['jsonVersion']}":
        yield f"content type {request['headers']['content-type']}"
    yield from input_defects(request["parameters"], operation)


def input_defects(parameters, operation):
    if operation.input_shape is None:
        if parameters:
            yield f"no input is known, but sent is {parameters}"
        return
    report = ParamValidator().validate(parameters, operation.input_shape)
    if report.has_errors():
        yield report.generate_report()
    yield from beyond(parameters, operation.input_shape, "")


def beyond(value, shape, place):
    """Faults that botocore's validator does not look for: upper limits, enums and patterns."""
    limit = shape.metadata.get("max")
    size = value if shape.type_name in ("integer", "long") else None
    size = len(value) if isinstance(value, (str, list)) else size
    if limit is not None and size is not None and size > limit:
        yield f"{place} is {size}, more than {limit}"
    if shape.type_name == "timestamp" and not isinstance(value, (int, float)):
        yield f"{place} is no number"
    if isinstance(value, str):
        if getattr(shape, "enum", None) and value not in shape.enum:
            yield f"{place} is {value}, none of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value):
            yield f"{place} is not like {pattern}"
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            if name in value:
                yield from beyond(value[name], member, f"{place}.{name}")
    if shape.type_name == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from beyond(item, shape.member, f"{place}[{index}]")


PROTOCOLS = {"query": query_defects, "json": json_defects}
