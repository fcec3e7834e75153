"""Pin the images that build the gateway by the digests that their registries have."""
