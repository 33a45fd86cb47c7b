import type { TopicName } from '@orbit/events';

/** A topic's name on the broker; the prefix keeps several stacks apart on one cluster. */
export const physicalTopic = (prefix: string, topic: TopicName): string => `${prefix}${topic}`;

/** Where messages of a topic go that can never be handled, with the reason in their headers. */
export const deadLetterTopic = (prefix: string, topic: TopicName): string =>
  `${prefix}${topic}.dlq`;
