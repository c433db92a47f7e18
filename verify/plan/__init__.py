"""Search for streaming plans. Untrusted: whatever comes out is checked by verify.proof."""
