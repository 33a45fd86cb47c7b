import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { HOME } from '../stack/paths.mjs';
import { askOperator } from './operator-call.mjs';
import { EXIT, Interrupted, OrbitCliError } from './faults.mjs';
import { format, Progress, toJson } from './output.mjs';
import { readStack } from './stack-file.mjs';

/** Variables that name a stack elsewhere, or overrule single lines of `.orbit/dev.json`. */
export const STACK_VARIABLES = {
  gatewayUrl: 'ORBIT_GATEWAY_URL',
  operatorApiKey: 'OPERATOR_API_KEY',
  kafkaBrokers: 'KAFKA_BROKERS',
  redisUrl: 'REDIS_URL',
  databaseUrl: 'ORBIT_DATABASE_URL',
};

const KAFKA_TIMEOUT_MS = 10_000;
/** A server that hangs is as good as away: whoever waits is told. */
const CONNECT_MS_MAX = 10_000;
const ANSWER_MS_MAX = 60_000;
/** As many as the operator API gives at once. */
const PAGE_SIZE = 200;

/** Whether a line of `dev.json` is of the kind that its name says. */
function fits(name, value) {
  if (name === 'operatorApiKey') return typeof value === 'string' && value !== '';
  if (name !== 'kafkaBrokers') return typeof value === 'string' && URL.canParse(value);
  const isBroker = (text) => typeof text === 'string' && /^.+:\d{1,5}$/.test(text);
  return Array.isArray(value) && value.length > 0 && value.every(isBroker);
}

/**
 * Everything a command may touch, opened when it is first used and closed at the end. A command gets
 * it as `context` and never looks at process.* by itself, so that tests can hand it another.
 */
export class Context {
  #stack = null;
  #closers = [];
  #interruption = new AbortController();
  exitCode = EXIT.ok;
  hasPrinted = false;

  /** @param {Record<string, any>} parts what the process has, where nothing else is given */
  constructor({ env = process.env, stdin, stdout, stderr, options = () => ({}) } = {}) {
    this.env = env;
    this.stdin = stdin ?? process.stdin;
    this.stdout = stdout ?? process.stdout;
    this.stderr = stderr ?? process.stderr;
    /** The global options, known once the command line was read. */
    this.options = options;
  }

  /** Where this stack keeps what it writes; state files of long commands lie below it. */
  get home() {
    return HOME;
  }

  get topicPrefix() {
    return this.env.KAFKA_TOPIC_PREFIX ?? '';
  }

  /** One address of the stack: from the environment, else from `dev.json`. */
  address(name) {
    const value = this.env[STACK_VARIABLES[name]];
    if (value) return name === 'kafkaBrokers' ? value.split(',') : value;
    this.#stack ??= readStack(this.home, STACK_VARIABLES[name]);
    const known = this.#stack[name];
    if (known === undefined || known === null) {
      throw new OrbitCliError(`The stack has no ${name}. Set ${STACK_VARIABLES[name]}.`);
    }
    if (fits(name, known)) return known;
    const file = path.join(this.home, 'dev.json');
    throw new OrbitCliError(
      `${file}: ${name} is ${JSON.stringify(known).slice(0, 80)}, which is not what npm start writes. ` +
        `npm stop, then npm start, writes it anew; or set ${STACK_VARIABLES[name]}.`,
    );
  }

  /** One call of the operator API; a refusal is told with the server's own sentence. Answers `data`. */
  async operator(method, route, body) {
    return (await this.#call(method, route, body)).data;
  }

  /** A whole list of the operator API, page by page. */
  async operatorList(route) {
    const items = [];
    for (let cursor = null; ;) {
      const query = new URLSearchParams({ limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) });
      const { data, meta } = await this.#call('GET', `${route}?${query}`);
      items.push(...data);
      cursor = meta?.pagination?.has_more ? meta.pagination.cursor : null;
      if (cursor === null || this.#interruption.signal.aborted) return items;
    }
  }

  #call(method, route, body) {
    return askOperator({
      gatewayUrl: this.address('gatewayUrl'),
      key: this.address('operatorApiKey'),
      method,
      route,
      body: body === undefined ? undefined : toJson(body),
      timeoutMs: ANSWER_MS_MAX,
    });
  }

