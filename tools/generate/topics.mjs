// docs/reference/topics.md: who writes and who reads each topic. Names and keys come from TOPICS, the files from the
// sources; a reader that is declared and has no handler, or the other way round, stops the generator.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './load-libraries.mjs';
import { cell, heading, table } from './markdown.mjs';
import { readSources } from './read-source.mjs';

const DAY_MS = 86_400_000;
const HEAD = ['topic', 'says', 'key', 'partitions, kept', 'written by', 'read by, for what'];
const HANDLER = /@BatchHandler\((?:'([a-z_.]+)'|\.\.\.([A-Z_]+))\)/g;

const sources = () =>
  readSources()
    .filter((path) => !/\.fake\.ts$|\/testing\/|-under-test\.ts$|[/-]ports\.ts$/.test(path))
    .map((path) => ({
      path,
      project: path.split('/').slice(0, 2).join('/'),
      text: readFileSync(join(root, path), 'utf8'),
    }));

/** topic → files that handle its messages. */
function readersOf(files, contracts) {
  const readers = new Map();
  for (const { path, text } of files)
    for (const [, one, list] of text.matchAll(HANDLER))
      for (const topic of list === undefined ? [one] : contracts[list])
        readers.set(topic, [...(readers.get(topic) ?? []), path]);
  return readers;
}

/** Files that name the topic of a message which they make; `any` is written by whoever calls publish. */
function writersOf(files, topic, producer) {
  const name = `'${topic.replaceAll('.', '\\.')}'`;
  const call = new RegExp(`publish\\(\\s*${name}`);
  const value = new RegExp(
    `^\\s*([^;\\n]*topic: [^;\\n]*${name}|\\w+: ${name},$|[^;\\n]*\\(\\w+, ${name})`,
    'm',
  );
  return files
    .filter(({ project, text }) =>
      producer === 'any'
        ? call.test(text)
        : project === `apps/${producer}` && (call.test(text) || value.test(text)),
    )
    .map(({ path }) => path);
}

const serviceOf = (path) => path.split('/')[1];
const link = (path) => `[${path.split('/').at(-1)}](../../${path})`;
const links = (paths) => paths.map(link).join(', ');

function picture(topics) {
  const id = (name) => name.replace(/[^a-z]/g, '_');
  const nodes = new Map();
  const lines = topics.flatMap(([topic, { producer, consumers }]) => {
    const from = producer === 'any' ? 'any([any client])' : `${id(producer)}[${producer}]`;
    nodes.set(topic, `  ${id(topic)}{{${topic}}}`);
    return [
      `  ${from} --> ${id(topic)}`,
      ...consumers.map((consumer) => `  ${id(topic)} --> ${id(consumer)}[${consumer}]`),
    ];
  });
  return ['```mermaid', 'flowchart LR', ...nodes.values(), ...lines, '```'].join('\n');
}

export function generateTopics({ events, contracts }) {
  const files = sources();
  const topics = Object.entries(events.TOPICS);
  const readers = readersOf(files, contracts);
  const rows = topics.map(([topic, spec]) => {
    const { producer, consumers, purposes, key, partitions, retentionMs, description } = spec;
    const handlers = readers.get(topic) ?? [];
    const found = [...new Set(handlers.map(serviceOf))].sort().join(', ');
    if (found !== [...consumers].sort().join(', '))
      throw new Error(`${topic}: TOPICS says read by ${consumers}, the handlers say ${found}.`);
    const writers = writersOf(files, topic, producer);
    if (writers.length === 0) throw new Error(`${topic}: nothing in ${producer} writes it.`);
    const reads = consumers.map((consumer) => {
      const paths = handlers.filter((path) => serviceOf(path) === consumer);
      return `${consumer}: ${purposes[consumer]} (${links(paths)})`;
    });
    return [
      `[\`${topic}\`](events.md#${topic.replaceAll('.', '')})`,
      cell(description),
      key === 'organization_id' ? '`organization_id`' : key,
      `${partitions}, ${retentionMs / DAY_MS} days`,
      `${producer === 'any' ? 'any client; here ' : `${producer}: `}${links(writers)}`,
      reads.length === 0 ? 'nobody inside; for your consumers' : reads.join('; '),
    ];
  });
  const inside = topics.filter(([, { consumers }]) => consumers.length > 0);
  const title = heading('Topics: who writes, who reads', 'libs/events/src/topics.ts');
  const text = `${title}
Fields of each message: [events](events.md). Dead letters of a topic are in \`<topic>.dlq\` (1 partition,
90 days). The picture shows the ${inside.length} topics that a service reads; the other
${topics.length - inside.length} are facts for consumers of your own.

${picture(inside)}

${table(HEAD, rows)}
`;
  return [{ path: 'docs/reference/topics.md', text }];
}
