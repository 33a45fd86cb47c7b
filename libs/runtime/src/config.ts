import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { misspelt } from './misspelt.js';
import { withFileNames, withSecretFiles } from './secret-files.js';

/** EX_CONFIG of sysexits.h: the launcher distinguishes "wrong configuration" from "crashed" by it. */
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

/**
 * White space at the ends is what a file's last line break or a paste left there. A variable of nothing else counts as
 * not set: that is what an empty line in a .env file means.
 */
function present(environment: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const text = value?.trim() ?? '';
    if (text !== '') set[name] = text;
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

const WHOLE_NUMBER = /^-?\d{1,15}$/;

/**
 * Reads the variables that `Config` declares with class-validator decorators or those of `settings.ts`.
 * `NAME_FILE` names a file with the value of `NAME`. Text becomes a number where the property's type is number and the text is decimal digits; booleans are words.
 * Errors: ConfigurationError naming each variable at fault.
 */
export function readConfig<T extends object>(Config: new () => T, environment: Environment): T {
  const files = withSecretFiles(environment, settingsOf(Config));
  if (files.faults.length > 0) throw new ConfigurationError(files.faults);
  const set = present(files.environment);
  // Camel-case properties are offered under both names; what the class does not declare is dropped below.
  const typed: Record<string, unknown> = { ...set };
  for (const [name, value] of Object.entries(set)) {
    typed[
      name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    ] ??= value;
  }
  // `limit = 5` has no written type to convert by; its default decides.
  const defaults = new Config() as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(typed)) {
    const type: unknown = Reflect.getMetadata('design:type', Config.prototype as object, name);
    const isNumber = type === Number || typeof defaults[name] === 'number';
    if (isNumber && WHOLE_NUMBER.test(String(value))) typed[name] = Number(value);
  }
  const config = plainToInstance(Config, typed);
  const errors = validateSync(config, { whitelist: true, forbidUnknownValues: true });
  if (errors.length > 0) throw new ConfigurationError(faultsOf(errors, set));
  return config;
}

/**
 * As readConfig; a fault is printed and ends the process, because a service must not run half configured. `check`
 * throws ConfigurationError for what no single variable shows.
 */
export function loadConfig<T extends object>(
  Config: new () => T,
  environment: Environment,
  check: (config: T) => void = () => undefined,
): T {
  try {
    const config = readConfig(Config, environment);
    check(config);
    for (const { name, meant } of misspelt(
      Object.keys(environment),
      withFileNames(settingsOf(Config)),
    ))
      process.stderr.write(`${name} is no setting and changes nothing. Is ${meant} meant?\n`);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CODE_CONFIGURATION);
  }
}

/** Every variable that the class has a rule for. */
function settingsOf(Config: new () => object): readonly string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Config, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => variableOf(propertyName)))];
}
