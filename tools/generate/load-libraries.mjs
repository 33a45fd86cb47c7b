// Makes our libraries importable from plain Node without a build: transpiles the pure ones (kernel,
// money, contracts, events, metrics) into a throw-away folder that looks like node_modules.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const PURE = ['kernel', 'money', 'contracts', 'events', 'metrics'];
const OPTIONS = {
  jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2023' },
  module: { type: 'es6' },
};

/** Returns `{contracts, events, metrics}` as modules. Below .nx/, so that packages of npm still resolve. */
export async function loadLibraries() {
  mkdirSync(join(root, '.nx'), { recursive: true });
  const folder = mkdtempSync(join(root, '.nx', 'generate-'));
  try {
    for (const library of PURE) {
      const source = join(root, 'libs', library, 'src');
      const target = join(folder, 'node_modules', '@orbit', library);
      for (const name of readdirSync(source, { recursive: true })) {
        if (!name.endsWith('.ts') || /\.(spec|itest)\.ts$/.test(name)) continue;
        const path = join(target, name.replace(/\.ts$/, '.js'));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, transformSync(readFileSync(join(source, name), 'utf8'), OPTIONS).code);
      }
      const manifest = { type: 'module', exports: './index.js' };
      writeFileSync(join(target, 'package.json'), JSON.stringify(manifest));
    }
    const load = (library) =>
      import(pathToFileURL(join(folder, 'node_modules', '@orbit', library, 'index.js')).href);
    return {
      contracts: await load('contracts'),
      events: await load('events'),
      metrics: await load('metrics'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