  /** A kafkajs client. What it connects is to be registered with `atEnd`. */
  async kafka() {
    const { Kafka, logLevel } = await import('kafkajs');
    return new Kafka({
      clientId: 'orbit-cli',
      brokers: this.address('kafkaBrokers'),
      requestTimeout: KAFKA_TIMEOUT_MS,
      logLevel: logLevel.NOTHING,
      retry: { retries: 5, initialRetryTime: 100 },
    });
  }

  /** Its reads wait for what passes by itself: topics that were just made, a leader that moves. */
  async kafkaAdmin() {
    const { patientAdmin } = await import('@orbit/messaging/raw');
    const admin = patientAdmin((await this.kafka()).admin());
    await admin.connect();
    this.atEnd(() => admin.disconnect());
    return admin;
  }

  /** Murmur2, as every client of ours: a key has one partition whoever sends. */
  async kafkaProducer() {
    const { Partitioners } = (await import('kafkajs')).default;
    const producer = (await this.kafka()).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    this.atEnd(() => producer.disconnect());
    return producer;
  }

  /** A connection as the administrator of the database. `options` as of pg.Client. */
  async postgres(options = {}) {
    const { OrbitClient } = await import('../infra/postgres-session.mjs');
    const connectionString = this.address('databaseUrl');
    const client = new OrbitClient({
      connectionString,
      application_name: 'orbit-cli',
      connectionTimeoutMillis: CONNECT_MS_MAX,
      ...options,
    });
    // The statement under way fails and is told; without a listener Node would end with a stack trace.
    client.on('error', () => undefined);
    await client.connect();
    this.atEnd(() => client.end());
    return client;
  }

  async redis() {
    const { Redis } = await import('ioredis');
    const redis = new Redis(this.address('redisUrl'), {
      maxRetriesPerRequest: 1,
      connectTimeout: CONNECT_MS_MAX,
      commandTimeout: ANSWER_MS_MAX,
      retryStrategy: () => null,
      lazyConnect: true,
    });
    redis.on('error', () => undefined);
    await redis.connect();
    this.atEnd(() => redis.disconnect());
    return redis;
  }

  /** The result of the command, on stdout: JSON with --json, aligned text without. */
  print(value) {
    this.hasPrinted = true;
    this.stdout.write(`${this.options().json ? toJson(value) : format(value)}\n`);
  }

  /** What accompanies the result, on stderr. */
  say(text) {
    this.stderr.write(`${text}\n`);
  }

  /** A progress line on stderr. */
  progress(what, total, doneBefore = 0) {
    return new Progress(this.stderr, what, total, doneBefore);
  }

  /** The command ran, and what it found is bad news: it ends with 1. */
  finding() {
    this.exitCode = EXIT.finding;
  }

  /**
   * Asks before something that cannot be taken back: what sends, books, ends, discards or overwrites. Without a
   * terminal only --yes says yes.
   */
  async confirm(question) {
    if (this.options().yes) return;
    if (!this.stdin.isTTY) {
      throw new OrbitCliError(`${question} Nobody can be asked here: add --yes to do it.`);
    }
    const terminal = createInterface({ input: this.stdin, output: this.stderr });
    try {
      const answer = await terminal.question(`${question} [y/N] `, {
        signal: this.#interruption.signal,
      });
      if (/^y(es)?$/i.test(answer.trim())) return;
    } finally {
      terminal.close();
    }
    throw new OrbitCliError('Nothing was done.');
  }

  /** Aborted by the first Ctrl-C. Long commands look at it between two steps, then save their state. */
  get interruption() {
    return this.#interruption.signal;
  }

  interrupt() {
    this.#interruption.abort(new Interrupted('Interrupted.'));
  }

  /** Runs when the command is over, however it ended; the last one first. */
  atEnd(close) {
    this.#closers.push(close);
  }

  async close() {
    for (const close of this.#closers.splice(0).reverse()) {
      await Promise.resolve(close()).catch(() => undefined);
    }
  }
}
