"""Which models are measured, and where their files are.

The files are third-party models that this project does not hold; the folder with mcunet_zoo/ and corpus/ is named by
STJAX_MODELS, by --models, or lies beside the checkout.
"""

import os
from pathlib import Path

FOLDER = Path(os.environ.get("STJAX_MODELS", Path(__file__).resolve().parents[3] / "shared" / "models"))

FIRST_FIVE = (
    "corpus/tinyengine_mcunet_vww_int8",
    "corpus/mlperf_ic_resnet8_int8",
    "corpus/mlperf_kws_dscnn_int8",
    "corpus/tflm_person_detect_int8",
    "corpus/mlperf_sww_streaming_int8",
)
"""Those that other systems were measured on, too (peers.json)."""

ZOO = (
    "mcunet_zoo/mcunet-5fps_vww",
    "mcunet_zoo/mcunet-5fps_imagenet",
    "mcunet_zoo/mcunet-10fps_vww",
    "mcunet_zoo/mbv2-w0.35-r144_imagenet",
    "mcunet_zoo/mcunet-320kb-1mb_vww",
)


def paths_of(folder: Path, names: tuple[str, ...] = FIRST_FIVE + ZOO) -> list[Path]:
    """Their files below a folder; those that are not there are left out."""
    return [path for name in names if (path := folder / f"{name}.tflite").is_file()]
