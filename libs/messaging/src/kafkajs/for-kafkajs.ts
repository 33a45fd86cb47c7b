import type { IHeaders, Message } from 'kafkajs';

const NOTHING = Buffer.alloc(0);
type Header = Buffer | string | null;

/**
 * A message that kafkajs' own encoder can encode: it throws for a header without a value, which other clients may
 * send and a dead letter carries on. Such a header is sent empty.
 */
export function forKafkajs(message: Message): Message {
  const { headers } = message;
  if (!headers || !Object.values(headers).some(hasNone)) return message;
  const filled = Object.entries(headers as Readonly<Record<string, Header | Header[]>>).map(
    ([name, value]) => [name, Array.isArray(value) ? value.map(orEmpty) : orEmpty(value)],
  );
  return { ...message, headers: Object.fromEntries(filled) as IHeaders };
}

const hasNone = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.some(hasNone));
const orEmpty = (value: Header): Buffer | string => value ?? NOTHING;
