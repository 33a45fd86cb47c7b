import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { OrbitError } from '@orbit/contracts';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

export const WEBHOOK_PATH = '/webhooks/stripe';

@ApiTags('Webhooks')
@ApiErrors('invalid_signature', 'body_too_large', 'unavailable', 'timeout')
@Controller('webhooks')
export class WebhooksController {
  constructor(@Inject(CLIENTS) private readonly clients: Clients) {}

  /** Stripe repeats until it reads 2xx, so an answer of 503 loses nothing. */
  @Post('stripe')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Receive events of Stripe; the signature is verified over the raw bytes',
  })
  @ApiHeader({ name: 'Stripe-Signature', required: true })
  @ApiBody({ schema: { type: 'object' }, description: 'An event as Stripe signs it.' })
  @ApiResponse({ status: 200, description: 'The event is stored.' })
  async stripe(
    @Body() rawBody: unknown,
    @Headers('stripe-signature') signature: string | undefined,
  ): Promise<{ received: true }> {
    if (signature === undefined || !Buffer.isBuffer(rawBody) || rawBody.length === 0) {
      throw new OrbitError('invalid_signature', 'The webhook carries no signature or no body.');
    }
    const payload = rawBody.toString('base64');
    await this.clients.stripeWebhooks.receive({ payload, signature });
    return { received: true };
  }
}
