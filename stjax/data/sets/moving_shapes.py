"""Generated video of opposite motions (stjax.data.moving_shapes), prepared once by tensorflow-datasets."""

from stjax.data import moving_shapes
from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.registry import Dataset


def _load(config: DatasetConfig, variant: str) -> Splits:
    from stjax.data import builders

    shapes = config.shapes if config.options is None else config.options
    choice = "default" if shapes is None else builders.shapes_config(shapes)
    builder = builders.MovingShapes(data_dir=config.data_dir, config=choice)
    builder.download_and_prepare()
    return builders.splits_of(builder)


DATASET = Dataset(
    "moving_shapes",
    "generated: the same objects in opposite motions, which no single frame tells apart",
    _load,
    options=moving_shapes.MovingShapesConfig,
    symmetry=moving_shapes.SYMMETRY,
)
