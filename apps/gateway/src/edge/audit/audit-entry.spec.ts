import { auditedBody } from './audit-entry.js';

test('texts under names of secrets are replaced, however deep; ids and amounts stay', () => {
  const body = {
    organization: { id: 'org_a', api_key: { id: 'ak_1', key: 'dv_live_sk_x' } },
    endpoints: [{ url: 'https://a.test', signing_secret: 'whsec_1', Token: 't' }],
    amount: '1.25',
    key: 7,
  };
  expect(auditedBody(body)).toEqual({
    organization: { id: 'org_a', api_key: { id: 'ak_1', key: '[secret]' } },
    endpoints: [{ url: 'https://a.test', signing_secret: '[secret]', Token: '[secret]' }],
    amount: '1.25',
    key: 7,
  });
});

test('a body above 8 KiB is named by its length, none is null', () => {
  expect(auditedBody({ note: 'x'.repeat(9_000) })).toEqual({ too_long: 9_011 });
  expect([auditedBody(undefined), auditedBody(null), auditedBody([])]).toEqual([null, null, []]);
});
