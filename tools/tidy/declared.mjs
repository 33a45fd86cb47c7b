// What a file imports is named in package.json. A package that only another one brings is there by luck: npm may put
// it elsewhere, or in another version, with the next update.

const IMPORT = /^(?:import|export)\b[^'"`;]*?\bfrom '([^'.][^']*)';|^import '([^'.][^']*)';/gm;
/** Examples are programs of their own; `tools/packages` writes those that it tries out. */
const LOOKED_AT = /^(apps|libs|sandboxes|tools|e2e)\/|^[^/]+$/;
const IS_SERVICE = /^(apps|sandboxes)\/[^/]+\/src\//;
const IS_TEST =
  /\.(spec|itest|sim|e2e|fake)\.ts$|\/(testing|simulation)\/|-under-test\.ts$|\/test-/;

const packageOf = (name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

/** A service runs without what is installed for development alone. */
export function declaredImports(files) {
  const manifest = files.find(({ path }) => path === 'package.json')?.text;
  if (manifest === undefined) return [];
  const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest);
  return files.flatMap(({ path, text }) => {
    if (!/\.(ts|mjs)$/.test(path) || !LOOKED_AT.test(path)) return [];
    const names = [...text.matchAll(IMPORT)]
      .map(([statement, from, alone]) => ({ statement, name: from ?? alone }))
      .filter(({ name }) => !/^(node:|@orbit\/|@devotel\/)/.test(name));
    return names.flatMap(({ statement, name }) => {
      const wanted = packageOf(name);
      const isAtRun =
        IS_SERVICE.test(path) && !IS_TEST.test(path) && !/^\w+ type\b/.test(statement);
      if (wanted in dependencies || (wanted in devDependencies && !isAtRun)) return [];
      const list = isAtRun ? 'dependencies' : 'dependencies or devDependencies';
      return [`${path}: imports ${wanted}, which is not in the ${list} of package.json.`];
    });
  });
}
