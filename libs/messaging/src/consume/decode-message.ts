import type { TopicName } from '@orbit/events';
import { readJson, type JsonFault } from '@orbit/kernel';
import { readTrace } from '@orbit/runtime';
import type { KafkaMessage } from 'kafkajs';
import type { ReceivedEvent } from './batch-handler.js';
import { headerFault, readHeaders } from './cloud-events.js';
import { valueFault } from './event-schemas.js';

export const DECODE_FAULTS = [
  'not_json',
  'invalid_envelope',
  'invalid_value',
  'wrong_key',
] as const;

export type Decoded =
  | { readonly event: ReceivedEvent<unknown> }
  | { readonly code: (typeof DECODE_FAULTS)[number]; readonly message: string };

const NO_VALUE = new Uint8Array();

/**
 * A message about an organization is keyed by it (docs/design.md, 1): else its messages lie in other partitions,
 * lose their order, and pass by whoever may write for one organization alone.
 */
function keyFault(key: string, value: unknown): string | null {
  const { organization_id: organizationId } = value as { readonly organization_id?: unknown };
  if (organizationId === undefined || organizationId === key) return null;
  const found = key === '' ? 'there is no key' : `the key is ${JSON.stringify(key)}`;
  return `${found}, and organization_id ${JSON.stringify(organizationId)}: publish it again with organization_id as its key; a retry of the dead letter keeps the wrong one`;
}

/** Reads one message. Pure; whatever is wrong with it comes back as a value, for the dead letters. */
export function decodeMessage(topic: TopicName, partition: number, message: KafkaMessage): Decoded {
  const headers = readHeaders(message.headers);
  const inHeaders = headerFault(headers, topic);
  if (inHeaders !== null) return { code: 'invalid_envelope', message: inHeaders };
  const read = readJson(message.value ?? NO_VALUE);
  if (!read.ok) return unreadable(read.fault);
  const { value } = read;
  const inValue = valueFault(topic, value);
  if (inValue !== null) return { code: 'invalid_value', message: inValue };
  const key = message.key?.toString() ?? '';
  const inKey = keyFault(key, value);
  if (inKey !== null) return { code: 'wrong_key', message: inKey };
  const trace = headers['traceparent'] === undefined ? null : readTrace(headers);
  return {
    event: {
      value,
      key,
      id: headers['ce_id'] ?? `${topic}-${partition}-${message.offset}`,
      timeMs: headers['ce_time'] ? Date.parse(headers['ce_time']) : Number(message.timestamp),
      offset: message.offset,
      headers,
      raw: message,
      ...(trace && { trace }),
    },
  };
}

/** A value that could not be kept as it is would be tried again for ever and hold up what comes behind it, or be booked as something else. */
function unreadable(fault: JsonFault): Decoded {
  if (fault.kind === 'not_json') {
    return { code: 'not_json', message: `the value is not JSON: ${fault.message}` };
  }
  return { code: 'invalid_value', message: `/${fault.path}: ${fault.message}` };
}
