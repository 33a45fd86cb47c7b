/**
 * The result of `work`, or an error with this message when it does not within so many milliseconds. The work goes on: its
 * late answer is dropped.
 */
export async function within<T>(
  work: Promise<T>,
  timeoutMs: number,
  lateMessage = `no answer in ${timeoutMs} ms`,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(lateMessage)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
