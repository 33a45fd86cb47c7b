import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Matches, Max, Min, ValidateIf } from 'class-validator';
import { OPERATOR_ROLES, type OperatorRole } from '../../edge/keys/scopes.js';
import {
  IfGiven,
  IfNotNull,
  IsInstant,
  nameFault,
  VISIBLE_NAME,
} from '../../edge/requests/field-rules.js';

/** A month: longer than that two keys are two keys. */
export const OVERLAP_SECONDS_MAX = 2_592_000;
/** Shorter than this a gateway may still hold the old key in its cache; 0 ends it at once. */
export const OVERLAP_SECONDS_MIN = 60;

export class CreateOperatorKeyBody {
  @ApiProperty({ example: 'Ada Lovelace', minLength: 1, maxLength: 100 })
  @IsString()
  @Length(1, 100)
  @Matches(VISIBLE_NAME, { message: nameFault })
  name!: string;

  @ApiProperty({ enum: OPERATOR_ROLES, example: 'support' })
  @IsIn(OPERATOR_ROLES)
  role!: OperatorRole;

  @ApiPropertyOptional({ example: '2027-05-16T12:00:00Z', nullable: true, type: String })
  @IfNotNull()
  @IsInstant()
  expires_at?: string | null;
}

export class RotateKeyBody {
  @ApiPropertyOptional({
    minimum: 0,
    maximum: OVERLAP_SECONDS_MAX,
    default: 86_400,
    description: 'How long the old key stays valid: 0, or at least 60.',
  })
  @IfGiven()
  @ValidateIf(({ overlap_seconds: seconds }: RotateKeyBody) => seconds !== 0)
  @IsInt()
  @Min(OVERLAP_SECONDS_MIN, { message: '$property is 0, or at least $constraint1' })
  @Max(OVERLAP_SECONDS_MAX)
  overlap_seconds: number = 86_400;
}

export class OperatorKeyModel {
  @ApiProperty({ example: 'opk_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ example: 'Ada Lovelace' })
  name!: string;

  @ApiProperty({ enum: OPERATOR_ROLES })
  role!: OperatorRole;

  @ApiProperty({ example: 'x7Qd' })
  last_four!: string;

  @ApiProperty({ example: 'environment', description: 'Id of the operator key that made it.' })
  created_by!: string;

  @ApiProperty({ example: '2026-05-16T12:00:00.000Z' })
  created_at!: string;

  @ApiProperty({
    example: '2026-05-16T12:00:00.000Z',
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

export class IssuedOperatorKeyModel extends OperatorKeyModel {
  @ApiProperty({ example: 'orbit_op_…', description: 'Shown once; only a keyed hash is stored.' })
  key!: string;
}

export class RevokedOperatorKeyModel {
  @ApiProperty({ example: 'opk_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ example: true })
  revoked!: boolean;
}
