import type { Logger } from '../logger.js';
import { makeSpansWith } from './spans.js';

type Environment = Readonly<Record<string, string | undefined>>;

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;

/** Whether OpenTelemetry's own variables ask for traces: an endpoint is named, and nothing switches them off. */
export function wantsTraces(environment: Environment): boolean {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter } = environment;
  if (disabled?.trim().toLowerCase() === 'true') return false;
  if (exporter !== undefined && !['', 'otlp'].includes(exporter.trim().toLowerCase())) return false;
  return ENDPOINTS.some((name) => (environment[name] ?? '').trim() !== '');
}

/**
 * Exports spans if the environment asks for it; only then is anything of OpenTelemetry loaded.
 * Returns how to end, which sends what is left.
 */
export async function startTracing(
  service: string,
  environment: Environment,
  logger: Pick<Logger, 'info'>,
): Promise<() => Promise<void>> {
  if (!wantsTraces(environment)) return () => Promise.resolve();
  const { exportSpans } = await import('./open-telemetry.js');
  const exporting = exportSpans(service);
  makeSpansWith(exporting);
  logger.info('traces are exported');
  return async () => {
    makeSpansWith(null);
    await exporting.stop();
  };
}
