import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { KEY_SCOPES } from '../edge/keys/scopes.js';
import { toInstant } from '../edge/requests/field-rules.js';
import { CreateKeyBody } from './keys/api-keys.models.js';
import { ManageOrganizations } from './manage-organizations.js';
import type { Organization } from '../edge/ports.js';
import { readNoFields } from '../orbit/charges/charge-request.js';
import { readUnit } from '../edge/requests/wallet-unit.js';
import { ApiAnswer, ApiErrors } from '../edge/docs/api-docs.js';
import { DtoReader } from '../edge/requests/dto-reader.js';
import { Envelopes, type Envelope, type Meta } from '../edge/http/envelope.js';
import {
  CreatedOrganizationModel,
  CreateOrganizationBody,
  IssuedKeyModel,
  OrganizationModel,
  OrganizationsQuery,
  PausedModel,
  RevokedKeyModel,
} from './organizations.models.js';

interface OrganizationsAnswer {
  readonly data: readonly OrganizationModel[];
  readonly meta: Meta & { readonly pagination: { cursor: string | null; has_more: boolean } };
}

@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator')
export class OrganizationsController {
  constructor(
    private readonly manageOrganizations: ManageOrganizations,
    private readonly envelopes: Envelopes,
  ) {}

  @Post('organizations')
  @ApiOperation({ summary: 'Create an organization with its wallet and first API key' })
  @ApiAnswer(201, CreatedOrganizationModel, 'The key is shown this once.')
  @ApiErrors('invalid_field', 'unknown_field', 'unsupported_currency')
  async create(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(CreateOrganizationBody)) body: CreateOrganizationBody,
  ): Promise<Envelope<CreatedOrganizationModel>> {
    const { organization, key } = await this.manageOrganizations.create(
      body.name,
      readUnit(body.currency),
      body.mode,
      body.account_id,
      request.operator.keyId,
    );
    return this.envelopes.wrap(request, { organization: toResponse(organization), api_key: key });
  }

  @Get('organizations')
  @ApiOperation({ summary: 'List organizations, newest first' })
  @ApiAnswer(200, OrganizationModel, 'One page.', { isArray: true })
  @ApiErrors('invalid_field', 'unknown_field')
  async list(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(OrganizationsQuery)) query: OrganizationsQuery,
  ): Promise<OrganizationsAnswer> {
    const { limit, cursor = null } = query;
    const found = await this.manageOrganizations.list(limit + 1, cursor);
    const data = found.slice(0, limit).map(toResponse);
    const has_more = found.length > limit;
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }

  @Post('organizations/:organization_id/api-keys')
  @ApiOperation({ summary: 'Create another API key' })
  @ApiAnswer(201, IssuedKeyModel, 'The key is shown this once.')
  @ApiErrors('invalid_field', 'unknown_field', 'not_found')
  async createKey(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Body(new DtoReader(CreateKeyBody)) body: CreateKeyBody,
  ): Promise<Envelope<IssuedKeyModel>> {
    const key = await this.manageOrganizations.createKey(organizationId, body.mode, {
      name: body.name ?? null,
      scopes: body.scopes ?? KEY_SCOPES,
      expiresAt: instantOf(body.expires_at),
      createdBy: request.operator.keyId,
    });
    return this.envelopes.wrap(request, key);
  }

  @Delete('api-keys/:api_key_id')
  @ApiOperation({ summary: 'Revoke an API key immediately and permanently' })
  @ApiAnswer(200, RevokedKeyModel, 'The key is refused from now on.')
  @ApiErrors('not_found')
  async revokeKey(
    @Req() request: FastifyRequest,
    @Param('api_key_id') keyId: string,
  ): Promise<Envelope<RevokedKeyModel>> {
    await this.manageOrganizations.revokeKey(keyId);
    return this.envelopes.wrap(request, { id: keyId, revoked: true });
  }

  @Post('organizations/:organization_id/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Refuse new charges of an organization until it is resumed' })
  @ApiAnswer(200, PausedModel, 'The wallet is paused.')
  @ApiErrors('not_found')
  pause(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Body() body: unknown,
  ): Promise<Envelope<PausedModel>> {
    readNoFields(body);
    return this.setPaused(request, organizationId, true);
  }

  @Post('organizations/:organization_id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'End a manual pause' })
  @ApiAnswer(200, PausedModel, 'The manual pause is gone.')
  @ApiErrors('not_found')
  resume(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Body() body: unknown,
  ): Promise<Envelope<PausedModel>> {
    readNoFields(body);
    return this.setPaused(request, organizationId, false);
  }

  private async setPaused(
    request: FastifyRequest,
    organizationId: string,
    paused: boolean,
  ): Promise<Envelope<PausedModel>> {
    const wallet = await this.manageOrganizations.pause(organizationId, paused);
    const { outbound_paused, outbound_block_reason } = wallet;
    const data = { organization_id: organizationId, outbound_paused, outbound_block_reason };
    return this.envelopes.wrap(request, data);
  }
}

const instantOf = (text: string | null | undefined): Date | null =>
  typeof text === 'string' ? new Date(toInstant(text) ?? text) : null;

function toResponse({ id, name, currency, accountId, createdAt }: Organization): OrganizationModel {
  const created_at = createdAt.toISOString();
  return { id, name, currency: currency.toLowerCase(), account_id: accountId, created_at };
}
