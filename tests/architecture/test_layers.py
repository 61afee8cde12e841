"""The layer rules of docs/architecture.md, held by reading the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "crm", "feedback", "reviews", "campaigns")


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for folder in folders:
            for file in sorted((ROOT / app / folder).rglob("*.py")):
                yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef))


def test_imports_keep_to_the_layers():
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_edges_reach_rows_through_the_domain_only():
    """No `Model.objects` in views, APIs and admin: each tenant-owned thing has one door, with the account."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in sources("api", "views", "admin")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    ]
    assert found == []


def test_whoever_acts_is_named_by_keyword():
    """`records.create(account=…, draft=…, by=…)`: a verb that takes an actor takes everything by keyword."""
    found = [
        f"{name}:{function.lineno} {function.name}"
        for name, tree in sources("domain")
        for function in functions(tree)
        if not function.name.startswith("_") and "actor" in [arg.arg for arg in function.args.args]
    ]
    assert found == []


def test_domain_does_not_know_http():
    found = [
        f"{name}:{node.lineno}"
        for name, tree in sources("domain", "models")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(("django.http", "django.shortcuts", "django.views"))
    ]
    assert found == []


def test_nothing_in_domain_takes_a_request():
    found = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in sources("domain")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(
            isinstance(arg.annotation, ast.Name) and arg.annotation.id in ("HttpRequest", "Request")
            for arg in [*node.args.args, *node.args.kwonlyargs]
        )
    ]
    assert found == []


def test_tasks_have_names_and_nothing_is_scheduled_by_eta():
    for app in (*APPS, "feedbackhub"):
        for file in (ROOT / app).rglob("*.py"):
            tree = ast.parse(file.read_text())
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    keywords = {keyword.arg for keyword in node.keywords}
                    assert not ({"eta", "countdown"} & keywords), f"{file}:{node.lineno}"
                if isinstance(node, ast.FunctionDef):
                    for decorator in node.decorator_list:
                        called = decorator.func if isinstance(decorator, ast.Call) else decorator
                        if isinstance(called, ast.Name) and called.id == "shared_task":
                            names = [k for k in getattr(decorator, "keywords", []) if k.arg == "name"]
                            assert names, f"{file}:{node.lineno} has no explicit name"


@pytest.mark.parametrize("vendor", ["hub", "buildbetter", "leadping", "inkeep"])
def test_every_vendor_folder_has_the_same_files(vendor: str):
    names = {file.name for file in (ROOT / "feedback" / "api" / vendor).iterdir()}
    assert {"README.md", "contract.py", "urls.py", "views.py", "wire.py", "errors.py"} <= names
