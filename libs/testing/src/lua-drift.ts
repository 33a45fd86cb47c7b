/**
 * What a Lua script and the table of its positions say differently; empty when they agree. `names` is the Lua that is
 * put in front of it, made from the table; `shared` what stands there besides, and may be used or not.
 */
export function luaDrift(body: string, names: string, shared = ''): string[] {
  const code = withoutComments(body);
  const declared = declaredIn(names);
  const known = new Set([...declared, ...declaredIn(withoutComments(shared)), ...declaredIn(code)]);
  const used = new Set(code.match(CONSTANT) ?? []);
  return [
    ...[...used].filter((name) => !known.has(name)).map((name) => `${name} is in no table`),
    ...declared
      .filter((name) => !name.endsWith('_ARGS') && !name.endsWith('_KEYS') && !used.has(name))
      .map((name) => `${name} is in the table and not used`),
    ...[...code.matchAll(BY_NUMBER)].map(([text]) => `${text} is a number, not a name`),
  ];
}

const CONSTANT = /\b(?!KEYS\b|ARGV\b)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b(?=(?:[^']*'[^']*')*[^']*$)/gm;
/** An index of KEYS or ARGV with a number in it, but for counting from nought: `KEYS[2]`, `ARGV[at + 3]`. */
const BY_NUMBER = /\b(?:KEYS|ARGV)\[[^\]]*(?<![A-Za-z_])[2-9]\d*[^\]]*\]|\b(?:KEYS|ARGV)\[\d+\]/g;

const withoutComments = (lua: string): string => lua.replace(/--.*$/gm, '');
const declaredIn = (lua: string): string[] =>
  [...lua.matchAll(/^local ([A-Z][A-Z0-9_, ]*) =/gm)].flatMap(([, names = '']) =>
    names.split(', '),
  );
