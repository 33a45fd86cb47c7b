const GATHER_MS = 1_000;

/** Joins messages about the same wait that come within a moment of each other. Returns `(name, what)`. */
export function gatherWaits(say, gatherMs = GATHER_MS) {
  const namesOf = new Map();
  const flush = () => {
    for (const [what, names] of namesOf) say(`${names.join(', ')}: ${what}`);
    namesOf.clear();
  };
  return (name, what) => {
    if (namesOf.size === 0) setTimeout(flush, gatherMs);
    namesOf.set(what, [...(namesOf.get(what) ?? []), name]);
  };
}
