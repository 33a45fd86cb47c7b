import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { accessSync, constants, statSync } from 'node:fs';
import { readRpcTokens } from './rpc/callers/rpc-tokens.js';
import {
  faultOfAddresses,
  faultOfDatabaseUrl,
  faultOfHeaderSecret,
  faultOfHttpUrl,
  faultOfName,
  faultOfRedisUrl,
  faultOfSecret,
  faultOfText,
  faultOfWholeNumber,
  type Fault,
} from './setting-forms.js';

/**
 * The kinds of settings, as decorators of a configuration class. Each says what is wrong and shows the right form, and
 * none repeats the value, which may be a secret. White space at the ends is cut before (`readConfig`).
 */
function setting(name: string, faultOf: (value: unknown) => Fault, example: string) {
  return ValidateBy({
    name,
    validator: {
      validate: (value) => faultOf(value) === null,
      defaultMessage: (args) =>
        `${args?.property ?? name} ${faultOf(args?.value) ?? 'is not valid'}; it looks like ${example}`,
    },
  });
}

const ofText =
  (faultOf: (text: string) => Fault) =>
  (value: unknown): Fault =>
    typeof value === 'string' ? faultOf(value) : 'is no text';

/** `postgresql://role:password@host:port/database` */
export const DatabaseUrl = (): PropertyDecorator =>
  setting('databaseUrl', ofText(faultOfDatabaseUrl), 'postgresql://role:password@db:5432/orbit');

/** `redis://…`, or `rediss://…` for TLS. */
export const RedisUrl = (): PropertyDecorator =>
  setting('redisUrl', ofText(faultOfRedisUrl), 'redis://:password@redis:6379');

/** One `host:port`. */
export const Address = (): PropertyDecorator =>
  setting(
    'address',
    ofText((text) => faultOfAddresses(text, 1)),
    'wallet-ledger:4000',
  );

/** Several of them, separated by commas; spaces around are cut. */
export function Addresses(): PropertyDecorator {
  const check = setting('addresses', ofText(faultOfAddresses), 'kafka-1:9092,kafka-2:9092');
  const trim = Transform(({ value }: { value: unknown }) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((part) => part.trim())
          .join(',')
      : value,
  );
  return (target, property) => {
    check(target, property);
    trim(target, property);
  };
}

/** An http(s) URL. As `isBase` something is appended to it, so that it may have no query. */
export const HttpUrl = ({ isBase = false } = {}): PropertyDecorator =>
  setting(
    'httpUrl',
    ofText((text) => faultOfHttpUrl(text, isBase)),
    'https://billing.example.com',
  );

/** In decimal digits, `3000`, and nothing else that JavaScript takes for a number. */
export const WholeNumber = (min: number, max: number): PropertyDecorator =>
  setting(
    'wholeNumber',
    (value) => faultOfWholeNumber(value, min, max),
    String(Math.min(Math.max(min, 5), max)),
  );

export const OneOf = (words: readonly string[]): PropertyDecorator =>
  setting(
    'oneOf',
    (value) => (words.includes(value as string) ? null : `must be one of ${words.join(', ')}`),
    words[0] ?? '',
  );

/** A secret that callers send in a header: what a header cannot carry unchanged nobody could send. */
export const HeaderSecret = (charactersMin: number): PropertyDecorator =>
  setting(
    'headerSecret',
    ofText((text) => faultOfHeaderSecret(text, charactersMin)),
    'the output of "openssl rand -hex 24"',
  );

/** A secret that never leaves: any characters but control characters. */
export const Secret = (charactersMin: number): PropertyDecorator =>
  setting(
    'secret',
    ofText((text) => faultOfSecret(text, charactersMin)),
    'the output of "openssl rand -hex 24"',
  );

/** A key of a provider, which is known by its beginning. */
export const ProviderKey = (form: RegExp, example: string): PropertyDecorator =>
  setting(
    'providerKey',
    ofText((text) => faultOfSecret(text, 1) ?? (form.test(text) ? null : 'has another form')),
    example,
  );

/** The tokens that a service shows to those it asks over RPC. */
export const RpcTokens = (): PropertyDecorator =>
  setting(
    'rpcTokens',
    ofText((text) => (readRpcTokens(text) ? null : 'has another form')),
    'wallet-ledger=<64 hexadecimal digits>,checkout=<…>, as deploy/make-env.mjs writes it',
  );

/** One line for people to read. */
export const OneLine = (charactersMax: number): PropertyDecorator =>
  setting(
    'oneLine',
    ofText((text) => faultOfText(text, charactersMax)),
    'Example Ltd.',
  );

/** Part of a name in Kafka. */
export const KafkaName = ({ mayBeEmpty = false } = {}): PropertyDecorator =>
  setting(
    'kafkaName',
    ofText((text) => faultOfName(text, mayBeEmpty)),
    'staging.',
  );

export const ReadableFile = (): PropertyDecorator =>
  setting('readableFile', ofText(faultOfFile), '/usr/share/fonts/noto/NotoSans.ttf');

function faultOfFile(path: string): Fault {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile() ? null : 'names no file but a folder or a device';
  } catch {
    return 'names no file that can be read';
  }
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const ORBIT_ENVS = ['development', 'test', 'production'] as const;
export const SWITCH = ['on', 'off'] as const;
