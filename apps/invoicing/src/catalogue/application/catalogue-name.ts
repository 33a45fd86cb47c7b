import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { notFound, refused } from '@orbit/orb-api';

/** The name of a catalogue object in a request: our id, or an id that the caller gave it. */
export type CatalogueName = { readonly id: string } | { readonly externalId: string };

/** Which path parts name it: `<kind>_id`, or `external_<kind>_id`. */
type Kind = 'plan' | 'price' | 'dimensional_price_group';

export function nameIn({ path }: OrbCall, kind: Kind): CatalogueName {
  const externalId = path[`external_${kind}_id`];
  return externalId === undefined ? { id: path[`${kind}_id`] ?? '' } : { externalId };
}

/** There is none of the name that the call gives. */
export function missingIn(call: OrbCall, kind: Kind): OrbAnswer {
  const name = nameIn(call, kind);
  const id = 'id' in name ? name.id : name.externalId;
  return refused(notFound(kind.replaceAll('_', ' '), id));
}
