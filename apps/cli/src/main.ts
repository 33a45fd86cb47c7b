import { runOrbit } from './cli/program.js';

// `orbit … | head` has read enough: that is an end, not a fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
process.exitCode = await runOrbit(process.argv.slice(2));
