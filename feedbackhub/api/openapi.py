"""One OpenAPI document per contract, from its views: `manage.py emit_openapi` writes docs/openapi/<contract>.json.

A view says what its actions take and give with `describe`; shapes are msgspec structs, dataclasses, TypedDicts,
builtin types, or JSON Schema as a dict. The error shape and the key are added to every operation by the contract.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from feedbackhub.api.contract import Contract

A = TypeVar("A", bound=Callable[..., Any])
JSON_TYPE = "application/json"
SHAPE = "x-shape"
_shapes: dict[str, Any] = {}


def describe(
    summary: str,
    *,
    operation_id: str | None = None,
    description: str = "",
    query: Sequence[OpenApiParameter] = (),
    body: Any = None,
    body_types: Sequence[str] = (JSON_TYPE,),
    other_bodies: Mapping[str, Any] | None = None,
    answers: Mapping[Any, Any] | None = None,
) -> Callable[[A], A]:
    """What an action takes and gives; `answers` maps a status to a shape, None for no body; a status with a media type
    stands for what is not JSON.

    A route that is an alias of another is left out with `as_view(…, schema=None)`. The action keeps the parameters'
    names, and whether each may be repeated, as `described_query`.
    """
    decorator: Callable[[A], A] = extend_schema(
        summary=summary,
        operation_id=operation_id,
        description=description,
        parameters=list(query),
        request=None if body is None else {**dict.fromkeys(body_types, _placed(body)), **(other_bodies or {})},
        responses={
            status: OpenApiResponse(
                _placed(shape) if shape is not None else None, _phrase(status if isinstance(status, int) else status[0])
            )
            for status, shape in (answers or {200: {}}).items()
        },
    )

    def described(action: A) -> A:
        action.described_query = {each.name: _repeatable(each) for each in query}  # type: ignore[attr-defined]
        return decorator(action)

    return described


def parameter(
    name: str, shape: Any = str, description: str = "", *, required: bool = False, many: bool = False
) -> OpenApiParameter:
    """A query parameter; `shape` is a type or a JSON Schema."""
    schema = shape if isinstance(shape, dict) else msgspec.json.schema(shape)
    if many:
        schema = {"type": "array", "items": schema}
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, required=required, description=description)


def _repeatable(each: OpenApiParameter) -> bool:
    return isinstance(each.type, dict) and each.type.get("type") == "array"


class WireSchema(AutoSchema):
    """Takes what `describe` says and guesses nothing."""

    view: Any

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{"key": []}]

    def get_request_serializer(self) -> Any:
        return None if self.method in ("GET", "DELETE") else {JSON_TYPE: {"type": "object"}}

    def get_response_serializers(self) -> Any:
        return {"2XX": {"description": "Not described yet."}}

    def get_description(self) -> str:  # type: ignore[override]
        return inspect.getdoc(getattr(self.view, self.view.action)) or ""

    def get_operation_id(self) -> str:
        # DRF adds `head` to the map with the first call that is served.
        actions = [action for method, action in self.view.action_map.items() if method != "head"]
        # PATCH and POST may mean the same; their names may not be.
        names = [
            *self._tokenize_path(),
            self.view.action,
            *([self.method.lower()] if actions.count(self.view.action) > 1 else []),
        ]
        return "_".join(names).replace("-", "_")

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False


def document(contract: Contract) -> dict[str, Any]:
    """The contract's OpenAPI 3.1 document."""

    class Endpoints(EndpointEnumerator):
        def should_include_endpoint(self, path: str, callback: Any) -> bool:
            own: bool = getattr(getattr(callback, "cls", None), "contract", None) is contract
            return own and super().should_include_endpoint(path, callback)

        def get_path_from_regex(self, path_regex: str) -> str:
            path: str = super().get_path_from_regex(path_regex)  # type: ignore[no-untyped-call]
            # Served with and without its last slash; documented without.
            return path.rstrip("/") if path_regex.endswith("/?$") else path

    class Generator(SchemaGenerator):
        endpoint_inspector_cls = Endpoints

    found = Generator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    components = found["components"]
    components.setdefault("schemas", {})["Error"] = contract.error_schema
    components["responses"] = {
        "Error": {
            "description": "The call was refused or failed.",
            "content": {contract.error_media_type: {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    }
    components["securitySchemes"] = {"key": contract.security_scheme}
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["responses"] = _with_errors(operation["responses"], contract.error_media_type)
    info = {"title": contract.title or contract.name, "version": contract.version, "description": contract.description}
    return _with_shapes({**found, "info": info})


def _with_errors(answers: dict[str, Any], media_type: str) -> dict[str, Any]:
    """Errors that an action describes itself get the contract's media type; all others its error shape."""
    for status, answer in answers.items():
        if status[0] in "45" and "content" in answer:
            answer["content"] = dict.fromkeys([media_type], *answer["content"].values())
    return {**answers, "default": {"$ref": "#/components/responses/Error"}}


def _placed(shape: Any) -> dict[str, Any]:
    """A place for a shape: its schema is known once all shapes of the document are."""
    if isinstance(shape, dict):
        return shape
    _shapes[repr(shape)] = shape
    return {SHAPE: repr(shape)}


def _with_shapes(found: dict[str, Any]) -> dict[str, Any]:
    names = sorted(_places(found))
    schemas, components = msgspec.json.schema_components(
        [_shapes[name] for name in names], ref_template="#/components/schemas/{name}"
    )
    filled: dict[str, Any] = _filled(found, dict(zip(names, schemas, strict=True)))
    filled["components"]["schemas"] |= components
    return filled


def _places(node: Any) -> set[str]:
    if isinstance(node, dict):
        inner = set().union(*map(_places, node.values())) if node else set()
        return inner | ({node[SHAPE]} if SHAPE in node else set())
    return set().union(*map(_places, node)) if isinstance(node, list) and node else set()


def _filled(node: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        return schemas[node[SHAPE]] if SHAPE in node else {key: _filled(value, schemas) for key, value in node.items()}
    return [_filled(value, schemas) for value in node] if isinstance(node, list) else node


def _phrase(status: int) -> str:
    return {200: "Done.", 201: "Created.", 202: "Accepted.", 204: "Done; no body."}.get(status, "")
