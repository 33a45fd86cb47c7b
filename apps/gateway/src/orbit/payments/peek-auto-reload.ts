import { OrbitError, type AutoReloadView, type Client, type AUTO_RELOAD } from '@orbit/contracts';
import type { Principal } from '../../edge/ports.js';

/** The terms of auto-reload; null while checkout is unavailable, for answers that have more to say than that. */
export async function peekAutoReload(
  { read }: Pick<Client<typeof AUTO_RELOAD>, 'read'>,
  { organizationId }: Principal,
): Promise<AutoReloadView | null> {
  try {
    return await read({ organization_id: organizationId });
  } catch (error) {
    if (error instanceof OrbitError && error.retryable) return null;
    throw error;
  }
}
