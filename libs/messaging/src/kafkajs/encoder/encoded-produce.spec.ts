// Goal: our records are sent whoever used kafkajs first; nothing can send them without their content.
import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodedMessage } from './encoded-produce.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../../../..');

/** A process of its own, as a service is: Jest keeps module caches of another kind. */
const PROGRAM = `
const request = require('kafkajs/src/protocol/requests/produce');
const encode = async (messages) => {
  const { request: produce } = request.protocol({ version: 7 })({ acks: -1, timeout: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }] });
  return (await produce.encode()).buffer;
};
(async () => {
  await encode([{ value: 'somebody was first' }]);
  const { register } = require('node:module');
  const swc = require('@swc/core');
  const fs = require('node:fs');
  const path = require('node:path');
  fs.mkdirSync('.nx', { recursive: true });
  const folder = fs.mkdtempSync(path.join(process.cwd(), '.nx', 'encoded-'));
  fs.mkdirSync(path.join(folder, 'encoder'));
  try {
    for (const name of ['encoder/encoded-produce', 'encoder/record-encoder', 'encoder/crc32c', 'internals']) {
      const code = swc.transformFileSync('libs/messaging/src/kafkajs/' + name + '.ts', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } }).code;
      fs.writeFileSync(path.join(folder, name + '.js'), code.replace(/from ["']@orbit\\/kernel["']/, 'from "' + folder + '/kernel.js"'));
    }
    fs.writeFileSync(path.join(folder, 'kernel.js'), 'export const invariant = (ok, fact) => { if (!ok) throw new Error(fact); };');
    fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    const { encodedMessage } = await import(path.join(folder, 'encoder/encoded-produce.js'));
    const bytes = await encode([encodedMessage(0, [{ key: 'k', value: 'first of ours' }, { value: 'second of ours' }])]);
    console.log(bytes.includes('first of ours') && bytes.includes('second of ours'));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
})();
`;

test('records are sent whole by a process whose first message was somebody else’s', async () => {
  const { stdout } = await run(process.execPath, ['-e', PROGRAM], { cwd: ROOT });
  expect(stdout.trim()).toBe('true');
});

test('without our encoder a message of ours cannot be encoded at all', () => {
  const { value } = encodedMessage(0, [{ value: 'x' }]);
  expect(() => Buffer.byteLength(value as Buffer)).toThrow('must be of type string');
});
