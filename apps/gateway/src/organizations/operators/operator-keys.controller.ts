import { Body, Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { toInstant } from '../../edge/requests/field-rules.js';
import { ManageOperatorKeys, type IssuedOperatorKey } from './manage-operator-keys.js';
import type { OperatorKey } from './operator-key.js';
import {
  CreateOperatorKeyBody,
  IssuedOperatorKeyModel,
  OperatorKeyModel,
  RevokedOperatorKeyModel,
  RotateKeyBody,
} from './operator-keys.models.js';

/** Named keys of operators. OPERATOR_API_KEY makes the first one. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'missing_scope', 'unavailable', 'timeout')
@Controller('api/v1/operator/keys')
export class OperatorKeysController {
  constructor(
    private readonly manageKeys: ManageOperatorKeys,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List all operator keys that ever were, newest first' })
  @ApiAnswer(200, OperatorKeyModel, 'Without the keys themselves.', { isArray: true })
  async list(@Req() request: FastifyRequest): Promise<Envelope<readonly OperatorKeyModel[]>> {
    return this.envelopes.wrap(request, (await this.manageKeys.list()).map(toResponse));
  }

  @Post()
  @ApiOperation({ summary: 'Create a named operator key with a role' })
  @ApiAnswer(201, IssuedOperatorKeyModel, 'The key is shown this once.')
  @ApiErrors('invalid_field', 'unknown_field')
  async create(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(CreateOperatorKeyBody)) body: CreateOperatorKeyBody,
  ): Promise<Envelope<IssuedOperatorKeyModel>> {
    const { name, role, expires_at } = body;
    const expiresAt =
      typeof expires_at === 'string' ? new Date(toInstant(expires_at) ?? expires_at) : null;
    const made = await this.manageKeys.create({ name, role, expiresAt }, request.operator.keyId);
    return this.envelopes.wrap(request, issued(made));
  }

  @Post(':key_id/rotate')
  @ApiOperation({ summary: 'Create a successor of an operator key; both are valid for a time' })
  @ApiAnswer(201, IssuedOperatorKeyModel, 'The new key is shown this once.')
  @ApiErrors('invalid_field', 'unknown_field', 'not_found', 'conflict')
  async rotate(
    @Req() request: FastifyRequest,
    @Param('key_id') keyId: string,
    @Body() body: unknown,
  ): Promise<Envelope<IssuedOperatorKeyModel>> {
    const { overlap_seconds } = new DtoReader(RotateKeyBody).transform(body ?? {});
    const by = request.operator.keyId;
    const made = await this.manageKeys.rotate(keyId, overlap_seconds * 1_000, by);
    return this.envelopes.wrap(request, issued(made));
  }

  @Delete(':key_id')
  @ApiOperation({ summary: 'Revoke an operator key immediately and permanently' })
  @ApiAnswer(200, RevokedOperatorKeyModel, 'The key is refused from now on.')
  @ApiErrors('not_found')
  async revoke(
    @Req() request: FastifyRequest,
    @Param('key_id') keyId: string,
  ): Promise<Envelope<RevokedOperatorKeyModel>> {
    await this.manageKeys.revoke(keyId);
    return this.envelopes.wrap(request, { id: keyId, revoked: true });
  }
}

const toResponse = (key: OperatorKey): OperatorKeyModel => ({
  id: key.id,
  name: key.name,
  role: key.role,
  last_four: key.lastFour,
  created_by: key.createdBy,
  created_at: key.createdAt.toISOString(),
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  expires_at: key.expiresAt?.toISOString() ?? null,
  revoked_at: key.revokedAt?.toISOString() ?? null,
  replaced_by: key.replacedBy,
});

const issued = ({ stored, key }: IssuedOperatorKey): IssuedOperatorKeyModel => ({
  ...toResponse(stored),
  key,
});
