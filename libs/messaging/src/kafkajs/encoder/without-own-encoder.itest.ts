// Goal: with KAFKA_OWN_ENCODER=off all that messaging.itest.ts promises holds on kafkajs' own encoder.
import { createRequire } from 'node:module';
import { switches } from '../../switches.fake.js';

switches.ownEncoder = 'off';
await import('../../messaging.itest.js');

const require = createRequire(import.meta.url);
const encoderOfKafkajs = (): string =>
  String(require('kafkajs/src/protocol/recordBatch/record/v0/index.js'));

test('kafkajs encodes by itself', async () => {
  expect(encoderOfKafkajs()).not.toContain('encoded');
  const { registerOwnEncoder } = await import('./encoded-produce.js');
  registerOwnEncoder();
  expect(encoderOfKafkajs()).toContain('encoded');
});
