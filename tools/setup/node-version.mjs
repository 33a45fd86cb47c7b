/**
 * The first import of every command: an old Node fails on what the others use, with a stack trace that
 * names none of it. So this file uses nothing new, and ends the process itself.
 */
const [major, minor] = process.versions.node.split('.').map(Number);
/** EX_CONFIG of sysexits.h, as our services end on a wrong configuration. */
const EXIT_CONFIGURATION = 78;

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `Node ${process.versions.node} is too old. Install Node 20.19 or newer, and make sure that \`node --version\` says so.\n`,
  );
  process.exit(EXIT_CONFIGURATION);
}
