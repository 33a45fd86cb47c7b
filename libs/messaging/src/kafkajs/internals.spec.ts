import { createRequire } from 'node:module';
import { requireVersion, WRITTEN_FOR } from './internals.js';

const root = createRequire(import.meta.url)('../../../../package.json') as {
  readonly dependencies: Readonly<Record<string, string>>;
};

test('the version that is wrapped is the one that package.json pins', () => {
  expect(root.dependencies['kafkajs']).toBe(WRITTEN_FOR);
  expect(() => requireVersion('KAFKA_OWN_ENCODER')).not.toThrow();
});

test.each(['KAFKA_FETCH_SESSIONS', 'KAFKA_OWN_ENCODER'] as const)(
  'another version is refused, with the switch that does without: %s',
  (part) => {
    expect(() => requireVersion(part, '2.3.0')).toThrow(
      new RegExp(`kafkajs 2\\.3\\.0 is installed.*${part}=off`),
    );
  },
);
