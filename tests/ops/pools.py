"""Random poolings, for the tests of both."""

from hypothesis import strategies as st

from tests.tiny_model import activation
from verify.ops.base import OperatorSource
from verify.ops.geometry import place


def pool(
    kind: str,
    image: tuple[int, int, int, int] = (1, 6, 5, 3),
    kernel: tuple[int, int] = (3, 2),
    stride: tuple[int, int] = (1, 1),
    padding: str = "SAME",
    activation_function: str = "NONE",
    scale: float = 0.05,
    zero_point: int = 3,
) -> OperatorSource:
    """One pooling; input and output share their quantization."""
    outputs = [place(image[i + 1], kernel[i], stride[i], 1, padding).output for i in range(2)]
    return OperatorSource(
        kind,
        (activation(0, image, scale, zero_point),),
        (activation(1, (image[0], *outputs, image[3]), scale, zero_point),),
        {
            "filter_height": kernel[0],
            "filter_width": kernel[1],
            "stride_h": stride[0],
            "stride_w": stride[1],
            "padding": padding,
            "fused_activation_function": activation_function,
        },
    )


@st.composite
def pools(draw: st.DrawFn, kind: str, batches: tuple[int, ...] = (1, 2)) -> OperatorSource:
    kernel = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    padding = draw(st.sampled_from(("SAME", "VALID")))
    least = kernel if padding == "VALID" else (1, 1)
    height, width = (draw(st.integers(low, max(low, 9))) for low in least)
    return pool(
        kind,
        (draw(st.sampled_from(batches)), height, width, draw(st.integers(1, 6))),
        kernel,
        (draw(st.integers(1, 4)), draw(st.integers(1, 4))),
        padding,
        draw(st.sampled_from(("NONE", "RELU", "RELU6", "RELU_N1_TO_1"))),
        draw(st.sampled_from((0.01, 0.05, 0.3))),
        draw(st.integers(-128, 127)),
    )
