// Asks the service of this container whether it is ready: exit 0 or 1, as HEALTHCHECK wants it.
const port = process.env['HEALTH_PORT'] || process.env['PORT'];
try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
    signal: AbortSignal.timeout(3_000),
  });
  process.exitCode = answer.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
