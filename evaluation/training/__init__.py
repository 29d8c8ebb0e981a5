"""The fitted constants and the cross-encoder, made from labelled pairs."""
