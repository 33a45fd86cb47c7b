import { OrbitError } from '@orbit/contracts';
import { InvariantViolation, within } from '@orbit/kernel';
import { isConnectionFailure } from '@orbit/runtime';

/** Longest answer of a server of ours, in milliseconds, where a caller does not say otherwise. */
const ANSWER_MS_MAX = 3_000;

/**
 * Any fault of a server of ours, and its silence, as one retryable error: the request can be
 * repeated with the same ids whatever happened to it.
 */
export async function bounded<T>(
  server: string,
  answer: Promise<T>,
  answerMsMax = ANSWER_MS_MAX,
): Promise<T> {
  try {
    return await within(answer, answerMsMax);
  } catch (error) {
    if (error instanceof OrbitError || error instanceof InvariantViolation) throw error;
    throw new OrbitError(
      'unavailable',
      `${server} is temporarily unavailable. Repeat the request.`,
      {
        retryAfterSeconds: 1,
        cause: error,
      },
    );
  }
}

/** Whether whoever had to answer could not be reached: the same request may be repeated. */
export const isUnreachable = (fault: unknown): boolean =>
  fault instanceof OrbitError
    ? fault.code === 'unavailable' || fault.code === 'timeout'
    : isConnectionFailure(fault);
