import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { counter, gauge } from './registry.js';

const STARTED_AT_SECONDS = performance.timeOrigin / 1_000;

let cpuSeconds = 0;
let loop: EventLoopUtilization | undefined;

/** Sets what is known of this process. */
export function readProcess(): void {
  const { user, system } = process.cpuUsage();
  const seconds = (user + system) / 1e6;
  counter('orbit_process_cpu_seconds_total').inc(Math.max(0, seconds - cpuSeconds));
  cpuSeconds = seconds;
  const { rss, heapUsed } = process.memoryUsage();
  gauge('orbit_process_resident_bytes').set(rss);
  gauge('orbit_process_heap_used_bytes').set(heapUsed);
  gauge('orbit_process_start_time_seconds').set(STARTED_AT_SECONDS);
  const now = performance.eventLoopUtilization();
  const { utilization } = loop ? performance.eventLoopUtilization(now, loop) : now;
  gauge('orbit_event_loop_utilization').set(utilization);
  loop = now;
}
