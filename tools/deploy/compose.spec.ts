import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load, YAML11_SCHEMA } from 'js-yaml';

interface Container {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: unknown;
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly build?: { readonly target: string };
}
interface Configured {
  readonly service: string;
  readonly variables: readonly { readonly name: string; readonly isOptional: boolean }[];
}

const root = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');
const compose = load(text('docker-compose.yml'), { schema: YAML11_SCHEMA }) as {
  services: Record<string, Container>;
};
const { readEnvironment } = (await import(
  new URL('tools/generate/read-source.mjs', root).href
)) as unknown as { readEnvironment(): readonly Configured[] };

const SERVICES = [
  'gateway',
  'wallet-ledger',
  'checkout',
  'usage-metering',
  'invoicing',
  'stripe-sandbox',
];
/** Kills the process on purpose; refused in production. */
const NOT_DEPLOYED = ['ORBIT_FAIL_POINT'];
/** Read by OpenTelemetry's libraries in every service (docs/tracing.md); the sandbox is somebody else's. */
const TRACING = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'];
const STORES = ['postgres', 'redis', 'kafka'];
const containerOf = (name: string): Container => compose.services[name] ?? {};

describe('docker-compose.yml', () => {
  test('holds the stores, two one-shots, five services and the sandbox, nothing else', () => {
    const expected = [...STORES, 'migrate', 'topics', ...SERVICES];
    expect(Object.keys(compose.services).sort()).toEqual(expected.sort());
  });

  test.each(SERVICES)('%s gets every variable of its configuration, and no unknown one', (name) => {
    const configured = readEnvironment().find(({ service }) => service === name);
    const given = Object.keys(containerOf(name).environment ?? {}).filter(
      (key) => key !== 'ORBIT_APP',
    );
    const known = configured?.variables ?? [];
    expect(known).not.toHaveLength(0);
    expect(given.sort()).toEqual(
      known
        .map((variable) => variable.name)
        .concat(name === 'stripe-sandbox' ? [] : TRACING)
        .filter((variable) => !NOT_DEPLOYED.includes(variable))
        .sort(),
    );
  });

  test.each(SERVICES)('%s starts the app of its own name, as its own database role', (name) => {
    const environment = containerOf(name).environment ?? {};
    expect(environment['ORBIT_APP']).toBe(name);
    const role = `orbit_${name.replaceAll('-', '_')}`;
    expect(environment['DATABASE_URL']).toContain(`postgresql://${role}:`);
  });

  test.each(SERVICES)('%s waits until tables and topics are there', (name) => {
    expect(containerOf(name).depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
      topics: { condition: 'service_completed_successfully' },
    });
  });

  test('the one-shots wait for healthy stores and are not restarted', () => {
    expect(containerOf('migrate').depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
    });
    expect(containerOf('topics').depends_on).toEqual({ kafka: { condition: 'service_healthy' } });
    for (const name of ['migrate', 'topics']) expect(containerOf(name).restart).toBe('no');
  });

  test('the migrator gets the password of every role that a service logs in with', () => {
    const given = Object.keys(containerOf('migrate').environment ?? {});
    for (const name of SERVICES) {
      const variable = `ORBIT_DB_PASSWORD_${name.replaceAll('-', '_').toUpperCase()}`;
      expect(given).toContain(variable);
      expect(containerOf(name).environment?.['DATABASE_URL']).toContain(`:\${${variable}`);
    }
  });

  test.each(STORES)('%s says when it is healthy', (name) => {
    expect(containerOf(name).healthcheck).toBeDefined();
  });

  test('only the gateway and the page of the sandbox are published', () => {
    const published = Object.entries(compose.services).filter(
      ([, { ports }]) => ports !== undefined,
    );
    expect(published.map(([name]) => name).sort()).toEqual(['gateway', 'stripe-sandbox']);
  });

  test('every variable it asks for stands in .env.example, and no secret has a value there', () => {
    const asked = new Set(
      [...text('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name),
    );
    const offered = new Map(
      [...text('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [
        name,
        value,
      ]),
    );
    asked.delete('ORBIT_VERSION');
    expect([...offered.keys()]).toEqual(expect.arrayContaining([...asked]));
    const secrets = [...offered].filter(([name]) => /_(PASSWORD|SECRET|KEY)(_|$)/.test(name ?? ''));
    expect(secrets.filter(([, value]) => value !== '')).toEqual([]);
    for (const [name] of secrets) expect(text('docker-compose.yml')).toContain(`\${${name}`);
  });
});

describe('Dockerfile', () => {
  const stages = [...text('Dockerfile').matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
  const service = text('Dockerfile').split(/^FROM .* AS service$/m)[1] ?? '';

  test('pins one Node version that the workspace accepts', () => {
    expect(text('Dockerfile')).toMatch(/^ARG NODE_VERSION=20\.(19|[2-9]\d)\.\d+$/m);
    for (const [, base = ''] of stages) expect(base).toMatch(/^(node:\$\{NODE_VERSION\}-|build$)/);
  });

  test('ends in the service image: not root, with a health check, without development packages', () => {
    expect(stages.at(-1)?.[2]).toBe('service');
    expect(service).toMatch(/^USER node$/m);
    expect(service).toMatch(/^HEALTHCHECK /m);
    expect(service).toContain('COPY --from=dependencies');
    expect(text('Dockerfile')).toContain('npm ci --omit=dev');
  });

  test('hears SIGTERM: the process replaces the shell', () => {
    expect(service).toContain('exec node apps/${ORBIT_APP}/dist/main.js');
  });

  test('names the targets that Compose builds', () => {
    const targets = Object.values(compose.services).flatMap(({ build }) => build?.target ?? []);
    const names = stages.map(([, , name]) => name);
    for (const target of targets) expect(names).toContain(target);
  });

  test('keeps secrets and the working copy’s leftovers out of the build', () => {
    const ignored = text('.dockerignore').split('\n');
    for (const entry of ['.env', '.orbit', '.git', '**/node_modules', '**/dist']) {
      expect(ignored).toContain(entry);
    }
  });
});
