import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';

/** EX_CONFIG of sysexits.h: the launcher tells "wrong configuration" from "crashed" by it. */
export const EXIT_CODE_CONFIGURATION = 78;

/** Every fault at once, one sentence each; never a value, which could be a secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly faults: readonly string[]) {
    super(`The configuration is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A property is either the variable itself (KAFKA_BROKERS) or its camel case (kafkaBrokers). */
const variableOf = (property: string): string =>
  /^[A-Z0-9_]+$/.test(property)
    ? property
    : property.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();

/** A variable set to the empty string counts as not set: that is what an empty line in a .env file means. */
function present(environment: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value.trim() !== '') set[name] = value;
  }
  return set;
}

function faultsOf(errors: readonly ValidationError[], set: Record<string, string>): string[] {
  return errors.flatMap((error) => {
    const variable = variableOf(error.property);
    if (!(variable in set) && !(error.property in set)) return [`${variable} is not set`];
    const messages = Object.values(
      error.constraints ?? { value: `${error.property} is not valid` },
    );
    return messages.map((message) => message.replace(error.property, variable));
  });
}

/**
 * Reads the variables that `Config` declares with class-validator decorators.
 * Text becomes a number where the property's type is number; booleans are words: use `@IsIn(['true', 'false'])`.
 * Errors: ConfigurationError naming each variable at fault.
 */
export function readConfig<T extends object>(Config: new () => T, environment: Environment): T {
  const set = present(environment);
  // Camel-case properties are offered under both names; what the class does not declare is dropped below.
  const offered: Record<string, string> = { ...set };
  for (const [name, value] of Object.entries(set)) {
    offered[
      name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    ] ??= value;
  }
  const defaults = Object.entries(new Config());
  const typed: Record<string, unknown> = { ...offered };
  // `limit = 5` has no written type to convert by; its default tells.
  for (const [name, value] of defaults) {
    if (typeof value === 'number' && name in offered) typed[name] = Number(offered[name]);
  }
  const config = plainToInstance(Config, typed, { enableImplicitConversion: true });
  const errors = validateSync(config, { whitelist: true, forbidUnknownValues: true });
  if (errors.length > 0) throw new ConfigurationError(faultsOf(errors, set));
  return config;
}

/** As readConfig; a fault is printed and ends the process, because a service must not run half configured. */
export function loadConfig<T extends object>(Config: new () => T, environment: Environment): T {
  try {
    return readConfig(Config, environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CODE_CONFIGURATION);
  }
}
