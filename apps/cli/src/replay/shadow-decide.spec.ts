// Goal: a message is unanswered only where no wallet of its organization answered it: a plan pays in its own.
import { keepUnanswered, type DecidedWallet } from './shadow-decide.js';
import type { ShadowState } from './shadow-state.js';

test('what another wallet of the organization answered is not unanswered', async () => {
  const state = { messages: { unanswered: 0 } } as ShadowState;
  const wallet = (organization_id: string, unanswered: readonly string[]) =>
    ({ organization_id, unanswered }) as unknown as DecidedWallet;
  const decided = [wallet('a', ['charge:1', 'charge:2']), wallet('b', ['charge:1'])];
  const kept = await keepUnanswered(state, decided, (of) => {
    expect(of).toHaveLength(3);
    return Promise.resolve(new Set(['a charge:1']));
  });
  expect(kept.map(({ unanswered }) => unanswered)).toEqual([['charge:2'], ['charge:1']]);
  expect(state.messages.unanswered).toBe(2);
});
