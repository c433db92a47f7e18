from tests.stjax.nn.checked import check_annotations

check_annotations()
