"""bin/pin: compare the digests of images with those of their registries, or write them."""

from __future__ import annotations

from pathlib import Path

from dev.image_digests import pinned_files, registry

DIFFERENT = 1


def run(*, root: Path, is_write: bool) -> int:
    """Ask the registries for every image; write the digests, or return 1 if one differs, else 0.

    Raises Unavailable, before anything is written, if a registry cannot be asked.
    """
    uses = list(pinned_files.uses(root))
    images = {use.image.name: use.image for use in uses}
    digests = {name: registry.digest(images[name]) for name in sorted(images)}
    if is_write:
        changed = pinned_files.write(root, digests)
        print("\n".join(f"{path}: written" for path in changed) or "every digest was right")
        return 0
    code = 0
    for use in uses:
        pinned, expected = use.image.digest, digests[use.image.name]
        if pinned != expected:
            code = DIFFERENT
            print(
                f"{use.file}: {use.image.name}: found {pinned or 'no digest'}, expected {expected}"
            )
    what = f"{len(images)} images are those that their tags name"
    print("run `bin/pin --write`, once you know why they have changed" if code else what)
    return code
