const formats = new Map<string, Intl.DateTimeFormat>();
const ZONES_MAX = 1_000;

/** The civil day of an instant in a zone: "2026-11-30". */
export function localDay(timezone: string): (atMs: number) => string {
  let format = formats.get(timezone);
  if (!format) {
    if (formats.size >= ZONES_MAX) formats.clear();
    const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    format = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, ...parts });
    formats.set(timezone, format);
  }
  const own = format;
  return (atMs) => own.format(atMs);
}
