// A certificate that signs itself, for servers of tests that demand TLS: RFC 5280, one year, for
// 127.0.0.1 and localhost. Node makes keys and signatures but no certificates, and the libraries that
// do would bring sixteen packages.
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

const TAG = { integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, time: 23, sequence: 48, set: 49 };
const DAY_MS = 86_400_000;
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const SUBJECT_ALT_NAME = '2.5.29.17';

/** One value in DER: tag, length, content. */
function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  const bytes = content.length.toString(16);
  const size = Buffer.from(bytes.length % 2 === 0 ? bytes : `0${bytes}`, 'hex');
  const length =
    content.length < 128
      ? Buffer.from([content.length])
      : Buffer.concat([Buffer.from([0x80 | size.length]), size]);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}

function oid(text) {
  const [first, second, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((number) => {
    const digits = [number & 127];
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128);
    return digits;
  });
  return der(TAG.oid, Buffer.from([first * 40 + second, ...bytes]));
}

const sequence = (...parts) => der(TAG.sequence, ...parts);
const bits = (content) => der(TAG.bits, Buffer.from([0]), content);
const tagged = (number, ...parts) => der(0xa0 | number, ...parts);
const time = (ms) =>
  der(TAG.time, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
const name = (text) =>
  sequence(der(TAG.set, sequence(oid(COMMON_NAME), der(TAG.utf8, Buffer.from(text)))));
const extension = (id, value) => sequence(oid(id), der(TAG.octets, value));
const pem = (label, content) =>
  `-----BEGIN ${label}-----\n${content.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** `{certificate, key}` in PEM. The certificate is its own authority. */
export function selfSignedCertificate() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = sequence(oid(SHA256_WITH_RSA), Buffer.from([5, 0]));
  const hosts = sequence(
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.from([127, 0, 0, 1])),
  );
  const body = sequence(
    tagged(0, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.from([1, ...randomBytes(8)])),
    algorithm,
    name('orbit test'),
    sequence(time(Date.now() - DAY_MS), time(Date.now() + 365 * DAY_MS)),
    name('orbit test'),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(
        extension(BASIC_CONSTRAINTS, sequence(Buffer.from([1, 1, 255]))),
        extension(SUBJECT_ALT_NAME, hosts),
      ),
    ),
  );
  const signature = createSign('sha256').update(body).sign(privateKey);
  return {
    certificate: pem('CERTIFICATE', sequence(body, algorithm, bits(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}
