import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { OrbitError } from '@orbit/contracts';
import { IsIn, IsInt, IsString, Max, Min, MinLength } from 'class-validator';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import {
  ConfigurationError,
  createLogger,
  HealthServer,
  isConnectionFailure,
  NestLogger,
  OrbitRpcFilter,
  parseAddress,
  readConfig,
  RpcClient,
} from './index.js';

class ExampleConfig {
  @IsString()
  @MinLength(8)
  STRIPE_SECRET_KEY!: string;

  @IsInt()
  @Min(1)
  @Max(65_535)
  PORT = 3000;

  @IsIn(['development', 'test', 'production'])
  orbitEnv!: string;
}

const silent = createLogger('test', 'silent');

describe('readConfig', () => {
  test('names every fault at once and never a value', () => {
    const read = (): unknown => readConfig(ExampleConfig, { PORT: 'http', ORBIT_ENV: 'sekrit' });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/STRIPE_SECRET_KEY is not set/);
    expect(read).toThrow(/PORT must be an integer/);
    expect(read).toThrow(/ORBIT_ENV must be one of/);
    expect(read).not.toThrow(/sekrit/);
  });

  test('reads numbers, keeps defaults, drops what is not declared', () => {
    const config = readConfig(ExampleConfig, {
      STRIPE_SECRET_KEY: 'sk_test_12345',
      ORBIT_ENV: 'test',
      PORT: '',
      HOME: '/root',
    });
    expect({ ...config }).toEqual({
      STRIPE_SECRET_KEY: 'sk_test_12345',
      PORT: 3000,
      orbitEnv: 'test',
    });
    const other = readConfig(ExampleConfig, {
      STRIPE_SECRET_KEY: 'sk_test_12345',
      ORBIT_ENV: 'test',
      PORT: '81',
    });
    expect(other.PORT).toBe(81);
  });
});

test('parseAddress: takes host:port and refuses all else', () => {
  expect(parseAddress('127.0.0.1:4001')).toEqual({ host: '127.0.0.1', port: 4001 });
  expect(parseAddress('[::1]:4001')).toEqual({ host: '::1', port: 4001 });
  for (const bad of ['localhost', ':80', 'a:0', 'a:70000', 'a:b']) {
    expect(() => parseAddress(bad)).toThrow(/host:port/);
  }
});

test('createLogger: blots out secrets wherever they stand', () => {
  const lines: string[] = [];
  const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
  logger.info({
    password: 'sekrit-1',
    request: { headers: { authorization: 'sekrit-2', 'x-api-key': 'sekrit-3' } },
    payment: { card: { number: 'sekrit-4' } },
  });
  expect(lines.join('')).not.toContain('sekrit');
  expect(lines.join('')).toContain('[redacted]');
});

test('isConnectionFailure: looks through causes', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  expect(isConnectionFailure(new Error('query failed', { cause: refused }))).toBe(true);
  expect(isConnectionFailure(new AggregateError([refused]))).toBe(true);
  expect(isConnectionFailure(new Error('duplicate key'))).toBe(false);
});

test.each([
  "READONLY You can't write against a read only replica.",
  "OOM command not allowed when used memory > 'maxmemory'.",
  "ERR Error running script (call to f_12): @user_script:3: @user_script: 3: -OOM command not allowed when used memory > 'maxmemory'.",
  'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
  'LOADING Redis is loading the dataset in memory',
  'Command timed out',
])('isConnectionFailure: a Redis that takes nothing from anybody: %s', (message) => {
  expect(isConnectionFailure(new Error(message))).toBe(true);
});

test.each(['57014', '25006', '53100', '55P03'])(
  'isConnectionFailure: a PostgreSQL that does nothing now, %s',
  (code) => {
    const said = Object.assign(new Error('canceled'), { code });
    expect(isConnectionFailure(said)).toBe(true);
    const driverAdapterError = new Error('DriverAdapterError', { cause: said });
    const ofPrisma = { code: 'P2010', meta: { driverAdapterError } };
    expect(isConnectionFailure(Object.assign(new Error('raw query failed'), ofPrisma))).toBe(true);
  },
);

test('isConnectionFailure: what Redis says of one key is a bug', () => {
  const message = 'WRONGTYPE Operation against a key holding the wrong kind of value';
  expect(isConnectionFailure(new Error(message))).toBe(false);
});

test('HealthServer: live at once, ready only without reasons', async () => {
  const reasons = ['kafka is away'];
  const health = new HealthServer({ port: 0, host: '127.0.0.1', check: async () => reasons });
  const { port } = await health.listen();
  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}/health/${path}`);
  expect((await get('live')).status).toBe(200);
  const notReady = await get('ready');
  expect(notReady.status).toBe(503);
  expect(await notReady.json()).toEqual({ status: 'not ready', reasons: ['kafka is away'] });
  reasons.pop();
  expect((await get('ready')).status).toBe(200);
  await health.close();
});

describe('RpcClient against a Nest TCP service', () => {
  const LARGE = 'x'.repeat(6 * 1024 * 1024);

  @Controller()
  class EchoController {
    @MessagePattern('echo')
    echo(payload: unknown): unknown {
      return payload;
    }
    @MessagePattern('nothing')
    nothing(): null {
      return null;
    }
    @MessagePattern('refuse')
    refuse(): never {
      throw new OrbitError('invalid_field', 'amount is not positive', { param: 'amount' });
    }
    @MessagePattern('bug')
    bug(): never {
      throw new Error('sekrit detail');
    }
    @MessagePattern('away')
    away(): never {
      throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    }
    @MessagePattern('silence')
    silence(): Promise<never> {
      return new Promise(() => undefined);
    }
  }
  @Module({ controllers: [EchoController] })
  class EchoModule {}

  async function serve(port: number) {
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(EchoModule, {
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
      logger: new NestLogger(silent),
    });
    app.useGlobalFilters(new OrbitRpcFilter(silent));
    await app.listen();
    return app;
  }

  async function freePort(): Promise<number> {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }

  test('carries values, errors, megabytes, silence, and a restart of the other side', async () => {
    const port = await freePort();
    const client = new RpcClient({ name: 'echo', host: '127.0.0.1', port, timeoutMs: 10_000 });
    await expect(client.call('echo', { a: 1 })).rejects.toMatchObject({ code: 'unavailable' });

    let app = await serve(port);
    expect(await client.call('echo', { a: 1 })).toEqual({ a: 1 });
    expect(await client.call('nothing', {})).toBeNull();
    expect(((await client.call('echo', { LARGE })) as { LARGE: string }).LARGE).toHaveLength(
      LARGE.length,
    );
    await expect(client.call('refuse', {})).rejects.toMatchObject({
      name: 'OrbitError',
      code: 'invalid_field',
      message: 'amount is not positive',
      param: 'amount',
    });
    await expect(client.call('bug', {})).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('sekrit'),
    });
    await expect(client.call('away', {})).rejects.toMatchObject({ code: 'unavailable' });
    await expect(client.call('silence', {}, 50)).rejects.toMatchObject({ code: 'timeout' });
    await expect(client.call('no such pattern', {})).rejects.toMatchObject({ code: 'internal' });

    const open = client.call('silence', {});
    await Promise.all([expect(open).rejects.toMatchObject({ code: 'unavailable' }), app.close()]);
    app = await serve(port);
    expect(await client.call('echo', { a: 2 })).toEqual({ a: 2 });
    client.close();
    await app.close();
  });
});
