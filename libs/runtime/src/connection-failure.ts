/** Codes of Node, Postgres and Prisma that mean "the server could not be reached", not "it refused this". */
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
  '53300', // Postgres: too many connections
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
  /connection terminated|timeout exceeded when trying to connect|connection is closed|client has encountered a connection error|can't reach database|server has closed the connection|max retries per request|stream isn't writeable/i;
const CAUSE_DEPTH_MAX = 8;

/** Whether an error, or what caused it, is a lost or refused connection; such a call may be repeated. */
export function isConnectionFailure(error: unknown): boolean {
  let current: unknown = error;
  for (let depth = 0; depth < CAUSE_DEPTH_MAX && typeof current === 'object' && current; depth++) {
    const { code, message, cause, errors } = current as {
      code?: unknown;
      message?: unknown;
      cause?: unknown;
      errors?: unknown;
    };
    if (typeof code === 'string' && CODES.has(code)) return true;
    if (typeof message === 'string' && MESSAGES.test(message)) return true;
    if (Array.isArray(errors) && errors.some(isConnectionFailure)) return true;
    current = cause;
  }
  return false;
}
