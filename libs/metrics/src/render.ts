import { counter, registry } from './registry.js';
import { readProcess } from './process-readings.js';
import type { Service } from './table.js';

/** Longest wait for one reading: Prometheus gives a scrape ten seconds. */
const READING_MS_MAX = 3_000;

interface Reading {
  readonly name: string;
  readonly read: () => Promise<void>;
}

const readings = new Set<Reading>();

/**
 * Has `read` set its gauges before each answer of `/metrics`. One that fails or is late is counted, and must not leave
 * old numbers behind: it clears its gauges before it asks. Returns how to end it.
 */
export function readAtScrape(name: string, read: () => Promise<void>): () => void {
  const reading = { name, read };
  readings.add(reading);
  return () => void readings.delete(reading);
}

/** Names the process on every series. */
export function reportAs(service: Service): void {
  registry.setDefaultLabels({ service });
}

/** The answer of `/metrics`. */
export async function renderMetrics(): Promise<{
  readonly contentType: string;
  readonly text: string;
}> {
  readProcess();
  await Promise.all([...readings].map(readInTime));
  return { contentType: registry.contentType, text: await registry.metrics() };
}

async function readInTime({ name, read }: Reading): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} took too long`)), READING_MS_MAX);
  });
  try {
    await Promise.race([read(), late]);
  } catch {
    // Reported where it is looked for: an alert watches this counter.
    counter('orbit_collection_failures_total').inc({ reading: name });
  } finally {
    clearTimeout(timer);
  }
}
