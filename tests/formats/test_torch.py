"""pt, and tensors in safetensors. Where PyTorch is not installed (it is gigabytes on Linux) there are no such tests."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import FormatConformance

if importlib.util.find_spec("torch") is not None:
    torch: Any = importlib.import_module("torch")

    def same(saved: Any, loaded: Any) -> bool:
        """Whether two values are of the same types, and their tensors equal to the bit."""
        if type(saved) is not type(loaded):
            return False
        if isinstance(saved, dict):
            return list(saved) == list(loaded) and all(same(saved[key], loaded[key]) for key in saved)
        if isinstance(saved, list):
            return len(saved) == len(loaded) and all(map(same, saved, loaded))
        if isinstance(saved, torch.Tensor):
            facts = [(each.dtype, each.shape, each.requires_grad) for each in (saved, loaded)]
            return facts[0] == facts[1] and bool(torch.equal(saved, loaded))
        return bool(saved == loaded)

    class TestTorch(FormatConformance):
        """pt keeps the promises of a format, but for that of equal bytes."""

        name = "pt"
        file = "weights.pt"
        wrong = staticmethod(lambda: None)

        def values(self) -> list[Any]:
            return [
                {"w": torch.arange(6.0).reshape(2, 3).T, "n": [1, 2.5, "é", None]},
                torch.ones(2, dtype=torch.bfloat16),
                torch.ones(2, requires_grad=True),
                dict(torch.nn.Linear(2, 1).state_dict()),
                {},
            ]

        def same(self, saved: Any, loaded: Any) -> bool:
            return same(saved, loaded)

    @pytest.mark.parametrize("value", [torch.nn.Linear(2, 1), {"x": Path()}])
    def test_what_would_need_code_to_come_back_is_refused(tmp_path: Path, value: Any) -> None:
        """A whole module is one; the hint names its `state_dict()`."""
        with pytest.raises(FormatError, match="pt cannot keep this value: .+") as caught:
            by_name("pt").save(value, tmp_path / "a.pt")
        assert "state_dict()" in caught.value.hints[0]
        assert [] == list(tmp_path.iterdir())

    def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
        """What `torch.save` pickles is not what is loaded."""
        torch.save(torch.nn.Linear(2, 1), tmp_path / "a.pt")
        with pytest.raises(FormatError, match="`a.pt` cannot be read as pt: .*GLOBAL"):
            by_name("pt").load(tmp_path / "a.pt")

    def test_tensors_come_back_from_safetensors_as_tensors(tmp_path: Path) -> None:
        """With the same bytes however they lie in memory."""
        turned = torch.arange(6.0).reshape(2, 3).T
        value = {"a": turned, "b": torch.ones(2, dtype=torch.bfloat16)}
        by_name("safetensors").save(value, tmp_path / "a.safetensors")
        assert same(value, by_name("safetensors").load(tmp_path / "a.safetensors"))
        by_name("safetensors").save({"b": value["b"], "a": turned.clone()}, tmp_path / "b.safetensors")
        assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()

    def test_a_tensor_with_a_gradient_is_refused_by_safetensors(tmp_path: Path) -> None:
        """It would come back without."""
        with pytest.raises(FormatError, match="has a gradient"):
            by_name("safetensors").save({"a": torch.ones(1, requires_grad=True)}, tmp_path / "a.safetensors")

    def test_tensors_that_share_memory_are_refused_by_safetensors(tmp_path: Path) -> None:
        """They would come back as two."""
        whole = torch.ones(4)
        with pytest.raises(FormatError, match="share memory"):
            by_name("safetensors").save({"a": whole, "b": whole[:2]}, tmp_path / "a.safetensors")
