import { pino, type Logger, type LoggerOptions } from 'pino';

export type { Logger } from 'pino';
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export const REDACTED = '[redacted]';

/** Field names whose value never reaches a log, wherever a log object carries them (three levels deep). */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'x-api-key',
  'X-API-Key',
  'stripe-signature',
  'apiKey',
  'api_key',
  'secret',
  'clientSecret',
  'client_secret',
  'password',
  'connectionString',
  'databaseUrl',
  'DATABASE_URL',
  'card',
  'cvc',
];
const at = (prefix: string, field: string): string =>
  /^[\w$]+$/.test(field) ? `${prefix}${prefix && '.'}${field}` : `${prefix}["${field}"]`;
const REDACT_PATHS = SECRET_FIELDS.flatMap((field) =>
  ['', '*', '*.*', '*.*.*'].map((prefix) => at(prefix, field)),
);

/** One JSON object a line, level as a word, instants in ISO 8601, secrets blotted out. */
export function createLogger(
  name: string,
  level: LogLevel | string = 'info',
  destination?: { write(line: string): void },
): Logger {
  const options: LoggerOptions = {
    name,
    level,
    base: { name },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACT_PATHS, censor: REDACTED },
    serializers: { error: pino.stdSerializers.err },
  };
  return destination ? pino(options, destination) : pino(options);
}
