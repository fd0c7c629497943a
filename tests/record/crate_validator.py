"""Judge an RO-Crate by roc-validator at its level REQUIRED, without a network.

Its profiles are in the package; the one thing that it fetches is the JSON-LD context of RO-Crate 1.1.
The package rocrate brings along that of 1.3, which differs, of what is used here, in four terms
of Bioschemas alone (ComputationalWorkflow and what belongs to it): they got another place, which is
put back. A process of its own, since the validator changes rdflib for good.

    python crate_validator.py CRATE PROFILE
"""

import importlib.resources
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import requests
from requests.adapters import BaseAdapter
from requests_cache import CachedSession
from rocrate_validator import models, services
from urllib3 import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


class Shipped(BaseAdapter):
    """Answers every request with the context, as it was in RO-Crate 1.1."""

    def send(self, request, **options):
        text = importlib.resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
        text = text.replace(b"https://bioschemas.org/terms/", b"https://bioschemas.org/")
        response = requests.Response()
        response.status_code, response.url, response.request = 200, request.url, request
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = HTTPResponse(BytesIO(text), preload_content=False)
        return response

    def close(self):
        pass


def issues(crate: Path, profile: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        session = CachedSession(str(cache), backend="sqlite", expire_after=-1)
        session.mount("https://", Shipped())
        session.get(CONTEXT)
        session.close()
        settings = models.ValidationSettings(
            rocrate_uri=str(crate),
            profile_identifier=profile,
            requirement_severity=models.Severity.REQUIRED,
            cache_path=cache,
            cache_max_age=-1,
            offline=True,
        )
        result = services.validate(settings)
        return [f"{i.check.identifier}: {i.message}" for i in result.get_issues()]


if __name__ == "__main__":
    found = issues(Path(sys.argv[1]), sys.argv[2])
    print(*found, sep="\n")
    sys.exit(bool(found))
