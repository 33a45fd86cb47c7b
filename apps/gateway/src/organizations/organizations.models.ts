import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { KEY_MODES, type KeyMode } from './api-key.js';
import {
  IfGiven,
  nameFault,
  NOT_A_CURSOR,
  QueryInteger,
  VISIBLE_NAME,
} from '../edge/requests/field-rules.js';

export class CreateOrganizationBody {
  @ApiProperty({ example: 'Acme Messaging', minLength: 1, maxLength: 200 })
  @IsString()
  @Length(1, 200)
  @Matches(VISIBLE_NAME, { message: nameFault })
  name!: string;

  @ApiPropertyOptional({
    example: 'USD',
    default: 'USD',
    description: 'ISO 4217, or a custom unit.',
  })
  @IsOptional()
  @IsString()
  currency: string = 'USD';

  @ApiPropertyOptional({
    enum: KEY_MODES,
    description: 'Mode of the first key. Default: the mode of the account.',
  })
  @IfGiven()
  @IsIn(KEY_MODES)
  mode?: KeyMode;

  @ApiPropertyOptional({
    example: 'acct_live',
    default: 'acct_live',
    description: 'Account that the organization belongs to.',
  })
  @IfGiven()
  @Matches(/^acct_[A-Za-z0-9]{1,59}$/, { message: '$property is the id of an account' })
  account_id?: string;
}

export class OrganizationsQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @ApiPropertyOptional({ description: '`meta.pagination.cursor` of the page before.' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, NOT_A_CURSOR)
  cursor?: string;
}

export class OrganizationModel {
  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ example: 'Acme Messaging' })
  name!: string;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ example: 'acct_live' })
  account_id!: string;

  @ApiProperty({ example: '2026-05-16T12:00:00.000Z' })
  created_at!: string;
}

export class IssuedKeyModel {
  @ApiProperty({ example: 'ak_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ example: 'dv_live_sk_…', description: 'Shown once; only a keyed hash is stored.' })
  key!: string;

  @ApiProperty({ enum: KEY_MODES })
  mode!: KeyMode;
}

export class CreatedOrganizationModel {
  @ApiProperty({ type: OrganizationModel })
  organization!: OrganizationModel;

  @ApiProperty({ type: IssuedKeyModel })
  api_key!: IssuedKeyModel;
}

export class RevokedKeyModel {
  @ApiProperty({ example: 'ak_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ example: true })
  revoked!: boolean;
}

export class PausedModel {
  @ApiProperty({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  organization_id!: string;

  @ApiProperty({ example: true })
  outbound_paused!: boolean;

  @ApiProperty({ example: 'manual', nullable: true, type: String })
  outbound_block_reason!: string | null;
}
