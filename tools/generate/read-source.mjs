// Reads what our sources say about themselves, without running them: exported limits and the fields
// of configuration classes, with their docstrings.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './load-libraries.mjs';

const parse = (path) =>
  ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);

/** The docstring before a node as one line of text, without the stars. */
function docOf(node) {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
  const text =
    typeof doc?.comment === 'string' ? doc.comment : ts.getTextOfJSDocComment(doc?.comment);
  return (text ?? '').replace(/\s+/g, ' ').trim();
}

const sourcesBelow = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true })
        .map((name) => `${folder}/${name}`.replaceAll('\\', '/'))
        .filter((path) => path.endsWith('.ts') && !/\.(spec|itest|sim|e2e)\.ts$/.test(path))
        .filter((path) => !path.includes('/generated/'))
        .sort()
    : [];

const projectsOf = (kind) =>
  readdirSync(join(root, kind))
    .sort()
    .map((name) => `${kind}/${name}`);

/** Every source file of services, sandboxes and libraries, tests left out. */
export const readSources = () =>
  ['apps', 'libs', 'sandboxes']
    .flatMap(projectsOf)
    .flatMap((project) => sourcesBelow(`${project}/src`));

/** Exported constants whose name ends in a unit or a bound: the limits that code declares. */
const LIMIT =
  /_(MAX|MIN|MS|SECONDS|MINUTES|HOURS|DAYS|BYTES|SIZE|COUNT|PARTITIONS|ATTEMPTS|LIMIT)$/;

export function readLimits() {
  // What tests bound is no limit of the product.
  const libraries = projectsOf('libs').filter((project) => project !== 'libs/testing');
  return [...libraries, ...projectsOf('apps'), ...projectsOf('sandboxes')].flatMap((project) =>
    sourcesBelow(`${project}/src`).flatMap((path) => {
      const limits = [];
      ts.forEachChild(parse(path), (node) => {
        const isExported = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
        if (!ts.isVariableStatement(node) || !isExported) return;
        for (const { name, initializer } of node.declarationList.declarations) {
          if (!initializer || !LIMIT.test(name.getText())) continue;
          const value = initializer.getText().replace(/\s+/g, ' ');
          if (!/^[\w\s.*+\-/()]+$/.test(value)) continue;
          limits.push({ project, path, name: name.getText(), value, doc: docOf(node) });
        }
      });
      return limits;
    }),
  );
}

/** libs/runtime reads a property as itself (KAFKA_BROKERS) or from its upper case (kafkaBrokers). */
const variableOf = (property) =>
  /^[A-Z0-9_]+$/.test(property)
    ? property
    : property.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();

/** Fields of one configuration class, as environment variables; those of the class that it extends come first. */
function variablesOf(node, settings) {
  const parent = node.heritageClauses?.[0]?.types[0]?.expression.getText();
  const inherited = parent === undefined ? [] : variablesOf(settings.get(parent), settings);
  const own = node.members.filter(ts.isPropertyDeclaration).map((member) => {
    const decorators = (ts.getDecorators(member) ?? []).map((item) => item.getText());
    const isOptional =
      decorators.some((text) => text.startsWith('@IsOptional')) ||
      member.questionToken !== undefined ||
      member.initializer !== undefined;
    const initial = member.initializer?.getText() ?? null;
    return { name: variableOf(member.name.getText()), isOptional, initial, doc: docOf(member) };
  });
  return [...inherited, ...own];
}

const classesOf = (path, name) =>
  parse(path).statements.filter(
    (node) => ts.isClassDeclaration(node) && name.test(node.name?.text ?? ''),
  );

/** Classes of settings that configuration classes extend: `<subject>-settings.ts` of a library. */
function sharedSettings() {
  const paths = projectsOf('libs').flatMap((project) => sourcesBelow(`${project}/src`));
  const classes = paths
    .filter((path) => path.endsWith('-settings.ts'))
    .flatMap((path) => classesOf(path, /Settings$/));
  return new Map(classes.map((node) => [node.name.text, node]));
}

/** Fields of the configuration class in `<service>.config.ts`, as environment variables. */
export function readEnvironment() {
  const settings = sharedSettings();
  return [...projectsOf('apps'), ...projectsOf('sandboxes')].flatMap((project) => {
    const file = readdirSync(join(root, project, 'src')).find((name) => /\.config\.ts$/.test(name));
    if (!file) return [];
    const service = file.replace(/\.config\.ts$/, '');
    const path = `${project}/src/${file}`;
    const variables = classesOf(path, /Config$/).flatMap((node) => variablesOf(node, settings));
    return [{ service, path, variables }];
  });
}
