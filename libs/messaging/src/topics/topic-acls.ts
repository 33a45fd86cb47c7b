import { TOPICS, type TopicName } from '@orbit/events';
import { deadLetterTopic, physicalTopic } from './topic-names.js';

/** One right of one service at the broker. Rights not named are refused by a broker with an authorizer. */
export interface TopicRight {
  readonly service: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly operation: 'read' | 'write' | 'describe' | 'describe_configs';
}

/** Producers that TOPICS calls `any`, as far as they are ours; `spender` is a process of your own with libs/spend. */
const OPEN_PRODUCERS: Readonly<Partial<Record<TopicName, readonly string[]>>> = {
  'charge.requested': ['gateway', 'spender'],
  'usage.ingested': ['gateway'],
};
const ANYONE = 'any';

/**
 * The rights of each service, from the table of topics: producers write; consumers read in their own group and
 * write dead letters of what they read. Everybody who writes or reads may describe.
 */
export function topicRights(topicPrefix: string): readonly TopicRight[] {
  const rights = Object.entries(TOPICS).flatMap(([topic, { producer, consumers }]) => {
    const name = topic as TopicName;
    const writers = producer === ANYONE ? (OPEN_PRODUCERS[name] ?? []) : [producer];
    const physical = physicalTopic(topicPrefix, name);
    const letters = deadLetterTopic(topicPrefix, name);
    return [
      ...writers.flatMap((service) => onTopic(service, physical, ['write', 'describe'])),
      ...consumers.flatMap((service) => onTopic(service, physical, ['read', 'describe'])),
      ...consumers.flatMap((service) => onTopic(service, letters, ['write', 'describe'])),
    ];
  });
  const groups = new Set(Object.values(TOPICS).flatMap(({ consumers }) => [...consumers]));
  return [...rights, ...[...groups].flatMap((service) => onGroup(service, topicPrefix))];
}

const onTopic = (
  service: string,
  name: string,
  operations: readonly TopicRight['operation'][],
): TopicRight[] => operations.map((operation) => ({ service, resource: 'topic', name, operation }));

const onGroup = (service: string, topicPrefix: string): TopicRight[] =>
  (['read', 'describe'] as const).map((operation) => ({
    service,
    resource: 'group',
    name: `${topicPrefix}${service}`,
    operation,
  }));
