import fs from 'node:fs';
import path from 'node:path';
import { build } from '../build.mjs';
import { startInfra, stopInfra } from '../infra/infra.mjs';
import { isPortFree, keptPorts } from '../infra/ports.mjs';
import { pidNames, refuseNewProcesses, removePid, stopProcess } from '../infra/processes.mjs';
import { securedAdmin } from '../infra/secured.mjs';
import { SetupError } from '../infra/setup-error.mjs';
import { migrate, withDatabase } from '../migrate.mjs';
import { generatePrismaClient } from '../prisma-client.mjs';
import { seedAccounts } from './accounts.mjs';
import { seedDemo } from './demo.mjs';
import { DEV_FILE, HOME, IS_SECURED, PORT } from './paths.mjs';
import { readSecrets } from './secrets.mjs';
import { strangers } from './settings.mjs';
import { planServices, PORTS_NEEDED, SERVICES, usesStripe } from './services.mjs';
import { Supervisor } from './supervise.mjs';
import { gatherWaits } from './waits.mjs';
import { welcome } from './welcome.mjs';

const DATABASE = 'orbit';
const INFRA = ['kafka', 'redis', 'postgres'];

/**
 * Brings the whole stack up and keeps it up until a signal comes: servers and build side by side,
 * then migrations and topics, then all services at once, then the demo organization and the accounts.
 */
export async function runStack({ say, isDetached, launcher }) {
  const startedMs = Date.now();
  const after = () => `(${((Date.now() - startedMs) / 1_000).toFixed(1)} s)`;
  const step = (text) => say(`  ✓ ${text} ${after()}`);
  const wait = gatherWaits((text) => say(`  … ${text} ${after()}`));
  const supervisor = new Supervisor(HOME, say);
  const names = SERVICES.map(({ name }) => name);
  let stopping = null;
  const stop = () => {
    stopping ??= (async () => {
      refuseNewProcesses();
      say('\n  Stopping …');
      fs.rmSync(DEV_FILE, { force: true });
      await supervisor.stop(names);
      await stopInfra(HOME);
      removePid(HOME, launcher);
      say('  Stopped.');
    })();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => void stop().then(() => process.exit(0)));
  }
  // The services, servers and timers below are unreferenced; this keeps the launcher alive.
  setInterval(() => undefined, 60_000);
  try {
    await endLeftovers(launcher);
    if (!(await isPortFree(PORT, '0.0.0.0')) || !(await isPortFree(PORT))) {
      throw new SetupError(`Port ${PORT} is taken. Set another one: ORBIT_PORT=3100 npm start`);
    }
    const [infra] = await Promise.all([
      startInfra({
        home: HOME,
        isSecured: IS_SECURED,
        onProgress: (name) => step(name),
        onWait: wait,
      }),
      generatePrismaClient()
        .then(build)
        .then((count) => step(`compiled ${count} files`)),
    ]);
    const { misspelt } = await import('@orbit/runtime');
    for (const warning of strangers(process.env, misspelt)) say(`  ! ${warning}`);
    for (const handle of infra.handles) void supervisor.watchServer(handle);
    const secrets = readSecrets(HOME);
    const passwords = secrets.databasePasswords;
    await migrate({ adminUrl: infra.databaseAdminUrl, database: DATABASE, passwords });
    const databaseUrl = withDatabase(infra.databaseAdminUrl, DATABASE);
    step('database migrated');
    await makeTopics(infra);
    step('topics are there');
    const portNames = Array.from({ length: PORTS_NEEDED }, (_, index) => `service${index + 1}`);
    const servicePorts = await keptPorts(path.join(HOME, 'service-ports.json'), portNames);
    const plan = planServices({
      infra,
      secrets,
      ports: Object.values(servicePorts),
      gatewayPort: PORT,
      databaseUrl: (service) => roleUrl(databaseUrl, service, passwords[service]),
    });
    await Promise.all(
      plan.services.map((service) =>
        supervisor.start(service, wait).then(() => step(service.name)),
      ),
    );
    const { operatorApiKey } = secrets;
    const target = { home: HOME, gatewayUrl: plan.gatewayUrl, operatorApiKey };
    const demo = await seedDemo(target);
    const orbAccounts = await seedAccounts(target);
    const dev = {
      gatewayUrl: plan.gatewayUrl,
      organizationId: demo.organizationId,
      organizationApiKey: demo.apiKey,
      operatorApiKey,
      orbAccounts,
      kafkaBrokers: infra.kafkaBrokers,
      redisUrl: infra.redisUrl,
      databaseUrl,
      sandboxUrl: plan.sandboxUrl,
      metricsUrls: plan.metricsUrls,
    };
    say(welcome({ dev, seconds: (Date.now() - startedMs) / 1_000, isDetached, home: HOME }));
    if (usesStripe()) say(`  Point Stripe's webhooks at ${plan.gatewayUrl}/webhooks/stripe.`);
    fs.writeFileSync(`${DEV_FILE}.tmp`, `${JSON.stringify(dev, null, 2)}\n`, { mode: 0o600 });
    fs.renameSync(`${DEV_FILE}.tmp`, DEV_FILE);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeTopics({ kafkaBrokers: brokers, security }) {
  const { createTopics, grantTopics, secureKafka } = await import('@orbit/messaging');
  if (!security) return createTopics({ brokers });
  const { userPrefix, ...login } = securedAdmin(security);
  secureKafka(login);
  await createTopics({ brokers });
  await grantTopics({ brokers, topicPrefix: '', userPrefix });
}

/** Services that a killed launcher left running hold ports and partitions; they end first. */
async function endLeftovers(launcher) {
  const left = pidNames(HOME).filter((name) => name !== launcher && !INFRA.includes(name));
  await Promise.all(left.map((name) => stopProcess(HOME, name)));
}

/** The same database as one service's own role. */
function roleUrl(url, service, password) {
  const changed = new URL(url);
  changed.username = `orbit_${service}`;
  changed.password = password;
  return changed.href;
}
