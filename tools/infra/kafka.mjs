/**
 * One Kafka broker in KRaft mode: broker and controller in one JVM, data in `$home/kafka`, which is also where
 * it runs: Java cuts the class path at colons, Kafka its list of folders at commas (0033).
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { kafkaJars } from './artefacts.mjs';
import { isListening } from './ports.mjs';
import { spawnRecorded, waitUntilReady } from './processes.mjs';
import { kafkaSecurityProperties, scramArguments } from './secured.mjs';
import { SetupError } from './setup-error.mjs';

const run = promisify(execFile);
const JAVA_MAJOR_MIN = 17;
/** Java names files by the locale: with that of a container, `ü` in a path would become `?`. */
const UTF8_NAMES = process.platform === 'linux' ? { LC_ALL: 'C.UTF-8' } : {};
/** After a crash it reads the segments that were open, which on a busy machine takes a minute and more. */
const READY_TIMEOUT_MS = 240_000;
const java = () =>
  process.env.JAVA_HOME ? path.join(process.env.JAVA_HOME, 'bin', 'java') : 'java';

async function checkJava() {
  const advice =
    `Kafka needs Java ${JAVA_MAJOR_MIN} or newer. Install it (Debian: ` +
    '`apt-get install openjdk-17-jre-headless`, macOS: `brew install openjdk@17`) or set JAVA_HOME.';
  let text;
  try {
    const { stdout, stderr } = await run(java(), ['-version']);
    text = `${stdout}${stderr}`;
  } catch {
    throw new SetupError(`No working \`${java()}\`. ${advice}`);
  }
  const major = Number(/version "(\d+)/.exec(text)?.[1] ?? 0);
  if (major < JAVA_MAJOR_MIN) throw new SetupError(`Java ${major} is too old. ${advice}`);
}

const environment = () => ({ ...process.env, ...UTF8_NAMES });

/** A value of a .properties file, which Java reads as Latin-1 with escapes. */
export const propertyValue = (text) =>
  text
    .replaceAll('\\', '\\\\')
    .replace(/^ /, '\\ ')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A folder below the one that Kafka runs in. A comma has no escape in its list; the name alone has none. */
const logDirsOf = (folder) => (folder.includes(',') ? path.basename(folder) : folder);

/** Open to whoever reaches the loopback interface. */
const openListeners = (port, controllerPort) => [
  `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
  'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'inter.broker.listener.name=PLAINTEXT',
];

function properties({ logDirs, port, controllerPort, isThrowAway, security }) {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    ...(security
      ? kafkaSecurityProperties(security, port, controllerPort)
      : openListeners(port, controllerPort)),
    'controller.listener.names=CONTROLLER',
    `log.dirs=${propertyValue(logDirsOf(logDirs))}`,
    'num.network.threads=2',
    'num.io.threads=4',
    'offsets.topic.replication.factor=1',
    `offsets.topic.num.partitions=${isThrowAway ? 4 : 8}`,
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.num.partitions=4',
    'transaction.state.log.min.isr=1',
    'default.replication.factor=1',
    'group.initial.rebalance.delay.ms=0',
    // Crash tests kill a member every few seconds; who takes over must not wait six seconds each time.
    'group.min.session.timeout.ms=1000',
    // Topics are declared in code and made by a step of their own; a typing error must not make one.
    'auto.create.topics.enable=false',
    'log.segment.bytes=67108864',
    // Tests take their topics away; their files must not stay open for another minute.
    ...(isThrowAway ? ['log.segment.delete.delay.ms=1000'] : []),
    'log.cleaner.dedupe.buffer.size=16777216',
    'delete.topic.enable=true',
    '',
  ].join('\n');
}

/** A Kafka cluster id: 16 random bytes in URL-safe base64 that may not begin with a dash. */
const clusterId = () => `A${randomBytes(16).toString('base64url').slice(1, 22)}`;

/** The jars below the folder, whatever the path of the cache is made of. */
function linkJars(folder, jars) {
  const link = path.join(folder, 'jars');
  fs.rmSync(link, { force: true });
  fs.symlinkSync(jars, link);
}

async function formatOnce(folder, ports) {
  const data = path.join(folder, 'data');
  if (fs.existsSync(path.join(data, 'meta.properties'))) return data;
  // Formatted under another name and renamed, so that a crash in between leaves nothing half made.
  const unfinished = path.join(folder, 'data.unfinished');
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.rmSync(data, { recursive: true, force: true });
  const settings = properties({ ...ports, logDirs: unfinished });
  fs.writeFileSync(path.join(folder, 'format.properties'), settings);
  const tool = ['-XX:TieredStopAtLevel=1', '-cp', 'jars/*', 'kafka.tools.StorageTool'];
  const users = ports.security ? scramArguments(ports.security) : [];
  const args = [...tool, 'format', '-t', clusterId(), '-c', 'format.properties', ...users];
  await run(java(), args, { cwd: folder, env: environment() });
  fs.renameSync(unfinished, data);
  return data;
}

/** Starts Kafka and waits for its port. Returns the process handle and the broker address. */
export async function startKafka({
  home,
  port,
  controllerPort,
  isThrowAway = false,
  security = null,
  onWait,
}) {
  await checkJava();
  const jars = await kafkaJars();
  const folder = path.join(home, 'kafka');
  fs.mkdirSync(folder, { recursive: true });
  linkJars(folder, jars);
  const logDirs = await formatOnce(folder, { port, controllerPort, isThrowAway, security });
  const file = path.join(folder, 'server.properties');
  const settings = properties({ logDirs, port, controllerPort, isThrowAway, security });
  // It holds passwords where the server demands a login.
  fs.writeFileSync(file, settings, { mode: 0o600 });
  // It unpacks what clients pack with native libraries, which it lays here; a kill leaves them behind.
  const scratch = path.join(folder, 'tmp');
  fs.rmSync(scratch, { recursive: true, force: true });
  fs.mkdirSync(scratch, { recursive: true });
  const heap = isThrowAway ? ['-Xms128m', '-Xmx384m'] : ['-Xms192m', '-Xmx512m'];
  // Java's second compiler costs a broker that lives for minutes as much as all of its work.
  const compiler = isThrowAway ? ['-XX:TieredStopAtLevel=1'] : [];
  const handle = spawnRecorded({
    home,
    name: 'kafka',
    command: java(),
    args: [
      ...heap,
      ...compiler,
      '-XX:+UseSerialGC',
      `-Djava.io.tmpdir=${scratch}`,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
      '-cp',
      'jars/*',
      'kafka.Kafka',
      file,
    ],
    marker: file,
    cwd: folder,
    env: environment(),
  });
  await waitUntilReady(handle, () => isListening(port), READY_TIMEOUT_MS, onWait);
  return { handle, brokers: [`127.0.0.1:${port}`] };
}
