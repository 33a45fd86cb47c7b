/** What the stories of `messaging.itest.ts` run with; a test file that imports them may turn a part off first. */
export const switches: { fetchSessions: 'on' | 'off'; ownEncoder: 'on' | 'off' } = {
  fetchSessions: 'on',
  ownEncoder: 'on',
};
