// Goal: what an operator is told when a server is away: one sentence, and status 1.
import { expect, test } from '@jest/globals';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { Context } from './context.js';
import { runOrbit } from './program.js';

async function saidBy(args: readonly string[], env: Record<string, string>): Promise<string> {
  let said = '';
  const stderr = { write: (text: string) => (said += text) };
  const context = new Context({ env, stdout: stderr, stderr } as never);
  expect(await runOrbit(args, context)).toBe(1);
  return said;
}

test('a gateway that is away or hangs up is named in one line, without a stack trace', async () => {
  const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const env = { ORBIT_GATEWAY_URL: `http://127.0.0.1:${port}`, OPERATOR_API_KEY: 'k' };
  const hungUp = await saidBy(['wallet', 'pause', 'org_1'], env);
  await new Promise((resolve) => server.close(resolve));
  const away = await saidBy(['ledger', 'health'], env);
  expect(away).toBe(`connect ECONNREFUSED 127.0.0.1:${port} — is the stack running? (npm start)\n`);
  expect(hungUp).toMatch(/^[^\n]+ — is the stack running\? \(npm start\)\n$/);
});

test('a database that hangs up is told without a stack trace', async () => {
  const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const env = { ORBIT_DATABASE_URL: `postgresql://u:p@127.0.0.1:${port}/orbit` };
  const said = await saidBy(['ledger', 'verify'], env);
  await new Promise((resolve) => server.close(resolve));
  expect(said).toMatch(/^[^\n]+ — is the stack running\? \(npm start\)\n$/);
});

test('with --json a fault is JSON, too, and says the status that the command ends with', async () => {
  for (const [args, status] of [
    [['nonsense', '--json'], 2],
    [['replay', 'charge.requested', '--json'], 2],
    [['ledger', 'verify', '/no/such/file', '--json'], 1],
  ] as const) {
    let [out, said] = ['', ''];
    const stdout = { write: (text: string) => (out += text) };
    const stderr = { write: (text: string) => (said += text) };
    expect(await runOrbit(args, new Context({ env: {}, stdout, stderr } as never))).toBe(status);
    const { error } = JSON.parse(out) as { error: { status: number; message: string } };
    expect(error.status).toBe(status);
    expect(said).toContain(error.message);
  }
});
