import type { CountedEvent } from '../../metrics/domain/compile.js';
import { hashOfValue } from '../../metrics/domain/tally.js';
import { toNumber, toText } from '../../metrics/domain/values.js';
import type { FollowedLeaf } from './rollup-change.js';

/** Digits that a column for values has, and how many of them stand behind the point. */
export const NUMBER_WHOLE_DIGITS = 26;
export const NUMBER_PLACES = 24;

/** How an event changes what is counted, as a block has it. */
export interface CopiedChange {
  readonly accountId: string;
  readonly customerId: string;
  readonly eventNo: string;
  readonly sign: 1 | -1;
  readonly blockNo: string;
  readonly event: CountedEvent;
}

export type CopiedLeaf = Omit<FollowedLeaf, 'fromMs'>;

export const eventRow = ({ event, ...change }: CopiedChange): object => ({
  account_id: change.accountId,
  customer_id: change.customerId,
  at_ms: String(event.timestampMs),
  event_no: change.eventNo,
  sign: change.sign,
  block_no: change.blockNo,
  idempotency_key: event.idempotencyKey,
  external_customer_id: event.externalCustomerId,
  event_name: event.eventName,
  properties: JSON.stringify(event.properties),
  fingerprint: event.fingerprint,
});

/** Null where the leaf leaves the event out. */
export function valueRow({ id, leaf, compiled }: CopiedLeaf, change: CopiedChange): object | null {
  const { event } = change;
  if (!compiled.passes(event)) return null;
  const value = compiled.valueOf(event);
  const text = leaf.kind === 'count_distinct' ? toText(value) : null;
  const number = leaf.kind === 'count' || leaf.kind === 'count_distinct' ? null : toNumber(value);
  const isCounted = leaf.kind === 'count' ? value !== null : text !== null || number !== null;
  const fits = number === null || fitsColumn(String(number));
  return {
    leaf_id: id,
    customer_id: change.customerId,
    at_ms: String(event.timestampMs),
    event_no: change.eventNo,
    sign: change.sign,
    block_no: change.blockNo,
    group_values: JSON.stringify(compiled.groupOf(event)),
    is_counted: isCounted ? 1 : 0,
    number: number && fits ? String(number) : '0',
    is_odd: fits ? 0 : 1,
    hash: text === null ? '' : hashOfValue(text),
    latest_key: leaf.kind === 'latest' ? orderedKey(event.idempotencyKey) : '',
    fingerprint: BigInt(`0x${event.fingerprint}`).toString(),
  };
}

function fitsColumn(text: string): boolean {
  const [whole = '', places = ''] = text.replace('-', '').split('.');
  return whole.length <= NUMBER_WHOLE_DIGITS && places.length <= NUMBER_PLACES;
}

/** A text whose bytes are in the order of the key's characters as JavaScript compares them. */
export const orderedKey = (key: string): string =>
  Buffer.from(key, 'utf16le').swap16().toString('hex');

export const keyOfOrdered = (hex: string): string =>
  Buffer.from(hex, 'hex').swap16().toString('utf16le');
