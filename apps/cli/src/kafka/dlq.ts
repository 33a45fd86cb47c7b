import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { examples, toCount } from '../cli/frame.js';
import { handleLetters, type HandleOptions } from './dlq-handle.js';
import { listLetters, showLetter, type ListOptions } from './dlq-list.js';

const LIST_LIMIT = 20;

/** `orbit dlq`: messages that could not be handled, and what is done about them. */
export function register(program: Command, context: Context): void {
  const dlq = program
    .command('dlq')
    .description('dead letters: messages that could not be handled')
    .summary('dead letters');
  const list = dlq
    .command('list [topic]')
    .description('open letters by topic and reason, and with a topic the letters themselves')
    .option('--reason <code>', 'only letters with this reason')
    .option('--limit <n>', 'letters shown', toCount, LIST_LIMIT)
    .option('--all', 'also those that were retried or discarded')
    .action((topic: string | undefined, options: ListOptions) =>
      listLetters(context, topic, options),
    );
  examples(list, 'dlq list', 'dlq list charge.requested --reason unknown_wallet --json');

  const show = dlq
    .command('show <topic> <id>')
    .description(
      'one letter with its headers and its value; <id> as `list` shows it, or a charge id',
    )
    .action((topic: string, id: string) => showLetter(context, topic, id));
  examples(show, 'dlq show charge.requested 0:12', 'dlq show charge.requested sms_1');

  const filtered = (command: Command): Command =>
    command
      .option('--reason <code>', 'only letters with this reason')
      .option('--note <text>', 'why; kept with the letters')
      .option('--dry-run', 'say what would be done, and do nothing');
  const retry = filtered(
    dlq
      .command('retry [topic] [ids...]')
      .description(
        'send letters to their topic again, as they came: all open ones, or those named\n(what was booked already is not booked twice)',
      )
      .option('--all', 'of every topic'),
  ).action((topic: string | undefined, ids: string[], options: HandleOptions) =>
    handleLetters(context, 'retry', topic, ids, options),
  );
  examples(
    retry,
    'dlq retry charge.requested --reason unknown_wallet',
    'dlq retry charge.requested 0:12 0:15',
    'dlq retry --all --dry-run',
  );

  const discard = filtered(
    dlq
      .command('discard <topic> [ids...]')
      .description('mark letters as handled without sending them; they stay in Kafka'),
  ).action((topic: string, ids: string[], options: HandleOptions) =>
    handleLetters(context, 'discard', topic, ids, options),
  );
  examples(
    discard,
    "dlq discard charge.requested --reason not_json --note 'a test of the producer'",
  );
}
