import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { Envelopes, type Envelope, type Meta } from '../../edge/http/envelope.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { RotateKeyBody } from '../operators/operator-keys.models.js';
import { IssuedKeyModel, OrganizationsQuery, RevokedKeyModel } from '../organizations.models.js';
import { ApiKeyModel, RevokeKeyBody } from './api-keys.models.js';
import { ManageKeys } from './manage-keys.js';
import type { OrganizationKey } from './organization-key.js';

interface KeysAnswer {
  readonly data: readonly ApiKeyModel[];
  readonly meta: Meta & { readonly pagination: { cursor: string | null; has_more: boolean } };
}

/** Keys of organizations: what there is, successors, and the end of one that was found somewhere. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'missing_scope', 'unavailable', 'timeout')
@Controller('api/v1/operator')
export class ApiKeysController {
  constructor(
    private readonly manageKeys: ManageKeys,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('organizations/:organization_id/api-keys')
  @ApiOperation({ summary: 'List the API keys of an organization, newest first' })
  @ApiAnswer(200, ApiKeyModel, 'One page, without the keys themselves.', { isArray: true })
  @ApiErrors('invalid_field', 'unknown_field', 'not_found')
  async list(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Query(new DtoReader(OrganizationsQuery)) query: OrganizationsQuery,
  ): Promise<KeysAnswer> {
    const { limit, cursor = null } = query;
    const found = await this.manageKeys.list(organizationId, limit + 1, cursor);
    const data = found.slice(0, limit).map(toResponse);
    const has_more = found.length > limit;
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }

  @Post('api-keys/:api_key_id/rotate')
  @ApiOperation({ summary: 'Create a successor of an API key; both are valid for a time' })
  @ApiAnswer(201, IssuedKeyModel, 'The new key is shown this once.')
  @ApiErrors('invalid_field', 'unknown_field', 'not_found', 'conflict')
  async rotate(
    @Req() request: FastifyRequest,
    @Param('api_key_id') keyId: string,
    @Body() body: unknown,
  ): Promise<Envelope<IssuedKeyModel>> {
    const { overlap_seconds } = new DtoReader(RotateKeyBody).transform(body ?? {});
    const by = request.operator.keyId;
    const { stored, key } = await this.manageKeys.rotate(keyId, overlap_seconds * 1_000, by);
    return this.envelopes.wrap(request, { id: stored.id, key, mode: stored.mode });
  }

  @Post('api-keys/revoke')
  @HttpCode(200)
  @ApiOperation({ summary: 'Revoke an API key by itself, for one that was found somewhere' })
  @ApiAnswer(200, RevokedKeyModel, 'The key is refused from now on.')
  @ApiErrors('invalid_field', 'unknown_field', 'not_found')
  async revoke(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(RevokeKeyBody)) { key }: RevokeKeyBody,
  ): Promise<Envelope<RevokedKeyModel>> {
    return this.envelopes.wrap(request, { id: await this.manageKeys.revoke(key), revoked: true });
  }
}

const toResponse = (key: OrganizationKey): ApiKeyModel => ({
  id: key.id,
  mode: key.mode,
  name: key.name,
  scopes: key.scopes,
  last_four: key.lastFour,
  created_by: key.createdBy,
  created_at: key.createdAt.toISOString(),
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  expires_at: key.expiresAt?.toISOString() ?? null,
  revoked_at: key.revokedAt?.toISOString() ?? null,
  replaced_by: key.replacedBy,
});
