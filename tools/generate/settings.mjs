import { readEnvironment } from './read-source.mjs';

/** deploy/generated/settings.json: the variables of each service, for the launcher and for tests of what is deployed. */
export function generateSettings() {
  const settings = Object.fromEntries(
    readEnvironment().map(({ service, variables }) => [
      service,
      variables.map(({ name, isOptional }) => ({ name, isRequired: !isOptional })),
    ]),
  );
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  return [{ path: 'deploy/generated/settings.json', text }];
}
