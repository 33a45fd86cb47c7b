// What a service module may hold: connections and a list of features, never a feature's own parts.

const SERVICE_MODULE = /^apps\/([^/]+)\/src\/\1\.module\.ts$/;
const FEATURE_MODULE = /^apps\/[^/]+\/src\/.+\/[a-z0-9-]+\.module\.ts$/;
const FEATURE_PART = /\/[a-z0-9-]+\.(controller|consumer|job)\.js'/;

/** A controller, a provider or a job of a feature belongs to its `<feature>.module.ts`. */
export function serviceModules({ path, text }) {
  if (!SERVICE_MODULE.test(path)) return [];
  const faults = [
    [FEATURE_PART, 'imports a controller or consumer'],
    [/\bprovide:/, 'lists a provider'],
    [/^\s*(controllers|providers|jobs):/m, 'lists controllers, providers or jobs'],
    [/\bnew BackgroundJobs\b/, 'runs jobs of its own'],
  ];
  return faults.flatMap(([pattern, what]) =>
    pattern.test(text)
      ? [`${path}: ${what}; these belong to the feature's module, and the service lists features.`]
      : [],
  );
}

/** A controller that no feature's module names is never asked. */
export function modulesOfFeatures(files) {
  const modules = files.filter(({ path }) => FEATURE_MODULE.test(path));
  return files.flatMap(({ path }) => {
    if (!/^apps\/[^/]+\/src\/.+\.(controller|consumer)\.ts$/.test(path)) return [];
    const name = path.split('/').at(-1).replace(/\.ts$/, '.js');
    const service = path.split('/').slice(0, 2).join('/');
    const isNamed = modules.some(
      (module) => module.path.startsWith(`${service}/`) && module.text.includes(`/${name}'`),
    );
    return isNamed ? [] : [`${path}: no <feature>.module.ts brings it into the service.`];
  });
}
