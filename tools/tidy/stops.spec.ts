// Goal: a page that describes a walk nobody takes, or a folder that is not there, fails `npm run check`.
interface RepositoryFile {
  readonly path: string;
  readonly text: string;
}
interface Rules {
  pathStops(files: readonly RepositoryFile[]): readonly string[];
  places(files: readonly RepositoryFile[]): readonly string[];
  namedFiles(files: readonly RepositoryFile[]): readonly string[];
}
const rules = (await import(new URL('stops.mjs', import.meta.url).href)) as unknown as Rules;

const FILES: readonly RepositoryFile[] = [
  { path: 'apps/a/src/ask.ts', text: "import { Post } from './post.js';\nrpc.call(A_RPC.open);" },
  { path: 'apps/a/src/post.ts', text: "publish('charge.posted'); const log: Log;" },
  { path: 'apps/a/src/log.ts', text: 'export class FileLog implements Log {}' },
  { path: 'apps/b/src/read.consumer.ts', text: "@BatchHandler('charge.posted')" },
  { path: 'apps/b/src/open.controller.ts', text: '@MessagePattern(A_RPC.open)' },
  { path: 'apps/a/src/client.ts', text: 'rpcClient(B_RPC, rpc)' },
  { path: 'apps/b/src/typed.controller.ts', text: '@Handles(B_RPC.close)' },
  { path: 'apps/b/src/web.controller.ts', text: "@Post('charges')" },
];
const row = (file: string, hands: string): string =>
  `| s | [${file.split('/').at(-1) ?? ''}](../apps/${file}) | d | ${hands} |`;
const faults = (...rows: readonly string[]): string =>
  rules
    .pathStops([
      ...FILES,
      {
        path: 'docs/architecture.md',
        text: [
          '| stop | open | decides | hands over by |',
          '| --- | --- | --- | --- |',
          ...rows,
        ].join('\n'),
      },
    ])
    .join('\n');

test.each([
  ['a/src/ask.ts', 'call', 'a/src/post.ts', 'a/src/log.ts'],
  ['a/src/post.ts', 'port `Log`', 'a/src/log.ts', 'a/src/ask.ts'],
  ['a/src/post.ts', 'topic `charge.posted`', 'b/src/read.consumer.ts', 'b/src/open.controller.ts'],
  ['a/src/ask.ts', 'RPC `A_RPC.open`', 'b/src/open.controller.ts', 'b/src/read.consumer.ts'],
  ['a/src/client.ts', 'RPC `B_RPC.close`', 'b/src/typed.controller.ts', 'b/src/open.controller.ts'],
  ['a/src/ask.ts', 'route `charges`', 'b/src/web.controller.ts', 'b/src/open.controller.ts'],
])('from %s a %s leads to %s, and not to %s', (from, hands, to, elsewhere) => {
  expect(faults(row(from, hands), row(to, 'end'))).toBe('');
  expect(faults(row(from, hands), row(elsewhere, 'end'))).toContain('does not lead to');
});

test('a stop without a file, a wrong name and an unknown way are refused', () => {
  expect(faults('| s | nowhere | d | end |')).toContain('names no file');
  expect(faults('| s | [x.ts](../apps/a/src/ask.ts) | d | end |')).toContain('there is no x.ts');
  expect(faults(row('a/src/gone.ts', 'end'))).toContain('there is no gone.ts');
  expect(faults(row('a/src/ask.ts', 'somehow'), row('a/src/post.ts', 'end'))).toContain('somehow');
});

test('a folder that is not there, or has no such file, is refused', () => {
  const page = (text: string): string =>
    rules.places([...FILES, { path: 'docs/where-things-are.md', text }]).join('\n');
  expect(page('| x | [apps/a/src](../apps/a/src) | `log.ts` |')).toBe('');
  expect(page('| x | [apps/c/src](../apps/c/src) | |')).toContain('there is no folder apps/c/src');
  expect(page('| x | [apps/a/src](../apps/a/src) | `web.ts` |')).toContain('no web.ts');
  expect(page('| x | [a](../apps/a) [b](../apps/b) | |')).toContain('more than one folder');
});

test('a page names only files that are there, by the end of their path', () => {
  const named = (text: string, path = 'apps/a/README.md'): string =>
    rules.namedFiles([...FILES, { path, text }]).join();
  expect(named('See `src/log.ts`, `log.ts` and `apps/a/src/log.ts`.')).toBe('');
  expect(named('See `outbound/log.ts`.')).toContain('there is no outbound/log.ts');
  expect(named('See `gone.ts`.')).toContain('there is no gone.ts');
  expect(named('See `gone.ts`.', 'docs/decisions/0001-a.md')).toBe('');
});
