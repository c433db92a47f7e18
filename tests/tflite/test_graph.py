"""From a model as found to a graph: execution order, constants, aliases, paddings, and what is refused."""

import numpy as np
import pytest

from tests.tflite.raw import IMAGE, KINDS, constant, model, operator, tensor
from verify.graph.graph import Graph
from verify.graph.tensor import Quantization
from verify.tflite import ModelError, read
from verify.tflite.read import build_graph
from verify.tflite.schema import RawModel, RawQuantization

TALL = (1, 5, 3, 2)
TALLER = (1, 6, 3, 2)
FLAT = (1, 24)


@pytest.fixture(autouse=True)
def _made_up_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "operators", lambda: KINDS)


def build(found: RawModel) -> Graph:
    return build_graph(found, "test", "0" * 64)


def kinds(graph: Graph) -> list[str]:
    return [node.op.kind for node in graph.nodes]


def chain(*operators, tensors=None, inputs=(0,), outputs=(2,)) -> RawModel:
    """Tensors t0 .. t3, images all, unless others are given."""
    return model(tensors or [tensor(i) for i in range(4)], operators, inputs, outputs)


def test_a_node_keeps_index_name_and_shapes() -> None:
    graph = build(chain(operator(0, "COPY", [0], [1]), operator(1, "COPY", [1, 0], [2])))
    first, second = graph.nodes
    assert (second.index, second.name, second.label) == (1, "t2", 'op 1 "t2" (COPY)')
    assert (second.inputs, second.outputs, second.input_shapes) == ((1, 0), (2,), (IMAGE, IMAGE))
    assert first.output_shapes == (IMAGE,)
    assert (graph.inputs, graph.outputs, sorted(graph.tensors)) == ((0,), (2,), [0, 1, 2])
    assert (graph.name, graph.sha256) == ("test", "0" * 64)


