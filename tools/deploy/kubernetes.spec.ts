import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load, loadAll } from 'js-yaml';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template?: { readonly spec: { readonly containers: readonly Container[] } };
  };
}
interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly { readonly secretRef?: { readonly name: string } }[];
  readonly readinessProbe?: unknown;
  readonly livenessProbe?: unknown;
  readonly securityContext: Readonly<Record<string, unknown>>;
}
interface Configured {
  readonly service: string;
  readonly variables: readonly {
    readonly name: string;
    readonly isOptional: boolean;
    readonly initial: string | null;
  }[];
}

const root = new URL('../../', import.meta.url);
const folder = fileURLToPath(new URL('deploy/kubernetes/', root));
const { readEnvironment } = (await import(
  new URL('tools/generate/read-source.mjs', root).href
)) as unknown as { readEnvironment(): readonly Configured[] };

const SERVICES = ['gateway', 'wallet-ledger', 'checkout', 'usage-metering', 'invoicing'];
/** Of each service that is asked over RPC. */
const ASKED = ['RPC_SECRET', 'RPC_SECRET_PREVIOUS', 'METRICS_TOKEN', 'KAFKA_SASL_PASSWORD'];
/** What deploy/README.md says to put into the secret of each service. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  gateway: [
    ...['RPC_TOKENS', 'METRICS_TOKEN', 'KAFKA_SASL_PASSWORD'],
    ...['DATABASE_URL', 'API_KEY_HASH_SECRET', 'OPERATOR_API_KEY'],
    ...['AUTHORIZATION_SECRET', 'AUTHORIZATION_SECRET_PREVIOUS'],
  ],
  'wallet-ledger': [
    ...['DATABASE_URL', 'AUTHORIZATION_SECRET', 'AUTHORIZATION_SECRET_PREVIOUS'],
    ...ASKED,
  ],
  checkout: ['DATABASE_URL', 'STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'RPC_TOKENS', ...ASKED],
  'usage-metering': ['DATABASE_URL', 'CLICKHOUSE_PASSWORD', 'RPC_TOKENS', ...ASKED],
  invoicing: ['DATABASE_URL', 'RPC_TOKENS', ...ASKED],
};
const secretsOf = (service: string): readonly string[] => SECRETS[service] ?? ['DATABASE_URL'];

const read = (name: string): string => readFileSync(`${folder}${name}`, 'utf8');
const manifests = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
  .flatMap((name) => loadAll(read(name)) as Manifest[]);
const kustomization = load(read('kustomization.yaml')) as {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { readonly literals: readonly string[] }[];
};
const shared = kustomization.configMapGenerator.flatMap(({ literals }) =>
  literals.map((literal) => literal.split('=', 1)[0] ?? ''),
);

function containerOf(service: string): Container {
  const deployment = manifests.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === service,
  );
  const [container] = deployment?.spec.template?.spec.containers ?? [];
  if (!container) throw new Error(`${service} has no deployment`);
  return container;
}

/** Read by OpenTelemetry's libraries in every service (docs/tracing.md). */
const TRACING = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'];

describe('deploy/kubernetes', () => {
  test('applies every manifest of its folder', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    expect([...kustomization.resources, 'kustomization.yaml'].sort()).toEqual(names.sort());
  });

  test.each(SERVICES)('%s gets every variable its configuration requires', (service) => {
    const configured = readEnvironment().find((other) => other.service === service);
    const required = (configured?.variables ?? []).filter(({ isOptional }) => !isOptional);
    expect(required).not.toHaveLength(0);
    const own = (containerOf(service).env ?? []).map(({ name }) => name);
    const given = [...shared, ...own, ...secretsOf(service)];
    expect(given).toEqual(expect.arrayContaining(required.map(({ name }) => name)));
  });

  test.each(SERVICES)('%s can be told every variable of its configuration', (service) => {
    const configured = readEnvironment().find((other) => other.service === service);
    const own = (containerOf(service).env ?? []).map(({ name }) => name);
    const given = [...shared, ...own, ...secretsOf(service)];
    const known = (configured?.variables ?? []).map(({ name }) => name);
    // It kills the process on purpose; refused in production.
    const wanted = known.filter((name) => name !== 'ORBIT_FAIL_POINT');
    expect(given).toEqual(expect.arrayContaining(wanted));
  });

  test('no literal of the shared settings is unknown to every service', () => {
    const known = readEnvironment().flatMap(({ variables }) => variables.map(({ name }) => name));
    expect([...known, ...TRACING]).toEqual(expect.arrayContaining(shared));
  });

  test.each(SERVICES)('%s gets no variable that its configuration does not know', (service) => {
    const configured = readEnvironment().find((other) => other.service === service);
    const known = ['ORBIT_APP', ...(configured?.variables ?? []).map(({ name }) => name)];
    const own = (containerOf(service).env ?? []).map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining(own));
  });

  test.each(SERVICES)('%s leaves no address of a developer’s machine to a default', (service) => {
    const configured = readEnvironment().find((other) => other.service === service);
    const local = (configured?.variables ?? []).filter(({ initial }) =>
      /localhost|127\.0\.0\.1/.test(initial ?? ''),
    );
    const own = (containerOf(service).env ?? []).map(({ name }) => name);
    expect([...shared, ...own]).toEqual(expect.arrayContaining(local.map(({ name }) => name)));
  });

  test.each(SERVICES)('%s reads its own secret and no other', (service) => {
    const secrets = containerOf(service).envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []);
    expect(secrets).toEqual([`orbit-${service}`]);
  });

  test.each(SERVICES)('%s has probes and runs without root', (service) => {
    const { readinessProbe, livenessProbe, securityContext } = containerOf(service);
    expect(readinessProbe).toBeDefined();
    expect(livenessProbe).toBeDefined();
    expect(securityContext).toMatchObject({ runAsNonRoot: true, readOnlyRootFilesystem: true });
  });
});
