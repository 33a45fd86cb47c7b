/** Codes of Node, Postgres and Prisma that mean "the server could not be reached, or serves nobody now", not "it refused this". */
const CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01', // Postgres: terminated by an administrator
  '57P02',
  '57P03', // Postgres: still starting up
  '53100', // Postgres: its disk is full
  '53200', // Postgres: out of memory
  '53300', // Postgres: too many connections
  '57014', // Postgres: canceled, by its time limit or by an administrator
  '57P05', // Postgres: the session or its transaction was idle for too long
  '25P03',
  '25006', // Postgres: read only, as a standby is
  '40P01', // Postgres: the one of two that waited for each other which had to go
  '55P03', // Postgres: a lock was not to be had in time
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  'P1001', // Prisma: cannot reach the server
  'P1002',
  'P1008',
  'P1017',
  'P2024', // Prisma: no free connection in the pool in time
]);
const MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|connection is closed|client has encountered a connection error|can't reach database|server has closed the connection|max retries per request|stream isn't writeable/i;
/** Errors of Redis while it is full, read only, starting or locked, also from within a script. */
const REDIS_REPLIES =
  /(^|\s|-)(READONLY|OOM|MISCONF|LOADING|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|BUSY|NOAUTH|WRONGPASS|NOPERM) |^Command timed out$|max number of clients/;
const CAUSE_DEPTH_MAX = 8;

/** Whether an error, or what caused it, is a lost connection or a server that refuses all; such a call may be repeated. */
export function isConnectionFailure(error: unknown): boolean {
  let current: unknown = error;
  for (let depth = 0; depth < CAUSE_DEPTH_MAX && typeof current === 'object' && current; depth++) {
    const { code, message, cause, errors, meta } = current as {
      code?: unknown;
      message?: unknown;
      cause?: unknown;
      errors?: unknown;
      /** Where Prisma keeps what the database said. */
      meta?: { driverAdapterError?: unknown };
    };
    if (typeof code === 'string' && CODES.has(code)) return true;
    if (typeof message === 'string' && (MESSAGES.test(message) || REDIS_REPLIES.test(message)))
      return true;
    if (Array.isArray(errors) && errors.some(isConnectionFailure)) return true;
    current = cause ?? meta?.driverAdapterError;
  }
  return false;
}
