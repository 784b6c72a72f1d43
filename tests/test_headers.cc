// Nothing of its own: the precompiled headers of the tests belong to something.
