"""Public data sets fetched: downloads that go on, checksums, archives unpacked safely."""
