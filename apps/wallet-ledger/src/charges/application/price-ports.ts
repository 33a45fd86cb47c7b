import type { ReadyCard } from '@orbit/contracts';

/** Rate cards as they were at an instant. Errors: the database's own. */
export interface CardsInForce {
  /** In the order asked; null: nothing had a price then. An instant is one of the organization's account. */
  findAt(
    asked: readonly { readonly organizationId: string; readonly atMs: number }[],
  ): Promise<readonly (ReadyCard | null)[]>;
}
