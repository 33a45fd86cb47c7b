import type { TopicName } from '@orbit/events';
import { mayHoldUnstorableText, unstorableTextAt } from '@orbit/kernel';
import type { KafkaMessage } from 'kafkajs';
import type { ReceivedEvent } from './batch-handler.js';
import { headerFault, readHeaders } from './cloud-events.js';
import { valueFault } from './event-schemas.js';

export const DECODE_FAULTS = ['not_json', 'invalid_envelope', 'invalid_value'] as const;

export type Decoded =
  | { readonly event: ReceivedEvent<unknown> }
  | { readonly code: (typeof DECODE_FAULTS)[number]; readonly message: string };

/** What no database takes would be tried again for ever and hold up what comes behind it. */
function textFault(bytes: Uint8Array, value: unknown): string | null {
  const path = mayHoldUnstorableText(bytes) ? unstorableTextAt(value) : null;
  return path === null ? null : `/${path} holds a NUL or half of a surrogate pair`;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Reads one message. Pure; whatever is wrong with it comes back as a value, for the dead letters. */
export function decodeMessage(topic: TopicName, partition: number, message: KafkaMessage): Decoded {
  const headers = readHeaders(message.headers);
  const inHeaders = headerFault(headers, topic);
  if (inHeaders !== null) return { code: 'invalid_envelope', message: inHeaders };
  const bytes = message.value ?? new Uint8Array();
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes));
  } catch (error) {
    return { code: 'not_json', message: `the value is not JSON: ${String(error)}` };
  }
  const inValue = valueFault(topic, value) ?? textFault(bytes, value);
  if (inValue !== null) return { code: 'invalid_value', message: inValue };
  return {
    event: {
      value,
      // A sender without a key loses order among its own messages, nothing else: writers fence by version.
      key: message.key?.toString() ?? '',
      id: headers['ce_id'] ?? `${topic}-${partition}-${message.offset}`,
      timeMs: headers['ce_time'] ? Date.parse(headers['ce_time']) : Number(message.timestamp),
      offset: message.offset,
      headers,
      raw: message,
    },
  };
}
