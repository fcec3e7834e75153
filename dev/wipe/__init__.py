"""Remove what belongs to a family from a gateway that changes hands, or from the desk."""
