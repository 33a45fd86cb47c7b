import { cell, heading, table } from './markdown.mjs';

const DAY_MS = 86_400_000;

/** Patterns that a person knows by a name; the exact ones are in the AsyncAPI document. */
const KNOWN_PATTERNS = [
  ['^\\d{4}-(0[1-9]', 'instant, ISO 8601 with offset'],
  ['^(?!0+', 'decimal string above zero, at most six decimals'],
  ['^-?\\d{1,13}', 'decimal string, at most six decimals'],
  ['^[A-Z]{3}$', 'currency code, ISO 4217'],
  ['^\\d{1,19}$', 'whole number as a string'],
];

/** A JSON Schema's rule for one field, in a few words. */
function kindOf(schema) {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.anyOf ?? schema.oneOf) return (schema.anyOf ?? schema.oneOf).map(kindOf).join(' or ');
  const known = KNOWN_PATTERNS.find(([start]) => schema.pattern?.startsWith(start));
  if (known) return known[1];
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any');
  const bounds = [
    schema.pattern && `matches \`${schema.pattern}\``,
    schema.format,
    schema.minimum !== undefined && `≥ ${schema.minimum}`,
    schema.maximum !== undefined && `≤ ${schema.maximum}`,
    schema.maxLength !== undefined && `at most ${schema.maxLength} characters`,
    schema.maxProperties !== undefined && `at most ${schema.maxProperties} keys`,
  ].filter(Boolean);
  return [type, ...bounds].join(', ');
}

const fieldsOf = (schema) => {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, field]) => [
    `\`${name}\``,
    cell(kindOf(field)),
    required.has(name) ? 'yes' : 'no',
  ]);
};

/** docs/reference/events.md from TOPICS: what travels where, for how long, in which shape. */
export function generateEvents({ events }) {
  const topics = Object.entries(events.TOPICS);
  const names = (list) => (list.length === 0 ? 'nobody yet' : list.join(', '));
  const overview = topics.map(([name, { description, producer, consumers }]) => [
    `[\`${name}\`](#${name.replaceAll('.', '')})`,
    cell(description),
    producer === 'any' ? 'any client' : producer,
    names(consumers),
  ]);
  const sections = topics.map(
    ([name, { description, partitions, retentionMs, schema }]) => `## ${name}

${description} ${partitions} partitions, kept ${retentionMs / DAY_MS} days. Unreadable messages go to \`${name}.dlq\`.

${table(['field', 'value', 'required'], fieldsOf(schema))}
`,
  );
  const text = `${heading('Events', 'libs/events/src/topics.ts')}
CloudEvents 1.0 over Kafka in binary mode: headers \`ce_id\`, \`ce_type\` (the topic's name), \`ce_source\`, \`ce_time\`,
\`ce_specversion\`; the value is JSON. The key is the organization's id, so everything about one wallet is in order.
A message without these headers is taken too when its value fits the schema. Delivery is at least once.
The same as a machine reads it: [asyncapi.json](asyncapi.json).

${table(['topic', 'says', 'published by', 'read by'], overview)}

${sections.join('\n')}`;
  return [{ path: 'docs/reference/events.md', text }];
}
