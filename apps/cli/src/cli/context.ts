import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { HOME } from '../../../../tools/stack/paths.mjs';
import type { Admin, Kafka, Producer } from 'kafkajs';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { askOperator, type OperatorAnswer } from './operator-call.js';
import { EXIT, Interrupted, OrbitCliError, UsageError, type ExitCode } from './faults.js';
import { format, Progress, toJson, type TextOutput } from './output.js';
import { readStack } from './stack-file.js';

/** Variables that name a stack elsewhere, or overrule single lines of `.orbit/dev.json`. */
export const STACK_VARIABLES = {
  gatewayUrl: 'ORBIT_GATEWAY_URL',
  operatorApiKey: 'OPERATOR_API_KEY',
  kafkaBrokers: 'KAFKA_BROKERS',
  redisUrl: 'REDIS_URL',
  databaseUrl: 'ORBIT_DATABASE_URL',
} as const;
type AddressName = Exclude<keyof typeof STACK_VARIABLES, 'kafkaBrokers'>;

/** The surroundings of the process, used where nothing else is given. */
interface Parts {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: { readonly isTTY?: boolean };
  readonly stdout?: TextOutput;
  readonly stderr?: TextOutput;
  readonly options?: () => GlobalOptions;
}

interface GlobalOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
}

const KAFKA_TIMEOUT_MS = 10_000;
/** A server that hangs counts as unavailable: the command ends with an error. */
const CONNECT_MS_MAX = 10_000;
const ANSWER_MS_MAX = 60_000;
/** As many as the operator API gives at once. */
const PAGE_SIZE = 200;

/** Whether a line of `dev.json` is of the kind that its name says. */
function fits(name: keyof typeof STACK_VARIABLES, value: unknown): boolean {
  if (name === 'operatorApiKey') return typeof value === 'string' && value !== '';
  if (name !== 'kafkaBrokers') return typeof value === 'string' && URL.canParse(value);
  const isBroker = (text: unknown): boolean =>
    typeof text === 'string' && /^.+:\d{1,5}$/.test(text);
  return Array.isArray(value) && value.length > 0 && value.every(isBroker);
}

/**
 * Everything a command may touch, opened when it is first used and closed at the end. A command gets
 * it as `context` and never looks at process.* by itself, so that tests can hand it another.
 */
export class Context {
  #stack: Readonly<Record<string, unknown>> | null = null;
  #closers: (() => unknown)[] = [];
  readonly #interruption = new AbortController();
  exitCode: ExitCode = EXIT.ok;
  hasPrinted = false;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** The global options, known once the command line was read. */
  options: () => GlobalOptions;

  constructor({ env = process.env, stdin, stdout, stderr, options = () => ({}) }: Parts = {}) {
    this.env = env;
    this.stdin = stdin ?? process.stdin;
    this.stdout = stdout ?? process.stdout;
    this.stderr = stderr ?? process.stderr;
    this.options = options;
  }

  /** Where this stack keeps what it writes; state files of long commands lie below it. */
  get home(): string {
    return HOME;
  }

  get topicPrefix(): string {
    return this.env['KAFKA_TOPIC_PREFIX'] ?? '';
  }