def test_results_that_nobody_reads_are_not_computed() -> None:
    graph = build(chain(operator(0, "COPY", [0], [1]), operator(1, "COPY", [0], [2]), operator(2, "COPY", [1], [3])))
    assert [node.index for node in graph.nodes] == [1]
    assert sorted(graph.tensors) == [0, 2]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            chain(operator(0, "COPY", [1], [2]), operator(1, "COPY", [0], [1])),
            r'^op 0 "t2" \(COPY\): operand 0: tensor 1 "t1" is read before op 1 writes it; operators must stand in',
        ),
        (chain(operator(0, "COPY", [2], [2])), r'operand 0: tensor 2 "t2" is read before op 0 writes it'),
        (chain(operator(0, "COPY", [3], [2])), r'operand 0: tensor 3 "t3" has no value: no operator writes it'),
        (chain(operator(0, "COPY", [4], [2])), r"operand 0: tensor 4 does not exist; the file has 4"),
        (chain(operator(0, "COPY", [-2], [2])), r"operand 0: tensor -2 does not exist"),
        (chain(operator(0, "COPY", [0], [4])), r"^op 0 \(COPY\): its output, tensor 4, does not exist"),
        (chain(operator(0, "COPY", [0], [-1])), r"^op 0 \(COPY\): its output, tensor -1, does not exist"),
        (chain(operator(0, "COPY", [0], [])), r"^op 0 \(COPY\): it has no outputs"),
        (
            chain(operator(0, "COPY", [0], [2]), operator(1, "COPY", [0], [2])),
            r'^op 1 "t2" \(COPY\): it writes tensor 2 "t2", which is a network input or written by another',
        ),
        (chain(operator(0, "COPY", [0], [2, 2])), r'^op 0 "t2" \(COPY\): it has no outputs, or one of them twice'),
        (chain(operator(0, "COPY", [0], [0])), r'^op 0 "t0" \(COPY\): it writes tensor 0 "t0", which is a network inp'),
        (chain(outputs=(2,)), r'^network output 0: tensor 2 "t2" has no value'),
        (chain(operator(0, "COPY", [0], [2]), outputs=(9,)), r"^network output 0: tensor 9 does not exist"),
        (chain(operator(0, "COPY", [0], [2]), outputs=()), r"^the model has no outputs"),
        (chain(operator(0, "COPY", [0, -1], [2])), r'^op 0 "t2" \(COPY\): operand 1 is absent; it must be given'),
        (chain(operator(0, "FILTER", [0], [2], reads=2)), r'^op 0 "t2" \(FILTER\): operand 1 is absent'),
        (chain(operator(0, "COPY", [0], [2]), inputs=(0, 0)), r'^network input 1: tensor 0 "t0" is listed twice'),
        (chain(operator(0, "COPY", [0], [2]), inputs=(7,)), r"^network input 0: tensor 7 does not exist"),
    ],
)
def test_a_graph_that_does_not_hang_together_is_refused(found: RawModel, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        build(found)


def test_an_operator_may_not_write_a_constant() -> None:
    tensors = [tensor(0), constant(1, np.zeros(IMAGE, np.int8))]
    with pytest.raises(ModelError, match='it writes tensor 1 "t1", which is constant'):
        build(chain(operator(0, "COPY", [0], [1]), tensors=tensors, outputs=(1,)))


def test_an_input_may_not_be_constant() -> None:
    tensors = [constant(0, np.zeros(IMAGE, np.int8)), tensor(1)]
    with pytest.raises(ModelError, match=r'^network input 0: tensor 0 "t0" is constant; remove it from the inputs'):
        build(chain(operator(0, "COPY", [0], [1]), tensors=tensors, outputs=(1,)))


def test_an_input_needs_a_scale() -> None:
    tensors = [tensor(0, quantization=None), tensor(1), tensor(2)]
    with pytest.raises(ModelError, match=r'^network input 0: tensor 0 "t0" has element type INT8 and no quantization'):
        build(chain(operator(0, "COPY", [1], [2]), tensors=tensors, inputs=(0, 1)))


class TestConstants:
    def test_a_constant_operand_is_a_tensor_of_the_graph(self) -> None:
        values = np.arange(24, dtype=np.int8).reshape(IMAGE)
        tensors = [tensor(0), constant(1, values), tensor(2)]
        graph = build(chain(operator(0, "COPY", [0, 1], [2]), tensors=tensors))
        assert graph.nodes[0].inputs == (0, 1)
        np.testing.assert_array_equal(graph.tensors[1].data, values)
        assert graph.inputs == (0,)

    def test_what_an_operator_keeps_to_itself_is_not(self) -> None:
        tensors = [tensor(0), constant(1, np.zeros(5, np.int8)), tensor(2)]
        graph = build(chain(operator(0, "FILTER", [0, 1, -1], [2]), tensors=tensors))
        assert (graph.nodes[0].inputs, sorted(graph.tensors)) == ((0,), [0, 2])

    def test_an_operator_on_constants_is_computed_while_reading(self) -> None:
        shape = {"dtype": "INT32", "quantization": None}
        tensors = [tensor(0), tensor(1, (4,), **shape), tensor(2, (2, 2), **shape), tensor(3, FLAT)]
        operators = [operator(0, "EXTENT", [0], [1]), operator(1, "VIEW", [1], [2]), operator(2, "COPY", [0, 2], [3])]
        graph = build(chain(*operators, tensors=tensors, outputs=(3,)))
        assert kinds(graph) == ["COPY"]
        np.testing.assert_array_equal(graph.tensors[2].data, [[1, 4], [3, 2]])
        assert graph.tensors[2].data is not None
        assert graph.tensors[2].data.dtype == np.int32

    def test_a_constant_output_is_a_copy(self) -> None:
        """Of what the file holds, and of what is computed while reading."""
        tensors = [
            tensor(0),
            tensor(1, (4,), dtype="INT32", quantization=None),
            constant(2, np.arange(3, dtype=np.int8)),
        ]
        graph = build(chain(operator(0, "EXTENT", [0], [1]), tensors=tensors, outputs=(1, 2)))
        assert [(node.inputs, node.outputs) for node in graph.nodes] == [((1,), (3,)), ((2,), (4,))]
        assert graph.tensors[3].data is None and graph.tensors[2].data is not None
        assert list(graph.tensors[2].data) == [0, 1, 2]

    def test_large_results_are_refused(self) -> None:
        tensors = [constant(0, np.zeros(1, np.int8)), tensor(1, (1, 2**25))]
        message = r'^op 0 "t1" \(COPY\): its operands are constant, and its 33554432 bytes .* at most 16 MiB'
        with pytest.raises(ModelError, match=message):
            build(chain(operator(0, "COPY", [0], [1]), tensors=tensors, inputs=(), outputs=(1,)))

    def test_what_is_computed_while_running_cannot_be_weights(self) -> None:
        with pytest.raises(
            ModelError, match='operand 1: tensor 1 "t1" is computed while running; it must be a constant'
        ):
            build(chain(operator(0, "COPY", [0], [1]), operator(1, "FILTER", [0, 1], [2])))


class TestAliases:
    def test_a_view_is_its_operand(self) -> None:
        tensors = [tensor(0), tensor(1), tensor(2, FLAT), tensor(3, FLAT)]
        operators = [operator(0, "COPY", [0], [1]), operator(1, "VIEW", [1], [2]), operator(2, "COPY", [2], [3])]
        graph = build(chain(*operators, tensors=tensors, outputs=(3,)))
        assert kinds(graph) == ["COPY", "COPY"]
        assert (graph.nodes[1].inputs, graph.nodes[1].input_shapes) == ((1,), (FLAT,))
        assert graph.tensors[1].shape == IMAGE
        assert 2 not in graph.tensors

    def test_a_flat_input_takes_the_shape_of_the_image_that_is_read_from_it(self) -> None:
        tensors = [tensor(0, FLAT), tensor(1, IMAGE), tensor(2, IMAGE)]
        graph = build(chain(operator(0, "VIEW", [0], [1]), operator(1, "COPY", [1], [2]), tensors=tensors))
        assert (graph.inputs, graph.input_shapes) == ((0,), (FLAT,))
        assert graph.tensors[0].shape == IMAGE
        assert graph.nodes[0].input_shapes == (IMAGE,)

    def test_the_first_image_decides(self) -> None:
        other = (1, 2, 6, 2)
        tensors = [tensor(0, FLAT), tensor(1, IMAGE), tensor(2, other), tensor(3, IMAGE), tensor(4, other)]
        operators = [
            operator(0, "VIEW", [0], [1]),
            operator(1, "VIEW", [1], [2]),
            operator(2, "COPY", [2], [4]),
            operator(3, "COPY", [1], [3]),
        ]
        graph = build(chain(*operators, tensors=tensors, outputs=(3, 4)))
        assert graph.tensors[0].shape == other
        assert [node.input_shapes for node in graph.nodes] == [(other,), (IMAGE,)]

    def test_an_image_of_one_row_does_not(self) -> None:
        row = (1, 1, 12, 2)
        tensors = [tensor(0, row), tensor(1, IMAGE), tensor(2, IMAGE)]
        graph = build(chain(operator(0, "VIEW", [0], [1]), operator(1, "COPY", [1], [2]), tensors=tensors))
        assert graph.tensors[0].shape == IMAGE

    def test_an_output_keeps_its_declared_shape(self) -> None:
        tensors = [tensor(0), tensor(1), tensor(2, FLAT)]
        graph = build(chain(operator(0, "COPY", [0], [1]), operator(1, "VIEW", [1], [2]), tensors=tensors))
        assert (graph.outputs, graph.output_shapes) == ((1,), (FLAT,))
        assert graph.tensors[1].shape == IMAGE

    def test_two_names_for_one_output_are_one_buffer(self) -> None:
        tensors = [tensor(0), tensor(1), tensor(2, FLAT), tensor(3, FLAT)]
        operators = [operator(0, "COPY", [0], [1]), operator(1, "VIEW", [0], [2]), operator(2, "VIEW", [1], [3])]
        graph = build(chain(*operators, tensors=tensors, outputs=(1, 3, 1)))
        assert (graph.outputs, graph.output_shapes) == ((1, 1, 1), (IMAGE, FLAT, IMAGE))
        assert len(graph.nodes) == 1

    def test_what_is_there_already_is_copied(self) -> None:
        """An input, and what has two meanings; the copies are numbered after the file's tensors and operators."""
        other = RawQuantization((0.25,), (-4,), 0)
        tensors = [tensor(0), tensor(1), tensor(2, FLAT), tensor(3, FLAT, quantization=other)]
        operators = [operator(0, "COPY", [0], [1]), operator(1, "VIEW", [0], [2]), operator(2, "VIEW", [1], [3])]
        graph = build(chain(*operators, tensors=tensors, outputs=(2, 1, 3)))
        assert (graph.outputs, graph.output_shapes) == ((4, 1, 5), (FLAT, IMAGE, FLAT))
        assert [(node.index, node.inputs, node.outputs) for node in graph.nodes[1:]] == [
            (3, (0,), (4,)),
            (4, (1,), (5,)),
        ]
        assert graph.tensors[5].quantization == Quantization((0.25,), (-4,))

    def test_a_view_may_claim_another_scale(self) -> None:
        other = RawQuantization((0.25,), (-4,), 0)
        tensors = [tensor(0), tensor(1), tensor(2, FLAT, quantization=other), tensor(3)]
        operators = [operator(0, "COPY", [0], [1]), operator(1, "VIEW", [1], [2])]
        inside = build(chain(*operators, operator(2, "COPY", [2], [3]), tensors=tensors, outputs=(3,)))
        assert inside.tensors[1].quantization == Quantization((0.5,), (3,))
        border = build(chain(*operators, tensors=tensors))
        assert border.tensors[1].quantization == Quantization((0.25,), (-4,))

    def test_a_view_of_another_size_is_refused(self) -> None:
        tensors = [tensor(0), tensor(1, TALL), tensor(2)]
        with pytest.raises(ModelError, match=r'^op 0 "t1" \(VIEW\): its output has another element type or size'):
            build(chain(operator(0, "VIEW", [0], [1]), operator(1, "COPY", [1], [2]), tensors=tensors))


class TestPaddings:
    def test_a_padding_becomes_part_of_its_reader(self) -> None:
        tensors = [tensor(0), tensor(1, TALL), tensor(2)]
        graph = build(chain(operator(0, "BORDER", [0], [1], size=1), operator(1, "FILTER", [1], [2]), tensors=tensors))
        (node,) = graph.nodes
        assert (node.index, node.op.kind, getattr(node.op, "top", None)) == (1, "FILTER", 1)
        assert (node.inputs, node.input_shapes) == ((0,), (IMAGE,))
        assert sorted(graph.tensors) == [0, 2]

    def test_so_does_a_padding_of_a_padding(self) -> None:
        tensors = [tensor(0), tensor(1, TALL), tensor(2, TALLER), tensor(3)]
        operators = [operator(0, "BORDER", [0], [1], size=1), operator(1, "BORDER", [1], [2], size=1)]
        graph = build(chain(*operators, operator(2, "FILTER", [2], [3]), tensors=tensors, outputs=(3,)))
        (node,) = graph.nodes
        assert (getattr(node.op, "top", None), node.inputs, node.input_shapes) == (2, (0,), (IMAGE,))

    def test_an_empty_padding_is_no_operation(self) -> None:
        graph = build(chain(operator(0, "BORDER", [0], [1], size=0), operator(1, "COPY", [1], [2])))
        assert (kinds(graph), graph.nodes[0].inputs) == (["COPY"], (0,))

    def test_a_padding_that_moves_rows_is_an_operation(self) -> None:
        """As many rows cropped as added: the shape is the operand's, the contents are not."""
        graph = build(chain(operator(0, "BORDER", [0], [1], size=1), operator(1, "COPY", [1], [2])))
        assert kinds(graph) == ["BORDER", "COPY"]

    def test_an_empty_padding_that_changes_the_scale_is_one(self) -> None:
        tensors = [tensor(0), tensor(1, quantization=RawQuantization((0.25,), (3,), 0)), tensor(2)]
        graph = build(chain(operator(0, "BORDER", [0], [1], size=0), operator(1, "COPY", [1], [2]), tensors=tensors))
        assert kinds(graph) == ["BORDER", "COPY"]

    @pytest.mark.parametrize(
        ("operators", "outputs"),
        [
            ([operator(0, "BORDER", [0], [1], size=1, value=0), operator(1, "FILTER", [1], [2])], (2,)),
            ([operator(0, "BORDER", [0], [1], size=1), operator(1, "FILTER", [1], [2])], (1, 2)),
            ([operator(0, "BORDER", [0], [1], size=1), operator(1, "FILTER", [1, 1], [2], reads=2)], (2,)),
            ([operator(0, "BORDER", [0], [1], size=1), operator(1, "FILTER", [0, 1], [2], reads=2)], (2,)),
            (
                [
                    operator(0, "BORDER", [0], [1], size=1),
                    operator(1, "FILTER", [1], [2]),
                    operator(2, "FILTER", [1], [3]),
                ],
                (2, 3),
            ),
            (
                [
                    operator(0, "BORDER", [0], [1], size=1),
                    operator(1, "VIEW", [1], [4]),
                    operator(2, "FILTER", [4], [2]),
                ],
                (2,),
            ),
        ],
        ids=["value", "output", "twice", "second operand", "two readers", "other shape"],
    )
    def test_where_that_is_not_exact_it_stays(self, operators, outputs) -> None:
        tensors = [tensor(0), tensor(1, TALL), tensor(2), tensor(3), tensor(4, (1, 30))]
        assert "BORDER" in kinds(build(chain(*operators, tensors=tensors, outputs=outputs)))


class TestRefusals:
    @pytest.mark.parametrize(
        ("dtype", "message"),
        [
            ("FLOAT32", "float activations are not supported; convert with full-integer post-training quantization"),
            ("FLOAT16", "float activations are not supported; convert with full-integer"),
            ("UINT8", "uint8 activations .* weights less a uint8 zero point need nine bits.; convert again with int8"),
            ("INT8", "stride 9 is not supported; at most 8"),
        ],
    )
    def test_an_element_type_explains_more_than_the_operator(self, dtype: str, message: str) -> None:
        known = "FLOAT32" if dtype == "FLOAT16" else dtype
        tensors = [tensor(0, dtype=known), tensor(1, dtype=known)]
        found = chain(operator(0, "REFUSED", [0], [1]), tensors=tensors, outputs=(1,))
        with pytest.raises(ModelError, match=rf'^op 0 "t1" \(REFUSED\): {message}'):
            build(found)
        if known == dtype:
            return
        tensors = [tensor(0, dtype=known), tensor(1, dtype=dtype), tensor(2, dtype=dtype)]
        found = chain(operator(0, "NEW", [1], [2]), tensors=tensors)
        with pytest.raises(ModelError, match=rf'^op 0 "t2" \(NEW\): {message}'):
            build(found)

    def test_dynamic_range_is_named(self) -> None:
        tensors = [tensor(0, dtype="FLOAT32"), constant(1, np.zeros(3, np.int8)), tensor(2, dtype="FLOAT32")]
        with pytest.raises(
            ModelError, match=r"float activations .* \(int8 weights alone: dynamic range\); convert with"
        ):
            build(chain(operator(0, "REFUSED", [0, 1], [2]), tensors=tensors))

    def test_a_mixture_of_element_types_leaves_it_to_the_operator(self) -> None:
        with pytest.raises(ModelError, match="stride 9 is not supported"):
            build(chain(operator(0, "REFUSED", [0], [2]), tensors=[tensor(0, dtype="FLOAT32"), tensor(1), tensor(2)]))

    @pytest.mark.parametrize(
        ("kind", "message"),
        [
            ("CONV_3D", r'^op 0 "t2" \(CONV_3D\): this operator is not supported; docs/OPS.md lists those that are$'),
            ("CUSTOM MyOp", r"\(CUSTOM MyOp\): this operator is not supported"),
            ("CALL_ONCE", r"\(CALL_ONCE\): it calls subgraph None, which the file does not have"),
            ("WHILE", "control flow is not supported"),
        ],
    )
    def test_unknown_operators_are_named(self, kind: str, message: str) -> None:
        with pytest.raises(ModelError, match=message):
            build(chain(operator(0, kind, [0], [2])))

    def test_values_that_an_operator_does_not_expect_make_no_traceback(self) -> None:
        with pytest.raises(
            ModelError, match=r"^op 0 .*: its attributes or tensors make no sense \(KeyError: 'stride_h'"
        ):
            build(chain(operator(0, "BROKEN", [0], [2])))


def test_what_is_refused_in_an_operand_names_the_operator() -> None:
    tensors = [tensor(0), constant(1, np.zeros(3, np.int32), sparse=True), tensor(2)]
    with pytest.raises(ModelError, match=r'^op 0 "t2" \(FILTER\): tensor 1 "t1" is stored sparsely'):
        build(chain(operator(0, "FILTER", [0, 1], [2]), tensors=tensors))
