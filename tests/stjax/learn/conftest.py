from importlib.util import find_spec

if find_spec("jaxtyping") and find_spec("beartype"):
    from jaxtyping import install_import_hook

    install_import_hook(["stjax.learn"], "beartype.beartype")
