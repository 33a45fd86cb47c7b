import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { AuditRecord } from '../../edge/audit/audit-entry.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { Envelopes, type Meta } from '../../edge/http/envelope.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { toInstant } from '../../edge/requests/field-rules.js';
import { AuditQuery, AuditRecordModel } from './audit.models.js';
import { ReadAudit } from './read-audit.js';

interface AuditAnswer {
  readonly data: readonly AuditRecordModel[];
  readonly meta: Meta & { readonly pagination: { cursor: string | null; has_more: boolean } };
}

@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/audit')
export class AuditController {
  constructor(
    private readonly readAudit: ReadAudit,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List changes by operators and keys, newest first' })
  @ApiAnswer(200, AuditRecordModel, 'One page.', { isArray: true })
  @ApiErrors('invalid_field', 'unknown_field')
  async list(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(AuditQuery)) query: AuditQuery,
  ): Promise<AuditAnswer> {
    const { limit, cursor = null } = query;
    const filter = {
      keyId: query.key_id,
      organizationId: query.organization_id,
      accountId: query.account_id,
      requestId: query.request_id,
      route: query.route,
      from: instant(query.from),
      to: instant(query.to),
    };
    const found = await this.readAudit.run(filter, limit + 1, cursor);
    const data = found.slice(0, limit).map(toResponse);
    const has_more = found.length > limit;
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }
}

const instant = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(toInstant(text) ?? text);

const toResponse = (record: AuditRecord): AuditRecordModel => ({
  id: record.id,
  at: record.at.toISOString(),
  door: record.door,
  key_id: record.keyId,
  organization_id: record.organizationId,
  account_id: record.accountId,
  method: record.method,
  route: record.route,
  subject: record.subject,
  request_id: record.requestId,
  address: record.address,
  asked: record.asked,
  status: record.outcome?.status ?? null,
  before: record.outcome?.before ?? null,
  after: record.outcome?.after ?? null,
});
