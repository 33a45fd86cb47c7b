/** The baseline of the HTTP benchmark: Fastify that reads JSON and answers it, and nothing else. */
import fastify from 'fastify';

const app = fastify();
app.post('/api/v1/billing/authorizations', async (request) => request.body);
app.get('/health/ready', async () => ({ status: 'ready' }));
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
