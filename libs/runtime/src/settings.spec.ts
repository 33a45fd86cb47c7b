// Goal: each kind of setting has a form; what has another is named with its variable and never with its value.
import { expect, test } from '@jest/globals';
import { ConfigurationError, readConfig } from './config.js';
import { misspelt } from './misspelt.js';
import {
  Address,
  Addresses,
  DatabaseUrl,
  HeaderSecret,
  HttpUrl,
  KafkaName,
  OneLine,
  OneOf,
  ProviderKey,
  ReadableFile,
  RedisUrl,
  Secret,
  WholeNumber,
} from './settings.js';

class Kinds {
  @DatabaseUrl() DATABASE_URL = 'postgresql://role@db/orbit';
  @RedisUrl() REDIS_URL = 'redis://redis';
  @Addresses() KAFKA_BROKERS = 'kafka:9092';
  @Address() WALLET_LEDGER_RPC = 'ledger:4000';
  @HttpUrl({ isBase: true }) PUBLIC_URL = 'http://localhost:3000';
  @HttpUrl() RETURN_URL = 'http://localhost:3000';
  @WholeNumber(1, 65_535) PORT = 3_000;
  @WholeNumber(-5, 0) BELOW = 0;
  @OneOf(['info', 'debug']) LOG_LEVEL = 'info';
  @HeaderSecret(16) OPERATOR_API_KEY = '0123456789abcdef';
  @Secret(16) HASH_SECRET = '0123456789abcdef';
  @ProviderKey(/^sk_\w+$/, 'sk_…') STRIPE_KEY = 'sk_1';
  @OneLine(10) SELLER_NAME = 'Orbit';
  @KafkaName({ mayBeEmpty: true }) TOPIC_PREFIX = '';
  @ReadableFile() FONT = import.meta.filename;
}
type Name = keyof Kinds;
const faultOf = (name: Name, value: string): string | null => {
  try {
    readConfig(Kinds, { [name]: value });
    return null;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.faults).toHaveLength(1);
    return error.faults[0] ?? '';
  }
};

test.each<[Name, string]>([
  ['DATABASE_URL', 'postgres://role:p%40ss@127.0.0.1:5432/orbit?sslmode=require'],
  ['DATABASE_URL', 'postgresql://role:p@[::1]:5432/orbit_2'],
  ['DATABASE_URL', 'postgresql:///orbit?host=/var/run/postgresql&user=role'],
  ['REDIS_URL', 'rediss://user:password@redis.internal:6380/3'],
  ['KAFKA_BROKERS', 'a:9092,b.example.com:9093,[::1]:9092,kafka_1:9092'],
  ['WALLET_LEDGER_RPC', '0.0.0.0:4000'],
  ['PUBLIC_URL', 'https://billing.example.com/orbit/'],
  ['RETURN_URL', 'https://shop.example.com/done?order=1#paid'],
  ['PORT', '65535'],
  ['BELOW', '-5'],
  ['OPERATOR_API_KEY', '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'],
  ['HASH_SECRET', 'ein Geheimnis mit ü'],
  ['SELLER_NAME', 'Müller & K'],
  ['TOPIC_PREFIX', 'staging-2.eu_'],
])('%s may be %j', (name, value) => {
  expect(faultOf(name, value)).toBeNull();
});

