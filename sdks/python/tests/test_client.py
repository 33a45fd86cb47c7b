"""Goal: the client speaks the API as documented, against a real HTTP server that answers like it."""

import json
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# An installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from orbit_billing import (  # noqa: E402
    ConnectionFailed,
    NotFoundError,
    OrbitClient,
    PaymentRequiredError,
    pages,
)
from orbit_billing.operations import OPERATIONS  # noqa: E402


class Server:
    """Answers what a test queued, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list = []
        self.requests: list = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                status, content, headers = outer.answers.pop(0)
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


META = {"request_id": "req_1", "timestamp": "2026-05-16T12:00:00Z"}


class ClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.addCleanup(self.server.close)
        self.orbit = OrbitClient(api_key="dv_live_sk_1", base_url=self.server.url, retries_max=2)

    def answer(self, status: int, content: object, **headers: str) -> None:
        self.server.answers.append((status, content, headers))

    def test_answers_are_read_by_attribute_in_snake_case(self) -> None:
        self.answer(200, {"data": {"checkoutUrl": "http://x", "list": [{"aB": 1}]}, "meta": META})
        answer = self.orbit.billing.create_top_up(amount=10_000, success_url="http://a")
        self.assertEqual(answer.data.checkout_url, "http://x")
        self.assertEqual(answer.data.list[0].a_b, 1)
        self.assertEqual(answer.data["checkoutUrl"], "http://x")
        with self.assertRaises(AttributeError):
            _ = answer.data.nothing

    def test_a_repeat_carries_the_same_idempotency_key(self) -> None:
        self.answer(503, {"error": {"code": "unavailable"}}, **{"Retry-After": "0"})
        self.answer(200, {"data": {}, "meta": META})
        self.orbit.billing.create_top_up(amount=1, success_url="http://a", cancel_url="http://b")
        keys = [headers["Idempotency-Key"] for _, _, headers, _ in self.server.requests]
        self.assertEqual(len(keys), 2)
        self.assertEqual(keys[0], keys[1])
        body = self.server.requests[0][3]
        self.assertEqual(body, {"amount": 1, "successUrl": "http://a", "cancelUrl": "http://b"})

    def test_refusals_are_errors_with_code_and_request_id_and_are_not_repeated(self) -> None:
        error = {"code": "insufficient_funds", "type": "payment_required_error", "message": "No."}
        self.answer(402, {"error": error, "meta": META})
        with self.assertRaises(PaymentRequiredError) as caught:
            self.orbit.billing.create_charge(charge_id="c1", amount="1", currency="usd")
        self.assertEqual(caught.exception.code, "insufficient_funds")
        self.assertEqual(caught.exception.request_id, "req_1")
        self.assertEqual(len(self.server.requests), 1)

    def test_path_and_query_are_escaped(self) -> None:
        self.answer(404, {"error": {"code": "not_found"}})
        with self.assertRaises(NotFoundError):
            self.orbit.billing.get_charge(charge_id="a/b c")
        self.assertTrue(self.server.requests[0][1].endswith("/charges/a%2Fb%20c"))

    def test_pages_are_walked_to_the_end(self) -> None:
        cursor = {"cursor_ts": "t", "cursor_id": "ct_2"}
        first = {"transactions": [{"id": "ct_1"}, {"id": "ct_2"}], "next_cursor": cursor, "has_more": True}
        last = {"transactions": [{"id": "ct_3"}], "next_cursor": None, "has_more": False}
        self.answer(200, {"data": first, "meta": META})
        self.answer(200, {"data": last, "meta": META})
        found = [one.id for one in pages(self.orbit.billing.list_transactions, limit=2)]
        self.assertEqual(found, ["ct_1", "ct_2", "ct_3"])
        self.assertIn("cursor_id=ct_2", self.server.requests[1][1])

    def test_bytes_come_as_they_are(self) -> None:
        self.answer(200, b"%PDF-1.7")
        self.assertEqual(self.orbit.billing.get_invoice_pdf(invoice_id="inv_1"), b"%PDF-1.7")

    def test_no_server_is_told_after_the_retries(self) -> None:
        orbit = OrbitClient(api_key="k", base_url="http://127.0.0.1:9", retries_max=0)
        with self.assertRaises(ConnectionFailed):
            orbit.billing.get_balance()

    def test_every_operation_is_a_method(self) -> None:
        for name in OPERATIONS:
            self.assertTrue(callable(getattr(self.orbit.billing, name)), name)
        with self.assertRaises(AttributeError):
            _ = self.orbit.billing.get_nothing


if __name__ == "__main__":
    unittest.main()
