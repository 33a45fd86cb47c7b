import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld } from '../../gateway.fake.js';

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await new FakeWorld().start();
});
afterAll(() => app.close());

test('the OpenAPI document lists every route with its answers', async () => {
  const raw = await app.inject({ url: '/api/openapi.json' });
  const document = raw.json() as {
    paths: Record<string, Record<string, { responses: object; security?: object[] }>>;
  };
  expect(Object.keys(document.paths).sort()).toEqual([
    '/api/v1/billing/authorizations',
    '/api/v1/billing/authorizations/{authorization_id}/capture',
    '/api/v1/billing/authorizations/{authorization_id}/release',
    '/api/v1/billing/balance',
    '/api/v1/billing/balance/top-up',
    '/api/v1/billing/charges',
    '/api/v1/billing/charges/{charge_id}',
    '/api/v1/billing/charges/{charge_id}/explain',
    '/api/v1/billing/checkout',
    '/api/v1/billing/credit-notes/{credit_note_id}/pdf',
    '/api/v1/billing/credits',
    '/api/v1/billing/credits/auto-reload',
    '/api/v1/billing/credits/auto-reload/resume',
    '/api/v1/billing/credits/blocks',
    '/api/v1/billing/credits/purchase',
    '/api/v1/billing/credits/topup',
    '/api/v1/billing/delivery-reports',
    '/api/v1/billing/invoices',
    '/api/v1/billing/invoices/{invoice_id}/pdf',
    '/api/v1/billing/leases',
    '/api/v1/billing/leases/{lease_id}',
    '/api/v1/billing/leases/{lease_id}/close',
    '/api/v1/billing/leases/{lease_id}/renew',
    '/api/v1/billing/payment-methods',
    '/api/v1/billing/payment-methods/setup',
    '/api/v1/billing/payment-methods/{payment_method_id}',
    '/api/v1/billing/payment-methods/{payment_method_id}/default',
    '/api/v1/billing/plan',
    '/api/v1/billing/plan/cancel',
    '/api/v1/billing/plan/change',
    '/api/v1/billing/plan/resume',
    '/api/v1/billing/plans',
    '/api/v1/billing/rate-card',
    '/api/v1/billing/rate-card/quote',
    '/api/v1/billing/refunds',
    '/api/v1/billing/refunds/{refund_id}',
    '/api/v1/billing/status',
    '/api/v1/billing/topups/{topup_id}',
    '/api/v1/billing/transactions',
    '/api/v1/billing/usage',
    '/api/v1/billing/usage-by-channel',
    '/api/v1/billing/usage/history',
    '/api/v1/billing/webhook-endpoints',
    '/api/v1/billing/webhook-endpoints/{endpoint_id}',
    '/api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries',
    '/api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}',
    '/api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/resend',
    '/api/v1/operator/accounts',
    '/api/v1/operator/accounts/{account_id}/rate-card',
    '/api/v1/operator/accounts/{account_id}/rotate-key',
    '/api/v1/operator/accounts/{account_id}/tax-rates',
    '/api/v1/operator/accounts/{account_id}/webhook-deliveries',
    '/api/v1/operator/accounts/{account_id}/webhook-deliveries/{delivery_id}',
    '/api/v1/operator/accounts/{account_id}/webhook-deliveries/{delivery_id}/resend',
    '/api/v1/operator/api-keys/revoke',
    '/api/v1/operator/api-keys/{api_key_id}',
    '/api/v1/operator/api-keys/{api_key_id}/rotate',
    '/api/v1/operator/audit',
    '/api/v1/operator/disputes',
    '/api/v1/operator/keys',
    '/api/v1/operator/keys/{key_id}',
    '/api/v1/operator/keys/{key_id}/rotate',
    '/api/v1/operator/ledger/balances',
    '/api/v1/operator/ledger/health',
    '/api/v1/operator/margin',
    '/api/v1/operator/organizations',
    '/api/v1/operator/organizations/{organization_id}/adjustments',
    '/api/v1/operator/organizations/{organization_id}/api-keys',
    '/api/v1/operator/organizations/{organization_id}/blocks',
    '/api/v1/operator/organizations/{organization_id}/blocks/{block_id}/amend',
    '/api/v1/operator/organizations/{organization_id}/blocks/{block_id}/extend',
    '/api/v1/operator/organizations/{organization_id}/blocks/{block_id}/void',
    '/api/v1/operator/organizations/{organization_id}/charges/{charge_id}/reversals',
    '/api/v1/operator/organizations/{organization_id}/grant-schedules',
    '/api/v1/operator/organizations/{organization_id}/grant-schedules/{schedule_id}',
    '/api/v1/operator/organizations/{organization_id}/grants',
    '/api/v1/operator/organizations/{organization_id}/pause',
    '/api/v1/operator/organizations/{organization_id}/reconciliation',
    '/api/v1/operator/organizations/{organization_id}/resume',
    '/api/v1/operator/organizations/{organization_id}/wallets/{currency}',
    '/api/v1/operator/reconcile/stripe',
    '/api/v1/operator/topups',
    '/api/v1/operator/topups/{topup_id}/resolve',
    '/health/ledger',
    '/webhooks/stripe',
  ]);
  expect(document.paths['/api/v1/billing/charges']?.['post']?.responses).toMatchObject({
    201: {},
    400: {},
    401: {},
    402: {},
    409: {},
    429: {},
    503: {},
  });
});

test('no operation names a header twice', async () => {
  const { paths } = (await app.inject({ url: '/api/openapi.json' })).json<{
    paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>;
  }>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const { parameters = [] } of Object.values(operations)) {
      const headers = parameters.filter((p) => p.in === 'header').map((p) => p.name.toLowerCase());
      expect([path, headers]).toEqual([path, [...new Set(headers)]]);
    }
  }
});
