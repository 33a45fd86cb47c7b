import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const DESCRIPTION = `
Prepaid wallets, charged in real time. Amounts are decimal strings (\`"0.0075"\`), exact to the
micro; integers are minor units. Answers are \`{data, meta}\`, errors \`{error, meta}\`.

**Keys.** Send \`X-API-Key: dv_live_sk_…\` (or \`Authorization: Bearer …\`). Keep it on your server: a page shows it to
whoever opens it, so scripts of web pages are refused. A key has scopes (\`read\`, \`spend\`, \`manage\`); without the one that a route
asks for it gets 403 \`missing_scope\`. A test key (\`dv_test_sk_…\`) reads; it moves no money of a live organization.

**Repeating.** A charge id names one charge for ever: the same request again answers as the first
time, with \`Idempotency-Replayed: true\`. Errors with status 503, 504 and 429 may be repeated with
the same ids after \`Retry-After\`.

**Request ids.** Each answer carries \`X-Request-Id\`; send your own to find a request again.

\`/v1/billing\` answers like \`/api/v1/billing\`.
`;

const STYLE = `
.swagger-ui .topbar { display: none }
body { background: #fbfbfd; margin: 0 }
.swagger-ui { font-family: system-ui, sans-serif; color: #1c2230 }
.swagger-ui .wrapper { max-width: 1080px }
.swagger-ui .info { margin: 40px 0 24px }
.swagger-ui .info .title { font-family: inherit; font-weight: 650; letter-spacing: -0.01em }
.swagger-ui .info p, .swagger-ui .info li { font-family: inherit; font-size: 15px; line-height: 1.6 }
.swagger-ui .scheme-container { background: none; box-shadow: none; border-top: 1px solid #e5e8ef; padding: 16px 0 }
.swagger-ui .opblock-tag { font-family: inherit; font-size: 20px; border-bottom: 1px solid #e5e8ef }
.swagger-ui .opblock { border-radius: 8px; box-shadow: none }
.swagger-ui .opblock .opblock-summary-description { font-family: inherit; color: #4a5468 }
`;

/** The document without examples of ours that are not served: built from the controllers alone. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Orbit Billing API')
    .setVersion('1.0')
    .setDescription(DESCRIPTION)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, 'api_key')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A named operator key' },
      'operator_key',
    )
    .addTag('Charges', 'Hold, take or give back money of a wallet.')
    .addTag('Wallet', 'What a wallet holds and what happened to it.')
    .addTag('Payment methods', 'What top-ups without a page are charged to.')
    .addTag('Usage', 'What was sent, and what became of it.')
    .addTag('Invoices', 'Receipts of top-ups.')
    .addTag('Operator', 'Organizations and their keys; takes the operator key.')
    .addTag('Webhooks', 'What Stripe calls.')
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
  });
}

/** /api/docs and /api/openapi.json; swagger-ui comes from this process, nothing from elsewhere. */
export function serveDocs(app: NestFastifyApplication, hasPage: boolean): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), {
    ui: hasPage,
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
    customSiteTitle: 'Orbit Billing API',
    customCss: STYLE,
    swaggerOptions: {
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      persistAuthorization: true,
    },
  });
}
