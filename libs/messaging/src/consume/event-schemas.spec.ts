// Goal: every topic has a schema that Ajv takes in strict mode; each is compiled only when its first message comes.
import { describe, expect, test } from '@jest/globals';
import { TOPICS, type TopicName } from '@orbit/events';
import { valueFault } from './event-schemas.js';

describe('valueFault', () => {
  test.each(Object.keys(TOPICS) as TopicName[])('%s refuses a text, and says so twice', (topic) => {
    expect(valueFault(topic, 'text')).toBe('the value must be object');
    expect(valueFault(topic, 'text')).toBe('the value must be object');
  });

  test('a topic that there is not is a fault of ours', () => {
    expect(() => valueFault('no.such' as TopicName, {})).toThrow('topic no.such has a schema');
    expect(() => valueFault('toString' as TopicName, {})).toThrow('has a schema');
  });
});