  /** One address of the stack: from the environment, else from `dev.json`. */
  address(name: AddressName): string {
    return this.env[STACK_VARIABLES[name]] || (this.#known(name) as string);
  }

  get brokers(): string[] {
    const named = this.env[STACK_VARIABLES.kafkaBrokers];
    return named ? named.split(',') : (this.#known('kafkaBrokers') as string[]);
  }

  #known(name: keyof typeof STACK_VARIABLES): unknown {
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

  /** Calls the operator API and returns `data`; a refusal is thrown with the server's own sentence. */
  async operator(method: string, route: string, body?: unknown): Promise<unknown> {
    return (await this.#call(method, route, body)).data;
  }

  /** A whole list of the operator API, page by page. */
  async operatorList(route: string): Promise<unknown[]> {
    const items: unknown[] = [];
    for await (const page of this.operatorPages(route)) items.push(...page);
    return items;
  }

  /** The same, page by page. `filter` goes into the query. */
  async *operatorPages(
    route: string,
    filter: Readonly<Record<string, string>> = {},
  ): AsyncGenerator<readonly unknown[]> {
    for (let cursor: string | null = null; ;) {
      const query = new URLSearchParams({
        ...filter,
        limit: String(PAGE_SIZE),
        ...(cursor ? { cursor } : {}),
      });
      const { data, meta }: OperatorAnswer = await this.#call(
        'GET',
        `${route}?${query.toString()}`,
      );
      yield data as readonly unknown[];
      const pagination = meta?.pagination;
      cursor = pagination?.has_more ? pagination.cursor : null;
      if (cursor === null || this.#interruption.signal.aborted) return;
    }
  }

  #call(method: string, route: string, body?: unknown): Promise<OperatorAnswer> {
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
  async kafka(): Promise<Kafka> {
    const { Kafka, logLevel } = await import('kafkajs');
    const { readKafkaSecurity } = await import('@orbit/messaging/raw');
    const security = readKafkaSecurity(this.env);
    if (!('ssl' in security)) throw new UsageError(security.join('\n'));
    return new Kafka({
      clientId: 'orbit-cli',
      brokers: this.brokers,
      ...security,
      requestTimeout: KAFKA_TIMEOUT_MS,
      logLevel: logLevel.NOTHING,
      retry: { retries: 5, initialRetryTime: 100 },
    });
  }

  /** Its reads wait for what passes by itself: topics that were just made, a leader that moves. */
  async kafkaAdmin(): Promise<Admin> {
    const { patientAdmin } = await import('@orbit/messaging/raw');
    const admin = patientAdmin((await this.kafka()).admin());
    await admin.connect();
    this.atEnd(() => admin.disconnect());
    return admin;
  }

  /** Murmur2, as every client of ours: a key has one partition whoever sends. */
  async kafkaProducer(): Promise<Producer> {
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
  async postgres(options: pg.ClientConfig = {}): Promise<pg.Client> {
    const { OrbitClient } = await import('../../../../tools/infra/postgres-session.mjs');
    const connectionString = this.address('databaseUrl');
    const client = new OrbitClient({
      connectionString,
      application_name: 'orbit-cli',
      connectionTimeoutMillis: CONNECT_MS_MAX,
      ...options,
    });
    // The statement under way fails and reports it; without a listener Node would end with a stack trace.
    client.on('error', () => undefined);
    await client.connect();
    this.atEnd(() => client.end());
    return client;
  }

  async redis(): Promise<Redis> {
    const { Redis } = await import('ioredis');
    const { redisTls } = await import('@orbit/spend');
    const redis = new Redis(this.address('redisUrl'), {
      ...redisTls(this.env['REDIS_CA_FILE'] || undefined),
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
  print(value: unknown): void {
    this.hasPrinted = true;
    this.stdout.write(`${this.options().json ? toJson(value) : format(value)}\n`);
  }

  /** Writes text that accompanies the result to stderr. */
  say(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  /** A progress line on stderr. */
  progress(what: string, total: number, doneBefore = 0): Progress {
    return new Progress(this.stderr, what, total, doneBefore);
  }

  /** The command ran, and what it found is bad news: it ends with 1. */
  finding(): void {
    this.exitCode = EXIT.finding;
  }

  /**
   * Asks before something that cannot be taken back: what sends, books, ends, discards or overwrites. Without a
   * terminal only --yes says yes.
   */
  async confirm(question: string): Promise<void> {
    if (this.options().yes) return;
    if (!this.stdin.isTTY) {
      throw new OrbitCliError(`${question} Nobody can be asked here: add --yes to do it.`);
    }
    const terminal = createInterface({
      input: this.stdin as NodeJS.ReadableStream,
      output: this.stderr as NodeJS.WritableStream,
    });
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
  get interruption(): AbortSignal {
    return this.#interruption.signal;
  }

  interrupt(): void {
    this.#interruption.abort(new Interrupted('Interrupted.'));
  }

  /** Runs when the command is over, however it ended; the last one first. */
  atEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) {
      await Promise.resolve(close()).catch(() => undefined);
    }
  }
}
