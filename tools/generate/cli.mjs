import { Context } from '../../apps/cli/dist/cli/context.js';
import { createProgram } from '../../apps/cli/dist/cli/program.js';
import { cell, heading, table } from './markdown.mjs';

const HELP_COLUMNS = 100;

/** Commands that do something; a group is only a name. */
function* leavesOf(command, names = []) {
  for (const child of command.commands) {
    const path = [...names, child.name()];
    if (child.commands.length > 0) yield* leavesOf(child, path);
    else yield { child, path: path.join(' ') };
  }
}

/** The text of `--help`, at a fixed width whoever generates it. */
function helpOf(command) {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => HELP_COLUMNS,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}

/** docs/reference/cli.md: every command of `npm run orbit`, as its own help says it. */
export function generateCli() {
  const program = createProgram(new Context());
  const leaves = [...leavesOf(program)];
  const overview = table(
    ['command', 'does'],
    leaves.map(({ child, path }) => [
      `[\`${path}\`](#${path.replaceAll(' ', '-')})`,
      cell(child.summary() || child.description()),
    ]),
  );
  const sections = leaves.map(
    ({ child, path }) => `## ${path}\n\n\`\`\`text\n${helpOf(child)}\n\`\`\`\n`,
  );
  const text = `${heading('Command line', 'apps/cli/')}
\`npm run -s orbit -- <command>\` (\`-s\` keeps npm's own lines off stdout). Results go to stdout, with \`--json\` for programs; progress
and faults go to stderr. It ends with 0, with 1 (a finding or a refusal), 2 (wrong usage) or 130 (interrupted; it says how to go on).

It talks to the stack of \`ORBIT_HOME\` (\`.orbit\`), or to the one that \`ORBIT_GATEWAY_URL\`, \`OPERATOR_API_KEY\`, \`KAFKA_BROKERS\`,
\`KAFKA_TOPIC_PREFIX\`, \`REDIS_URL\` and \`ORBIT_DATABASE_URL\` name.

${overview}

${sections.join('\n')}`;
  return [{ path: 'docs/reference/cli.md', text }];
}
