import type { Logger } from '@orbit/runtime';
import { ERROR_CATALOGUE, OrbitError, type DocumentKind } from '@orbit/contracts';
import type { FastifyInstance, FastifyPluginCallback, FastifyReply } from 'fastify';
import { isUnreachable } from '../edge/rpc/availability.js';
import type { Clients } from '../edge/rpc/clients.js';
import { html, PAGE_POLICY, pageOf } from './html.js';
import { invoicePage } from './invoice-page.js';
import { portalPage } from './portal-page.js';

export interface PortalParts {
  readonly clients: Pick<Clients, 'documents' | 'balanceSteps' | 'paymentMethods'>;
  readonly publicUrl: string;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
}

interface ByToken {
  readonly Params: { readonly token: string };
}

const FILES: Readonly<Record<string, DocumentKind>> = {
  'invoice.pdf': 'invoice',
  'receipt.pdf': 'receipt',
  'credit-note.pdf': 'credit_note',
};

/** Pages that a customer opens by a link: the token in the address is the only proof, and opens one thing. */
export function portalPages(parts: PortalParts): FastifyPluginCallback {
  return (fastify, _options, done) => {
    void fastify.register(room(parts.logger, documentRoutes(parts)), { prefix: '/documents' });
    void fastify.register(room(parts.logger, portalRoutes(parts)), { prefix: '/portal' });
    done();
  };
}

/** Parts that all pages share: their headers, and pages in place of errors. */
function room(
  logger: PortalParts['logger'],
  routes: (fastify: FastifyInstance) => void,
): FastifyPluginCallback {
  return (fastify, _options, done) => {
    fastify.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null, undefined);
    });
    fastify.addHook('onRequest', (_request, reply, next) => {
      reply.header('content-security-policy', PAGE_POLICY);
      next();
    });
    fastify.setErrorHandler((err, request, reply) => {
      const status = statusOf(err);
      if (status < 500) return nothing(reply.code(status));
      if (status === 500) {
        logger.error({ err, route: request.routeOptions.url }, 'a page of a customer failed');
      }
      const title = 'This page cannot be shown at the moment';
      return say(reply, status, title, 'Reload it in a minute.');
    });
    fastify.setNotFoundHandler((_request, reply) => nothing(reply));
    routes(fastify);
    done();
  };
}

/** 503: whoever answers cannot be reached; below 500: the address is no address of ours. */
function statusOf(err: unknown): number {
  if (isUnreachable(err)) return 503;
  if (err instanceof OrbitError) return ERROR_CATALOGUE[err.code].status;
  const { statusCode = 500 } = err as { readonly statusCode?: number };
  return statusCode;
}

const documentRoutes =
  ({ clients: { documents } }: PortalParts) =>
  (fastify: FastifyInstance): void => {
    fastify.get<ByToken>('/:token', async ({ params: { token } }, reply) => {
      const page = await documents.page({ token });
      if (!page) return nothing(reply);
      return send(reply, invoicePage(page, `/documents/${encodeURIComponent(token)}`));
    });
    for (const [name, kind] of Object.entries(FILES)) {
      fastify.get<ByToken>(`/:token/${name}`, async ({ params: { token } }, reply) => {
        const pdf = await documents.pdf({ token, kind });
        if (!pdf) return nothing(reply);
        return reply
          .type('application/pdf')
          .header('content-disposition', `inline; filename="${pdf.filename}"`)
          .send(Buffer.from(pdf.content_base64, 'base64'));
      });
    }
  };

const portalRoutes =
  ({ clients, publicUrl, logger }: PortalParts) =>
  (fastify: FastifyInstance): void => {
    fastify.get<ByToken>('/:token', async ({ params: { token } }, reply) => {
      const portal = await clients.documents.portal({ token });
      if (!portal) return ended(reply);
      const customer = { organization_id: portal.customer_id };
      const [balances, methods] = await Promise.all([
        orNull(clients.balanceSteps.balances(customer), logger),
        orNull(clients.paymentMethods.list(customer), logger),
      ]);
      const address = `/portal/${encodeURIComponent(token)}`;
      return send(reply, portalPage(portal, { balances, methods }, address));
    });
    fastify.post<ByToken>('/:token/payment-methods', async ({ params: { token } }, reply) => {
      const portal = await clients.documents.portal({ token });
      if (!portal) return ended(reply);
      const back = `${publicUrl}/portal/${encodeURIComponent(token)}`;
      const { url } = await clients.paymentMethods.setup({
        ...{ organization_id: portal.customer_id, currency: portal.currency ?? 'USD' },
        ...{ success_url: back, cancel_url: back },
      });
      return reply.redirect(url, 303);
    });
  };

/** The rest of a page is shown where one part of it cannot be read; the page says so. */
async function orNull<T>(read: Promise<T>, logger: Pick<Logger, 'warn'>): Promise<T | null> {
  try {
    return await read;
  } catch (err) {
    logger.warn({ err }, 'a part of the customer portal cannot be read');
    return null;
  }
}

const send = (reply: FastifyReply, page: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(page);

const say = (reply: FastifyReply, status: number, title: string, advice: string): FastifyReply =>
  send(
    reply.code(status),
    pageOf(
      title,
      html`<section>
        <h1>${title}</h1>
        <p>${advice}</p>
      </section>`,
    ),
  );

const nothing = (reply: FastifyReply): FastifyReply =>
  say(
    reply,
    reply.statusCode >= 400 ? reply.statusCode : 404,
    'There is no such document',
    'Ask whoever sent you the link for a new one.',
  );

const ended = (reply: FastifyReply): FastifyReply =>
  say(reply, 404, 'This link has ended', 'Ask whoever sent you the link for a new one.');
