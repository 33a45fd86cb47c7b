const GATHER_MS = 1_000;

/** Those that tell within a moment of the same wait share one line. Answers `(name, what)`. */
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
