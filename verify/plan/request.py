"""What a plan is asked for: a scheme, how the input arrives, budgets, and the parameters of the published schemes."""

from dataclasses import dataclass

from verify.graph.plan import InputMode
from verify.plan.published import Scheme
from verify.targets.registry import PORTABLE

PUBLISHED = tuple(scheme.value for scheme in Scheme)
"""The schemes of MCUNetV2 and StreamNet (verify.plan.forms.patches)."""

SCHEMES = ("layer", *PUBLISHED, "stream", "auto")

OBJECTIVES = ("sram", "instructions")

WORTH = 1.02
"""What fewer bytes may cost in instructions where these are the objective: so many times the fewest."""


class PlanningError(Exception):
    """No plan of the kind that was asked for exists; the message says why, and what would do."""


@dataclass(frozen=True)
class Patches:
    """Parameters of the published schemes; None leaves a choice to the scheme's own search.

    Args:
      n_patch: patches along each side of what the patch stage gives.
      split: operators that run by patches, from the first one on.
      x_level: for "streamnet", operators before the split that keep what neighbouring columns of patches share.
      pads_ends: claim that only the first and the last patch of an axis read padding, as the published code does.
    """

    n_patch: int | None = None
    split: int | None = None
    x_level: int | None = None
    pads_ends: bool = False


@dataclass(frozen=True)
class Request:
    """A plan of `scheme`: of least SRAM or, with a budget, of the fewest MACs that fit it.

    "layer": one operator at a time; "stream": stages by whole rows; "auto": stages by rows or by rows and columns, and
    operators that compute rows again, within `max_macs`; the others are published ones, by their own searches where
    `patches` leaves them the choice. Whether a budget is met is for the checker to say.

    Args:
      scheme: one of SCHEMES.
      mode: how the network's input arrives.
      sram: budget in bytes, recorded in the plan. "auto" recomputes where nothing else fits it.
      flash: budget in bytes, recorded in the plan. Where the preferred kernels' constants miss it, others are taken.
      time_step: for programs per frame: what later frames do not need is computed at every so many frames.
      max_macs: how many times the layer-wise MACs of the model file "auto" may spend to need less SRAM, >= 1. None:
        no more than those, so that what channels that are left out (verify.plan.left_out) would take may be spent;
        where the budget needs it, any number.
      once: whether nothing is computed twice all the same.
      packed: whether kernels that pack their weights in less than a byte each are preferred to all others.
      patches: what is asked of a published scheme.
      cut: no stage reaches over the first so many nodes: what follows may be left out (verify.graph.early_exit).
      target: whose kernels compute it (verify.targets).
      objective: of the schemes "stream" and "auto": "sram", or "instructions": the fewest estimated ones within the
        SRAM budget, or without one the least SRAM within `worth` times the fewest.
      worth: see `objective`; at least 1.
      preferred: whether each operator keeps its target's preferred kernel, even where its working memory sets the peak.
    """

    scheme: str = "auto"
    mode: InputMode = InputMode.ROWS
    sram: int | None = None
    flash: int | None = None
    time_step: int = 1
    max_macs: float | None = None
    patches: Patches = Patches()
    cut: int = 0
    target: str = PORTABLE
    objective: str = "sram"
    worth: float = WORTH
    preferred: bool = False
    once: bool = False
    packed: bool = False

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise ValueError(f"scheme {self.scheme!r} is not one of {', '.join(SCHEMES)}")
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective {self.objective!r} is not one of {', '.join(OBJECTIVES)}")
        if (self.max_macs or 1) < 1 or self.worth < 1 or self.time_step < 1 or self.cut < 0:
            found = f"max_macs {self.max_macs}, worth {self.worth}, time_step {self.time_step}, cut {self.cut}"
            raise ValueError(f"{found}: the first three must be at least 1, the cut at least 0")


DEFAULT = Request()
"""The least SRAM of all that the planner can do without computing anything twice."""
