import { isOwnVisitor } from './own-visitors.js';

const PUBLIC = 'http://sandbox.test:3001';

test.each([
  [{ host: '127.0.0.1:4242' }],
  [{ host: 'localhost:4242', origin: 'http://localhost:4242' }],
  [{ host: '[::1]:4242' }],
  [{ host: 'sandbox.test:3001', origin: 'http://sandbox.test:3001' }],
])('%j is answered', (headers) => {
  expect(isOwnVisitor(headers, PUBLIC)).toBe(true);
});

test.each([
  [{}],
  [{ host: 'evil.example' }],
  [{ host: 'localhost.evil.example:4242' }],
  [{ host: '127.0.0.1.evil.example' }],
  [{ host: '127.0.0.1:4242', origin: 'https://evil.example' }],
  [{ host: '127.0.0.1:4242', origin: 'http://127.0.0.1:9999' }],
  [{ host: '127.0.0.1:4242', origin: 'null' }],
])('%j is refused', (headers) => {
  expect(isOwnVisitor(headers, PUBLIC)).toBe(false);
});
