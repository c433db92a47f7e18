"""Peak activation bytes of small programs, worked out by hand. One byte per element if int8, four if float."""

import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp

from stjax import cost, nn

pytestmark = pytest.mark.train


def shaped(*shape: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, jnp.float32)


def peak(function, *inputs) -> int:
    return cost.measure(lambda _, *arrays: function(*arrays), (), *inputs).peak_bytes


def product(size: int):
    """A product with a constant matrix: writes `size` elements."""
    return lambda x: x @ jnp.ones((x.shape[-1], size))


def test_product_needs_input_and_output():
    assert peak(product(7), shaped(3, 5)) == 15 + 21


def test_input_is_gone_after_its_last_reader():
    assert peak(lambda x: product(2)(product(3)(x)), shaped(1, 10)) == 10 + 3


def test_elementwise_result_takes_the_place_of_its_input():
    assert peak(lambda x: jnp.maximum(x, 0) * 2, shaped(10)) == 10


def test_elementwise_result_needs_a_place_if_its_input_is_read_later():
    assert peak(lambda x: (jnp.sin(x), x * 2), shaped(10)) == 20


def test_shortcut_stays_alive():
    def residual(x):
        return x + product(10)(product(30)(x))

    assert peak(residual, shaped(1, 10)) == 10 + 30 + 10


def test_views_move_no_data():
    assert peak(lambda x: product(1)(x.reshape(5, 4)[1:3]), shaped(4, 5)) == 20 + 2


def test_concatenation_takes_over_what_nobody_reads_later():
    assert peak(lambda a, b: jnp.concatenate([a, b]), shaped(10), shaped(5)) == 15


def test_concatenation_copies_what_is_read_later():
    """Here `a` is alive beside its copy when the product is made."""
    assert peak(lambda a, b: (jnp.concatenate([a, b]), product(2)(a)), shaped(10), shaped(5)) == 10 + 15 + 2


def test_ring_of_a_stream_is_counted_once():
    """T - 1 = 3 maps of 20 bytes kept, the new one, and one result with two channels for each of ten positions."""
    found = cost.step_cost(nn.TemporalConv(4, time="valid"), (2, 5, 2))
    assert found.state_bytes == 3 * 20
    assert found.peak_bytes == 4 * 20 + 20


def test_scan_needs_its_body_beside_what_is_alive_outside():
    def function(x):
        def body(carry, _):
            return product(10)(product(30)(carry)), ()

        return jax.lax.scan(body, x, length=3)[0]

    # Before and after the scan 1 x 10 each; inside, the carried one and 30 more.
    assert peak(function, shaped(1, 10)) == 10 + 10 + 30


def test_floats_take_four_bytes_and_integers_their_own():
    integers = jax.ShapeDtypeStruct((10,), jnp.int32)
    found = cost.measure(lambda _, x, i: (jnp.sin(x), i + 1), (), shaped(10), integers)
    assert (found.peak_bytes, found.peak_float_bytes) == (10 + 40, 40 + 40)


def test_parameters_take_none():
    found = cost.measure(lambda w, x: x @ (w * 2), shaped(5, 7), shaped(3, 5))
    assert found.peak_bytes == 15 + 21


def test_a_layers_peak_is_what_is_alive_while_it_runs():
    net = nn.Sequential([nn.Conv(4, 1, name="wide"), nn.Conv(1, 1, name="narrow")])
    found = cost.clip_cost(net, (1, 2, 3, 2))
    assert {layer.name: layer.peak_bytes for layer in found.layers} == {"wide": 12 + 24, "narrow": 24 + 6}
    assert found.peak_bytes == 36
    assert found.peak_float_bytes == 144