test.each<[Name, string, RegExp]>([
  ['DATABASE_URL', 'hello', /^DATABASE_URL is not a URL; it looks like postgresql:/],
  ['DATABASE_URL', 'mysql://role:sekrit@db/orbit', /must begin with postgresql:\/\/ or postgres/],
  ['DATABASE_URL', 'postgresql:role@db/orbit', /is not a URL/],
  ['DATABASE_URL', 'postgresql://role:sekrit@db:5432/a/b', /more than the name of a database/],
  ['DATABASE_URL', 'postgresql://role:sekrit@db:99999/orbit', /is not a URL/],
  ['DATABASE_URL', 'postgresql://role:sek rit@db/orbit', /has white space/],
  ['DATABASE_URL', 'postgresql://role:100%@db/orbit', /% that is not followed/],
  ['REDIS_URL', 'redis:6379', /is not a URL/],
  ['REDIS_URL', 'http://redis:6379', /must begin with redis:\/\/ or rediss/],
  ['REDIS_URL', 'redis://redis:6379/zero', /number of a database/],
  ['REDIS_URL', 'redis://', /names no host|is not a URL/],
  ['KAFKA_BROKERS', 'kafka', /has no port/],
  ['KAFKA_BROKERS', 'a:9092,,b:9092', /address 2 is empty/],
  ['KAFKA_BROKERS', 'a:9092,b:9092,', /address 3 is empty/],
  ['KAFKA_BROKERS', 'a:9092 b:9092', /has white space/],
  ['KAFKA_BROKERS', 'a:9092;b:9092', /has no host name/],
  ['KAFKA_BROKERS', 'a:9092,b:0', /address 2 has no port from 1 to 65535/],
  ['KAFKA_BROKERS', 'PLAINTEXT://a:9092', /has no host name/],
  ['KAFKA_BROKERS', ':9092', /has no host name/],
  ['WALLET_LEDGER_RPC', 'a:1,b:2', /must be one host:port/],
  ['WALLET_LEDGER_RPC', 'ledger:70000', /no port from/],
  ['PUBLIC_URL', 'billing.example.com', /is not a URL/],
  ['PUBLIC_URL', 'ftp://billing.example.com', /must begin with http/],
  ['PUBLIC_URL', 'https://billing.example.com/?a=1', /before any \? or #/],
  ['RETURN_URL', 'https://user:sekrit@example.com', /must not carry a user/],
  ['PORT', '3000.5', /PORT must be a whole number from 1 to 65535; it looks like 5/],
  ['PORT', '0x10', /whole number/],
  ['PORT', '3e3', /whole number/],
  ['PORT', '70000', /whole number/],
  ['PORT', '-1', /whole number/],
  ['PORT', '10_000', /whole number/],
  ['LOG_LEVEL', 'verbose', /must be one of info, debug/],
  ['OPERATOR_API_KEY', 'sekrit sekrit sekrit', /has white space/],
  ['OPERATOR_API_KEY', 'sekrit-sekrit-\nsekrit', /line break/],
  ['OPERATOR_API_KEY', 'sekrit-sekrit-sekrit-ü', /no HTTP header carries/],
  ['OPERATOR_API_KEY', 'sekrit-sekrit-sekrit-\u200b', /no HTTP header carries/],
  ['OPERATOR_API_KEY', 'short', /16 characters or more/],
  ['HASH_SECRET', 'sekrit-sekrit\u0000sekrit', /control character/],
  ['STRIPE_KEY', 'pk_sekrit', /has another form; it looks like sk_…/],
  ['SELLER_NAME', 'much too long', /10 characters at most/],
  ['SELLER_NAME', 'a\nb', /line break/],
  ['TOPIC_PREFIX', 'a b', /letters, digits/],
  ['FONT', '/nowhere/font.ttf', /no file that can be read/],
  ['FONT', import.meta.dirname, /no file but a folder/],
  ['FONT', '/dev/zero', /no file/],
])('%s may not be %j', (name, value, message) => {
  const fault = faultOf(name, value);
  expect(fault).toMatch(message);
  expect(fault).toMatch(new RegExp(`^${name} `));
  expect(fault).not.toContain('sekrit');
});

test('white space at the ends is cut, around the parts of a list too, and alone it is no value', () => {
  const config = readConfig(Kinds, {
    KAFKA_BROKERS: ' a:9092, b:9092\n',
    OPERATOR_API_KEY: '\tfedcba9876543210\r\n',
    DATABASE_URL: ' postgresql://role@db/other ',
    PORT: ' 81\n',
    LOG_LEVEL: ' \n',
  });
  expect(config).toMatchObject({
    KAFKA_BROKERS: 'a:9092,b:9092',
    OPERATOR_API_KEY: 'fedcba9876543210',
    DATABASE_URL: 'postgresql://role@db/other',
    PORT: 81,
    LOG_LEVEL: 'info',
  });
});

test('every fault is named at once', () => {
  const read = (): unknown => readConfig(Kinds, { PORT: 'x', LOG_LEVEL: 'y', REDIS_URL: 'z' });
  expect(read).toThrow(/REDIS_URL [^]*PORT [^]*LOG_LEVEL /);
});

test('a name that is all but one of ours is no setting', () => {
  const known = ['ORBIT_SELLER_NAME', 'RATE_LIMIT_PER_SECOND', 'PORT', 'REDIS_URL'];
  const given = ['ORBIT_SELER_NAME', 'RATE_LIMIT_PER_SECONDS', 'SORT', 'REDIS_URL', 'HOME'];
  expect(misspelt(given, known)).toEqual([
    { name: 'ORBIT_SELER_NAME', meant: 'ORBIT_SELLER_NAME' },
    { name: 'RATE_LIMIT_PER_SECONDS', meant: 'RATE_LIMIT_PER_SECOND' },
  ]);
  expect(misspelt(['RATE_LIMIT_PER_SECONDS', ...known], known)).toEqual([]);
});
