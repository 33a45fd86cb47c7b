import type { TopicName } from '@orbit/events';
import type { KafkaMessage, Message } from 'kafkajs';
import { carriedHeaders } from './carried-headers.js';

export interface DeadLetter {
  readonly raw: KafkaMessage;
  readonly code: string;
  readonly message: string;
}

const MESSAGE_LENGTH_MAX = 1_000;

/** The very key, bytes and headers that came, plus why and from where: enough to repair and send it again. */
export function toDeadLetterMessage(
  letter: DeadLetter,
  topic: TopicName,
  partition: number,
  failedAtMs: number,
): Message {
  return {
    key: letter.raw.key,
    value: letter.raw.value,
    headers: {
      ...carriedHeaders(letter.raw.headers),
      orbit_error_code: letter.code,
      orbit_error_message: letter.message.slice(0, MESSAGE_LENGTH_MAX),
      orbit_source_topic: topic,
      orbit_source_partition: String(partition),
      orbit_source_offset: letter.raw.offset,
      orbit_failed_at: new Date(failedAtMs).toISOString(),
    },
  };
}
