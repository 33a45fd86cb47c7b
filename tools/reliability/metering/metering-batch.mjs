/**
 * One batch of usage-metering in a process of its own, which dies at its fail point: what the service does with the
 * messages of a partition, without Kafka. argv: a JSON of {databaseUrl, failPoint, messages, corrections, nowMs}.
 */
import { FailPoint } from '../../../apps/usage-metering/dist/events/adapters/fail-points.js';
import { meteringParts } from './metering-parts.mjs';

const { failPoint, ...job } = JSON.parse(process.argv[2]);
const parts = meteringParts({
  ...job,
  failPoint: failPoint === null ? null : new FailPoint(failPoint),
});
await parts.run(job);
await parts.end();
