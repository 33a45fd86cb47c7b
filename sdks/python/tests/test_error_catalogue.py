"""Goal: every row of the catalogue is repeated or not as it says, and has the class of its type."""

import re
import sys
import time
import unittest
from email.utils import formatdate
from pathlib import Path

# An installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))
sys.path.append(str(Path(__file__).resolve().parent))

import orbit_billing as sdk  # noqa: E402
from orbit_billing.repeats import retry_after_seconds, wait_seconds  # noqa: E402
from raw_server import RawServer, http  # noqa: E402

CATALOGUE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "errors.md"
ROW = re.compile(r"^\| (\d{3}) \| `(\w+)` \| `(\w+)` \| (yes|no) \|", re.MULTILINE)
CLASSES = {
    "invalid_request_error": sdk.InvalidRequestError,
    "authentication_error": sdk.AuthenticationError,
    "permission_error": sdk.AuthenticationError,
    "not_found_error": sdk.NotFoundError,
    "conflict_error": sdk.ConflictError,
    "payment_required_error": sdk.PaymentRequiredError,
    "rate_limit_error": sdk.RateLimitError,
    "unavailable_error": sdk.ServerError,
    "internal_error": sdk.ServerError,
}


class ErrorCatalogueTest(unittest.TestCase):
    def serve(self, script: bytes) -> RawServer:
        server = RawServer(script)
        self.addCleanup(server.close)
        return server

    def test_every_row_is_repeated_as_the_catalogue_says(self) -> None:
        rows = ROW.findall(CATALOGUE.read_text(encoding="utf-8"))
        self.assertGreater(len(rows), 30)
        for status, code, kind, repeat in rows:
            with self.subTest(code):
                error = {"code": code, "type": kind, "message": "No.", "param": "amount"}
                body = {"error": error, "meta": {"request_id": "req_1"}}
                server = self.serve(http(int(status), body, Retry_After="0"))
                orbit = sdk.OrbitClient(api_key="k", base_url=server.url)
                with self.assertRaises(CLASSES[kind]) as caught:
                    orbit.billing.create_top_up(amount=1, success_url="http://a.test")
                self.assertEqual(caught.exception.code, code)
                self.assertEqual(caught.exception.request_id, "req_1")
                keys = [one.headers["idempotency-key"] for one in server.received]
                self.assertEqual(len(keys), 4 if repeat == "yes" else 1)
                self.assertEqual(len(set(keys)), 1)

    def test_without_a_code_of_ours_the_status_decides(self) -> None:
        expected = {408: 4, 409: 1, 425: 1, 429: 4, 500: 1, 502: 4, 503: 4, 504: 4}
        for status, count in expected.items():
            with self.subTest(status):
                server = self.serve(http(status, {"error": "Bad gateway"}, Retry_After="0"))
                with self.assertRaises(sdk.OrbitApiError):
                    sdk.OrbitClient(api_key="k", base_url=server.url).billing.get_balance()
                self.assertEqual(len(server.received), count)

    def test_retry_after_counts_in_seconds_or_up_to_a_date_of_its_own_clock(self) -> None:
        now = time.time()
        date = formatdate(now + 30, usegmt=True)
        self.assertEqual(retry_after_seconds("2", None), 2)
        self.assertEqual(retry_after_seconds("0", None), 0)
        self.assertAlmostEqual(retry_after_seconds(date, None) or 0, 30, delta=2)
        self.assertEqual(retry_after_seconds(date, formatdate(now + 28, usegmt=True)), 2)
        self.assertEqual(retry_after_seconds(formatdate(now - 99, usegmt=True), None), 0)
        for odd in (None, "", "-5", "soon", "1e9", "NaN", "٣", "Mon, 99 Foo 2026 12:00:00 GMT"):
            self.assertIsNone(retry_after_seconds(odd, None), odd)
        self.assertEqual(wait_seconds(0, 2), 2)
        self.assertLessEqual(wait_seconds(0, 3_600), 0.25)
        self.assertLessEqual(wait_seconds(20, None), 8)


if __name__ == "__main__":
    unittest.main()
