/** Usage events: accepted over HTTP, and from Kafka into the tables, each beside the least that could do it. */
import { wants } from './options.mjs';
import { ingestHttpRow } from './ingest/http.mjs';
import { ingestStoredRows } from './ingest/stored.mjs';

export async function runIngest(context) {
  const { options } = context;
  const rows = [];
  if (wants(options, 'ingest-http')) rows.push(await ingestHttpRow(context));
  if (wants(options, 'ingest-stored', 'ingest-duplicates'))
    rows.push(...(await ingestStoredRows(context)));
  return rows.filter(({ id }) => wants(options, id));
}
