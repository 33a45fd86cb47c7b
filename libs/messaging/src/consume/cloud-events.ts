import { isoInstant } from '@orbit/kernel';
import type { IHeaders } from 'kafkajs';

/** CloudEvents 1.0 over Kafka, binary mode: the event's attributes in `ce_` headers, the value as it is. */
export const CE_SPEC_VERSION = '1.0';
const CONTENT_TYPE = 'application/json';

export interface EventAttributes {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly timeMs: number;
}

export function toHeaders(attributes: EventAttributes): Record<string, string> {
  return {
    ce_specversion: CE_SPEC_VERSION,
    ce_id: attributes.id,
    ce_type: attributes.type,
    ce_source: attributes.source,
    ce_time: isoInstant(attributes.timeMs),
    'content-type': CONTENT_TYPE,
  };
}

/**
 * Header values as text; of a header that stands twice the last one counts. One without a value, as Java may
 * send it, is as one that is not there.
 */
export function readHeaders(headers: IHeaders | undefined): Readonly<Record<string, string>> {
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    // Its type does not say that kafkajs reads a missing value as null.
    const last = (Array.isArray(value) ? value.at(-1) : value) as
      Buffer | string | null | undefined;
    if (last !== undefined && last !== null) read[name] = last.toString();
  }
  return read;
}

/**
 * The fault in the CloudEvents headers, or null. None at all is fine: the topic says the type.
 * Whoever sends some claims to know the format, so a wrong version or type is refused, not guessed at.
 */
export function headerFault(
  headers: Readonly<Record<string, string>>,
  type: string,
): string | null {
  const { ce_specversion: version, ce_type: given, ce_time: time, ce_id: id } = headers;
  if (version !== undefined && !version.startsWith('1.')) {
    return `ce_specversion is "${version}"; this product speaks ${CE_SPEC_VERSION}`;
  }
  if (given !== undefined && given !== type) return `ce_type is "${given}" on a topic of ${type}`;
  if (time !== undefined && Number.isNaN(Date.parse(time))) return 'ce_time is not an instant';
  if (id?.includes('\0')) return 'ce_id holds a NUL';
  return null;
}
