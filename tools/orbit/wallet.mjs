import { examples } from './frame.mjs';

const path = (id, rest = '') => `/organizations/${encodeURIComponent(id)}${rest}`;

/** `orbit wallet`: look at one wallet, stop it, start it, correct it. */
export function register(program, context) {
  const wallet = program.command('wallet').description('wallets');
  for (const verb of ['pause', 'resume']) {
    const command = wallet
      .command(`${verb} <organizationId>`)
      .description(verb === 'pause' ? 'refuse every further authorization' : 'authorize again')
      .action(async (id) =>
        context.print(await context.operator('POST', path(id, `/${verb}`), {})),
      );
    examples(command, `wallet ${verb} org_…`);
  }
}
