/** kafkajs' error for a set of messages that is packed with what it has no decoder for. */
const PACKED = /^(Snappy|LZ4|ZSTD) compression not implemented$/;

/**
 * Why a consumer ended, and what a person does about it. kafkajs does not say which partition it read: it is
 * one that `orbit lag` shows not moving.
 */
export function crashReason({ message }: Error): string {
  const codec = PACKED.exec(message)?.[1]?.toLowerCase();
  if (codec === undefined) return `the consumer crashes: ${message}`;
  return (
    `a topic holds messages packed with ${codec}, which this Node cannot unpack: run it with Node 22.15 or ` +
    'newer. tools/topics.mjs makes the broker unpack what comes from now on'
  );
}
