// Goal: the store that usage is counted from is named with everything that it needs, or usage-metering does not start.
import { ConfigurationError, readConfig } from '@orbit/runtime';
import { UsageMeteringConfig } from './usage-metering.config.js';

const NEEDED = {
  DATABASE_URL: 'postgresql://orbit_usage_metering:secret@db:5432/orbit',
  KAFKA_BROKERS: 'kafka:9092',
  USAGE_METERING_RPC: '0.0.0.0:4000',
  INVOICING_RPC: 'invoicing:4000',
  HEALTH_PORT: '4001',
};
const read = (settings: Record<string, string>) =>
  readConfig(UsageMeteringConfig, { ...NEEDED, ...settings });
function faultsOf(settings: Record<string, string>): readonly string[] {
  try {
    read(settings);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
}

describe('where usage is counted from', () => {
  it('is PostgreSQL unless something else is said', () => {
    expect(read({}).USAGE_STORE).toBe('postgres');
    const settings = { USAGE_STORE: 'clickhouse', CLICKHOUSE_URL: 'http://clickhouse:8123' };
    expect(read(settings)).toMatchObject({
      ...settings,
      CLICKHOUSE_DATABASE: 'orbit',
      CLICKHOUSE_USER: 'default',
    });
  });

  it.each([
    [{ USAGE_STORE: 'clickhouse' }, 'USAGE_STORE is clickhouse, but CLICKHOUSE_URL is not set'],
    [{ USAGE_STORE: 'mysql' }, 'USAGE_STORE must be one of postgres, clickhouse'],
    [{ CLICKHOUSE_URL: 'clickhouse:8123' }, 'CLICKHOUSE_URL is not a URL'],
    [{ CLICKHOUSE_URL: 'http://u:p@clickhouse:8123' }, 'CLICKHOUSE_URL must not carry a user'],
    [{ CLICKHOUSE_DATABASE: 'a`b' }, 'CLICKHOUSE_DATABASE must have letters'],
    [{ CLICKHOUSE_USER: '1st' }, 'CLICKHOUSE_USER must have letters'],
  ])('%o is refused', (settings, fault) => {
    expect(faultsOf(settings as Record<string, string>)).toEqual([
      expect.stringContaining(fault) as string,
    ]);
  });
});
