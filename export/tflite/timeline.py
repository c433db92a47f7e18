"""How a clip model runs frame by frame: its operators one after the other, by their rules."""

from export.tflite.errors import StepError
from export.tflite.layers import label
from export.tflite.model import Model
from export.tflite.streams import Draft, FrameRead, NoStepError, Timeline
from export.tflite.time_rules import RULES
from verify.tflite.schema import RawOperator


def timeline(model: Model) -> Timeline:
    """Finds out how a clip model runs frame by frame.

    Raises:
      StepError: if it has several inputs or outputs, or an operator that needs frames that have not come yet, or of
        which it is not known what it does along time.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise StepError(f"a clip model has one input and one output, not {len(model.inputs)} and {len(model.outputs)}")
    draft = Draft(model)
    for operator in model.operators:
        try:
            RULES.get(operator.kind, _unknown)(draft, operator)
        except NoStepError as error:
            raise StepError(f"{label(model, operator)} cannot be run frame by frame: {error}") from None
    output = draft.views[model.outputs[0]]
    frames = model.tensors[model.inputs[0]].shape[0]
    # The last position may belong to an older frame than the clip's last: a shift is all there is, or frames were cut.
    lag = frames - (output.offset + output.positions)
    if lag < 0:
        raise StepError("the model's last output belongs to a frame after the clip's last")
    return Timeline(tuple(draft.operators), draft.streams, FrameRead(output, lag), max(0, output.offset + lag))


def _unknown(draft: Draft, operator: RawOperator) -> None:
    raise NoStepError("what it does along time is not known; write that part with other operators")
