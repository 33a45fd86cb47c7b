import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsString,
  Length,
  Matches,
} from 'class-validator';
import { KEY_SCOPES, type KeyScope } from '../../edge/keys/scopes.js';
import {
  IfGiven,
  IfNotNull,
  IsInstant,
  nameFault,
  VISIBLE_NAME,
} from '../../edge/requests/field-rules.js';
import { KEY_MODES, type KeyMode } from '../api-key.js';

export class CreateKeyBody {
  @ApiProperty({ enum: KEY_MODES, example: 'live' })
  @IsIn(KEY_MODES)
  mode!: KeyMode;

  @ApiPropertyOptional({ example: 'sender in Frankfurt', nullable: true, type: String })
  @IfNotNull()
  @IsString()
  @Length(1, 100)
  @Matches(VISIBLE_NAME, { message: nameFault })
  name?: string | null;

  @ApiPropertyOptional({
    enum: KEY_SCOPES,
    isArray: true,
    description: 'Permissions of the key. Default: all.',
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(KEY_SCOPES, { each: true })
  scopes?: KeyScope[];

  @ApiPropertyOptional({ example: '2027-05-16T12:00:00Z', nullable: true, type: String })
  @IfNotNull()
  @IsInstant()
  expires_at?: string | null;
}

export class RevokeKeyBody {
  @ApiProperty({ example: 'dv_live_sk_…', description: 'The key itself.' })
  @IsString()
  @Length(1, 256)
  key!: string;
}

export class ApiKeyModel {
  @ApiProperty({ example: 'ak_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ enum: KEY_MODES })
  mode!: KeyMode;

  @ApiProperty({ example: 'sender in Frankfurt', nullable: true, type: String })
  name!: string | null;

  @ApiProperty({ enum: KEY_SCOPES, isArray: true })
  scopes!: readonly KeyScope[];

  @ApiProperty({ example: 'x7Qd' })
  last_four!: string;

  @ApiProperty({
    example: 'environment',
    nullable: true,
    type: String,
    description: 'Id of the operator key that made it; null for keys of older versions.',
  })
  created_by!: string | null;

  @ApiProperty({ example: '2026-05-16T12:00:00.000Z' })
  created_at!: string;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description: 'To about ten minutes.',
  })
  last_used_at!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  expires_at!: string | null;

  @ApiProperty({ example: null, nullable: true, type: String })
  revoked_at!: string | null;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description: 'Its successor, once rotated.',
  })
  replaced_by!: string | null;
}
