import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  CREDIT_DRAWS_RPC,
  DRAW_PARTS_MAX,
  HELD_CURRENCIES_MAX,
  type CreditDrawPart,
  type CreditReturned,
  type CreditsDrawn,
  type CreditsHeld,
  type DrawCredits as DrawCreditsRequest,
  type HeldCredits,
  type ReturnCredit,
} from '@orbit/contracts';
import { invalid, readInstant, readPositive, toKey } from '../../books/adapters/requests.js';
import { DrawCredits, type DrawRequest } from '../application/draw-credits.js';
import type { DrawPart } from '../domain/draw-document.js';

const ID = /^[\x21-\x7e]{1,200}$/;

/** Credit that documents draw, over Nest TCP; CREDIT_DRAWS_RPC says what it takes. */
@Controller()
export class CreditDrawsController {
  constructor(private readonly drawCredits: DrawCredits) {}

  @MessagePattern(CREDIT_DRAWS_RPC.draw)
  draw(request: DrawCreditsRequest): Promise<CreditsDrawn> {
    return this.drawCredits.run(readRequest(request));
  }

  @MessagePattern(CREDIT_DRAWS_RPC.preview)
  preview(request: DrawCreditsRequest): Promise<CreditsDrawn> {
    return this.drawCredits.preview(readRequest(request));
  }

  @MessagePattern(CREDIT_DRAWS_RPC.held)
  async held(request: HeldCredits): Promise<CreditsHeld> {
    const { currencies } = request;
    if (!Array.isArray(currencies) || currencies.length > HELD_CURRENCIES_MAX) {
      throw invalid('currencies', `currencies are a list of at most ${HELD_CURRENCIES_MAX}.`);
    }
    const organizationId = readId(request.organization_id, 'organization_id');
    return { currencies: await this.drawCredits.held(organizationId, currencies.map(String)) };
  }

  @MessagePattern(CREDIT_DRAWS_RPC.giveBack)
  giveBack(request: ReturnCredit): Promise<CreditReturned> {
    return this.drawCredits.giveBack(toKey(request), {
      returnId: readId(request.return_id, 'return_id'),
      documentId: readId(request.document_id, 'document_id'),
      lineId: readId(request.line_id, 'line_id'),
      amountMicros: readPositive(request.amount, 'amount'),
    });
  }
}

function readRequest(request: DrawCreditsRequest): DrawRequest {
  const { parts } = request;
  if (!Array.isArray(parts) || parts.length > DRAW_PARTS_MAX) {
    throw invalid('parts', `parts are a list of at most ${DRAW_PARTS_MAX}.`);
  }
  return {
    key: toKey(request),
    documentId: readId(request.document_id, 'document_id'),
    parts: parts.map((part, index) => readPart(part as CreditDrawPart, `parts[${index}]`)),
  };
}

const readPart = (part: CreditDrawPart, path: string): DrawPart => ({
  lineId: readId(part.line_id, `${path}.line_id`),
  priceId: part.price_id === null ? null : readId(part.price_id, `${path}.price_id`),
  amountMicros: readPositive(part.amount, `${path}.amount`),
  usedAtMs: readInstant(part.used_at, `${path}.used_at`),
});

function readId(value: unknown, param: string): string {
  if (typeof value === 'string' && ID.test(value)) return value;
  throw invalid(param, `${param} is 1 to 200 visible ASCII characters.`);
}
