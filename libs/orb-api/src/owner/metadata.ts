export type Metadata = Readonly<Record<string, string>>;

/** Keys are merged, one with null goes, and null instead of all of them clears them. */
export function mergeMetadata(current: Metadata, change: unknown): Metadata {
  if (change === undefined) return current;
  if (change === null) return {};
  const merged = { ...current, ...(change as Record<string, string | null>) };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
