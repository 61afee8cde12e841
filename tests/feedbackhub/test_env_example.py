"""`.env.example` lists exactly the variables that the settings read."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = {"text", "secret", "flag", "integer", "words", "networks"}
# Read by compose.yaml only.
ELSEWHERE = {"POSTGRES_PASSWORD"}


def variables_read() -> set[str]:
    tree = ast.parse((ROOT / "feedbackhub" / "settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and isinstance(node.args[0], ast.Constant)
    }


def test_the_example_and_the_settings_name_the_same_variables():
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert listed - ELSEWHERE == variables_read()
