"""Goal: whatever the line does, the key stays at its origin, what may be repeated is, and the error has a type."""

import gzip
import json
import sys
import time
import unittest
from pathlib import Path
from typing import Any, Callable, List
from unittest.mock import patch

# An installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))
sys.path.append(str(Path(__file__).resolve().parent))

from orbit_billing import (  # noqa: E402
    ConnectionFailed,
    NotFoundError,
    OrbitClient,
    OrbitError,
    RedirectError,
    ServerError,
    UnexpectedAnswerError,
    pages,
)
from raw_server import RawServer, Script, drip, http, reset  # noqa: E402

KEY = "dv_live_sk_secret"
GOOD = http(200, {"data": {"balance_cents": 7}, "meta": {}})
OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"Content-Type: application/json\r\n"


def top_up(orbit: OrbitClient) -> Any:
    return orbit.billing.create_top_up(
        amount=100, currency="usd", success_url="http://a.test", cancel_url="http://b.test"
    )


CALLS: List[Callable[[OrbitClient], Any]] = [
    lambda orbit: orbit.billing.get_balance(),
    top_up,
    lambda orbit: orbit.billing.get_invoice_pdf(invoice_id="inv_1"),
    lambda orbit: orbit.billing.detach_payment_method(payment_method_id="pm_1"),
    lambda orbit: next(pages(orbit.billing.list_invoices)),
]


