import { OrbitError } from '@orbit/contracts';
import {
  readAuthorizationRequest,
  readCaptureRequest,
  readChargeId,
  readChargeRequest,
} from './charge-request.js';

const body = { charge_id: 'sms_1', amount: '0.0075', currency: 'USD', channel: 'sms' };

function faultOf(read: () => unknown): { code: string; param: string | undefined } {
  try {
    read();
  } catch (error) {
    if (error instanceof OrbitError) return { code: error.code, param: error.param };
    throw error;
  }
  throw new Error('nothing was refused');
}

test('readChargeRequest: fills quantity 1 and empty metadata', () => {
  expect(readChargeRequest(body)).toEqual({
    chargeId: 'sms_1',
    amountMicros: 7_500n,
    currency: 'USD',
    channel: 'sms',
    quantity: 1,
    metadata: {},
  });
});

test('readChargeRequest: takes the currency in either case', () => {
  expect(readChargeRequest({ ...body, currency: 'usd' }).currency).toBe('USD');
});

test.each(['0', '0.000000', '-1', 'NaN', 'Infinity', '1e3', '0.0000001', '9007199254.740993'])(
  'readChargeRequest: refuses the amount %p, naming the field',
  (amount) => {
    const fault = faultOf(() => readChargeRequest({ ...body, amount }));
    expect(fault).toEqual({ code: 'invalid_field', param: 'amount' });
  },
);

test.each([1, 0.0075, null, true, [], {}, '', ' 1', '+1', '0x10'])(
  'readChargeRequest: refuses %p where a decimal string belongs',
  (amount) => {
    const fault = faultOf(() => readChargeRequest({ ...body, amount }));
    expect(fault).toEqual({ code: 'invalid_field', param: 'amount' });
  },
);

test.each(['C~plan', '~plan', 'a~plan~b', 'C~plan~plan'])(
  'readChargeRequest and readAuthorizationRequest: refuse the id %p, which is ours alone; it can be read',
  (chargeId) => {
    for (const read of [readChargeRequest, readAuthorizationRequest]) {
      const fault = faultOf(() => read({ ...body, charge_id: chargeId }));
      expect(fault).toMatchObject({ code: 'invalid_field', param: 'charge_id' });
    }
    expect(readChargeId(chargeId)).toBe(chargeId);
  },
);

test('readChargeRequest: takes the largest amount and one micro', () => {
  expect(readChargeRequest({ ...body, amount: '9007199254.740992' }).amountMicros).toBe(2n ** 53n);
  expect(readChargeRequest({ ...body, amount: '0.000001' }).amountMicros).toBe(1n);
});

test.each(['charge_id', 'amount', 'currency', 'channel'])(
  'readChargeRequest: a missing %s is named',
  (param) => {
    const fault = faultOf(() => readChargeRequest({ ...body, [param]: undefined }));
    expect(fault).toEqual({ code: 'invalid_field', param });
  },
);

test.each([
  ['charge_id', ''],
  ['charge_id', 'x'.repeat(256)],
  ['charge_id', 'with space'],
  ['channel', 'SMS'],
  ['channel', '1sms'],
  ['quantity', 0],
  ['quantity', 1.5],
  ['quantity', '1'],
  ['quantity', 1_000_000_001],
  ['metadata', []],
  ['metadata', 'text'],
  ['metadata', Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 1]))],
  [
    'metadata',
    Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, 'x'.repeat(1000)])),
  ],
])('readChargeRequest: refuses %s = %p', (param, value) => {
  const fault = faultOf(() => readChargeRequest({ ...body, [param]: value }));
  expect(fault).toEqual({ code: 'invalid_field', param });
});

test('readChargeRequest: names the nested metadata that is not flat', () => {
  const fault = faultOf(() => readChargeRequest({ ...body, metadata: { a: { b: 1 } } }));
  expect(fault).toEqual({ code: 'invalid_field', param: 'metadata.a' });
});

test('readChargeRequest: names an unknown field', () => {
  const fault = faultOf(() => readChargeRequest({ ...body, price: '1' }));
  expect(fault).toEqual({ code: 'unknown_field', param: 'price' });
});

test('readChargeRequest: an unknown currency has its own code', () => {
  const fault = faultOf(() => readChargeRequest({ ...body, currency: 'XXX' }));
  expect(fault).toEqual({ code: 'unsupported_currency', param: 'currency' });
});

test.each([undefined, null, 'text', 5, [body]])(
  'readChargeRequest: refuses the body %p',
  (value) => {
    expect(faultOf(() => readChargeRequest(value))).toEqual({
      code: 'invalid_field',
      param: 'body',
    });
  },
);

test('readAuthorizationRequest: holds for 600 seconds unless told, at most a day', () => {
  expect(readAuthorizationRequest(body).ttlSeconds).toBe(600);
  expect(readAuthorizationRequest({ ...body, ttl_seconds: 86_400 }).ttlSeconds).toBe(86_400);
  for (const ttl_seconds of [0, 86_401, '600', 1.5]) {
    const fault = faultOf(() => readAuthorizationRequest({ ...body, ttl_seconds }));
    expect(fault).toEqual({ code: 'invalid_field', param: 'ttl_seconds' });
  }
});

test('readCaptureRequest: no body and no amount both mean the whole hold', () => {
  expect(readCaptureRequest(undefined)).toBeUndefined();
  expect(readCaptureRequest({})).toBeUndefined();
  expect(readCaptureRequest({ amount: '4.50' })).toBe(4_500_000n);
});