class TransportTest(unittest.TestCase):
    def setUp(self) -> None:
        soon = patch("orbit_billing.repeats._FIRST_WAIT_SECONDS", 0.01)
        soon.start()
        self.addCleanup(soon.stop)

    def serve(self, *scripts: Script) -> RawServer:
        server = RawServer(*scripts)
        self.addCleanup(server.close)
        return server

    def client(self, server: RawServer, **options: Any) -> OrbitClient:
        return OrbitClient(api_key=KEY, base_url=server.url, **options)

    def test_a_redirect_to_another_origin_gets_neither_key_nor_body(self) -> None:
        elsewhere = self.serve(GOOD)
        target = elsewhere.url.replace("//", "//user:word@") + "/p?token=t#f"
        for status in (301, 302, 303, 307, 308):
            for call in CALLS:
                server = self.serve(http(status, Location=target))
                with self.assertRaises(RedirectError) as caught:
                    call(self.client(server))
                self.assertEqual(caught.exception.status, status)
                self.assertEqual(caught.exception.location, f"{elsewhere.url}/p")
                self.assertIn(f"{elsewhere.url}/p", str(caught.exception))
                self.assertNotRegex(str(caught.exception), "token|user|word|secret")
                self.assertEqual(len(server.received), 1)
        self.assertEqual(elsewhere.received, [])

    def test_other_schemes_names_and_odd_addresses_are_other_origins(self) -> None:
        for change in (
            lambda url: url.replace("http:", "https:"),
            lambda url: url.replace("127.0.0.1", "localhost"),
            lambda url: "//evil.test/x",
            lambda url: "http://[nothing",
            lambda url: "file:///etc/passwd",
            lambda url: 'data:application/json,{"data":{}}',
        ):
            server = self.serve(GOOD)
            server.scripts[:] = [http(307, Location=change(server.url))]
            with self.assertRaises(RedirectError):
                self.client(server).billing.get_balance()
            self.assertEqual(len(server.received), 1)

    def test_a_redirect_within_the_origin_keeps_method_key_ids_and_body(self) -> None:
        for method, status in (
            ("GET", 301),
            ("GET", 302),
            ("GET", 303),
            ("POST", 307),
            ("POST", 308),
        ):
            server = self.serve(http(status, Location="/moved?a=1"), GOOD)
            orbit = self.client(server)
            if method == "GET":
                orbit.billing.get_balance()
            else:
                top_up(orbit)
            first, second = server.received
            self.assertEqual((second.method, second.path), (method, "/moved?a=1"))
            self.assertEqual(second.body, first.body)
            for header in ("x-api-key", "idempotency-key"):
                self.assertEqual(second.headers.get(header), first.headers.get(header))

    def test_a_post_does_not_become_a_get(self) -> None:
        for status in (301, 302, 303):
            server = self.serve(http(status, Location="/moved"), GOOD)
            with self.assertRaises(RedirectError):
                top_up(self.client(server))
            self.assertEqual(len(server.received), 1)

    def test_redirects_in_a_circle_end(self) -> None:
        server = self.serve(http(307, Location="/again"))
        with self.assertRaises(RedirectError):
            self.client(server).billing.get_balance()
        self.assertEqual(len(server.received), 6)

    def test_an_answer_that_is_cut_is_asked_for_again_with_the_same_ids(self) -> None:
        packed = gzip.compress(b'{"data":{"balance_cents":7}}')[:20]
        cuts = {
            "after its headers": http(200, length=50),
            "in its body": http(200, b'{"data":{"bal', length=50),
            "in a chunk": OK + b'Transfer-Encoding: chunked\r\n\r\n20\r\n{"data"',
            "between two chunks": OK + b'Transfer-Encoding: chunked\r\n\r\n7\r\n{"data"\r\n',
            "in its headers": b"HTTP/1.1 200 OK\r\nContent-Le",
            "before its first byte": b"",
            "in a packed body": OK + JSON + b"Content-Encoding: gzip\r\n\r\n" + packed,
            "in a body without a length": OK + JSON + b'\r\n{"data":{"bal',
            "by a reset": reset,
            "in an error": http(402, b'{"error"', length=50),
        }
        for where, cut in cuts.items():
            with self.subTest(where):
                server = self.serve(cut, GOOD)
                self.assertEqual(top_up(self.client(server)).data.balance_cents, 7)
                keys = [one.headers["idempotency-key"] for one in server.received]
                self.assertEqual(len(keys), 2)
                self.assertEqual(keys[0], keys[1])
                always = self.serve(cut)
                with self.assertRaises(ConnectionFailed):
                    self.client(always, retries_max=1).billing.get_balance()
                self.assertEqual(len(always.received), 2)

    def test_a_pdf_that_is_cut_is_asked_for_again(self) -> None:
        pdf = {"Content_Type": "application/pdf"}
        server = self.serve(http(200, b"%PDF-1", length=90, **pdf), http(200, b"%PDF-1.7", **pdf))
        self.assertEqual(
            self.client(server).billing.get_invoice_pdf(invoice_id="inv_1"), b"%PDF-1.7"
        )

    def test_a_packed_answer_is_read(self) -> None:
        packed = gzip.compress(json.dumps({"data": {"balance_cents": 7}}).encode())
        server = self.serve(http(200, packed, Content_Encoding="gzip"))
        self.assertEqual(self.client(server).billing.get_balance().data.balance_cents, 7)

    def test_what_is_no_answer_of_the_api_is_a_typed_error_and_is_not_repeated(self) -> None:
        wrong = {
            "a page": http(200, b"<html>Sign in</html>", Content_Type="text/html"),
            "a page that says it is JSON": http(200, b"<html>Sign in</html>"),
            "broken JSON": http(200, b'{"data": {}'),
            "no UTF-8": http(200, b'{"data": "\xff"}'),
            "JSON without end": http(200, b"[" * 100_000),
            "JSON of somebody else": http(200, {"status": "ok"}),
            "an error with a success status": http(200, {"error": {"code": "internal"}}),
            "null": http(200, b"null"),
            "an empty body": http(200),
            "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
            "not modified": b"HTTP/1.1 304 Not Modified\r\n\r\n",
            "an unknown packing": http(200, b"x", Content_Encoding="br"),
        }
        for what, script in wrong.items():
            with self.subTest(what):
                server = self.serve(script)
                for call in CALLS[:3]:
                    with self.assertRaises(UnexpectedAnswerError) as caught:
                        call(self.client(server))
                    self.assertIsInstance(caught.exception, OrbitError)
                self.assertEqual(len(server.received), 3)

    def test_a_page_with_an_error_status_is_that_error(self) -> None:
        page = {"Content_Type": "text/html", "Retry_After": "0"}
        with self.assertRaises(NotFoundError) as caught:
            self.client(self.serve(http(404, b"<html>", **page))).billing.get_balance()
        self.assertEqual(caught.exception.code, "unknown")
        busy = self.serve(http(502, b"<html>", **page))
        with self.assertRaises(ServerError):
            self.client(busy).billing.get_balance()
        self.assertEqual(len(busy.received), 4)

    def test_the_time_out_holds_for_the_whole_answer(self) -> None:
        for start in (http(200, b"{", length=50_000), b"HTTP/1.1 200 OK\r\nX: "):
            server = self.serve(drip(start), GOOD)
            orbit = self.client(server, timeout_seconds=0.3)
            self.assertEqual(orbit.billing.get_balance().data.balance_cents, 7)
            slow = self.client(self.serve(drip(start)), timeout_seconds=0.2, retries_max=0)
            started = time.monotonic()
            with self.assertRaisesRegex(ConnectionFailed, "did not answer in time"):
                slow.billing.get_balance()
            self.assertLess(time.monotonic() - started, 10)

    def test_a_key_or_an_address_that_no_request_takes_is_refused_and_not_quoted(self) -> None:
        for key in ("dv_live_sk_\nsecret", "dv_live_sk_ü"):
            with self.assertRaisesRegex(ValueError, "^api_key (?!.*secret)"):
                OrbitClient(api_key=key)
        for url in ("hello", "ftp://billing.test", "http://u:secret@billing.test", "http://a b"):
            with self.assertRaisesRegex(ValueError, "^base_url (?!.*secret)"):
                OrbitClient(api_key=KEY, base_url=url)
        server = self.serve(GOOD)
        OrbitClient(api_key=f"  {KEY}\n", base_url=server.url + "/").billing.get_balance()
        self.assertEqual(server.received[0].headers["x-api-key"], KEY)
        for charge_id in (".", ".."):
            with self.assertRaisesRegex(TypeError, "charge_id is no id"):
                self.client(server).billing.get_charge(charge_id=charge_id)
        self.assertEqual(len(server.received), 1)

    def test_a_list_that_has_more_without_a_way_on_is_an_error(self) -> None:
        for cursor, count in ((None, 1), ("x", 2)):
            more = {"pagination": {"cursor": cursor, "has_more": True}}
            server = self.serve(http(200, {"data": [{"id": "i1"}], "meta": more}))
            found = []
            with self.assertRaisesRegex(OrbitError, "does not lead on"):
                for invoice in pages(self.client(server).billing.list_invoices):
                    found.append(invoice.id)
            self.assertEqual(len(found), count)


if __name__ == "__main__":
    unittest.main()
