import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { IfGiven, IsInstant, NOT_A_CURSOR, QueryInteger } from '../../edge/requests/field-rules.js';

export class AuditQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @ApiPropertyOptional({ description: '`meta.pagination.cursor` of the page before.' })
  @IfGiven()
  @Matches(/^aud_[A-Za-z0-9]{1,60}$/, NOT_A_CURSOR)
  cursor?: string;

  @ApiPropertyOptional({ description: 'Changes by this key.' })
  @IfGiven()
  @IsString()
  @Length(1, 128)
  key_id?: string;

  @ApiPropertyOptional({ description: 'Changes of this organization.' })
  @IfGiven()
  @IsString()
  @Length(1, 128)
  organization_id?: string;

  @ApiPropertyOptional({ description: 'Changes of this account.' })
  @IfGiven()
  @IsString()
  @Length(1, 128)
  account_id?: string;

  @ApiPropertyOptional({ description: 'What came of this request.' })
  @IfGiven()
  @IsString()
  @Length(1, 128)
  request_id?: string;

  @ApiPropertyOptional({
    description: 'Template of the route, or the operation of /v1.',
    example: '/api/v1/operator/organizations/:organization_id/adjustments',
  })
  @IfGiven()
  @IsString()
  @Length(1, 256)
  route?: string;

  @ApiPropertyOptional({ description: 'From this instant on.', example: '2026-05-16T12:00:00Z' })
  @IfGiven()
  @IsInstant()
  from?: string;

  @ApiPropertyOptional({ description: 'Before this instant.', example: '2026-05-17T12:00:00Z' })
  @IfGiven()
  @IsInstant()
  to?: string;
}

export class AuditRecordModel {
  @ApiProperty({ example: 'aud_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({ example: '2026-05-16T12:00:00.000Z' })
  at!: string;

  @ApiProperty({ enum: ['operator key', 'organization key', 'account key'] })
  door!: string;

  @ApiProperty({ example: 'opk_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  key_id!: string;

  @ApiProperty({ nullable: true, type: String, example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  organization_id!: string | null;

  @ApiProperty({ nullable: true, type: String, example: null })
  account_id!: string | null;

  @ApiProperty({ example: 'POST' })
  method!: string;

  @ApiProperty({ example: '/api/v1/operator/organizations/:organization_id/adjustments' })
  route!: string;

  @ApiProperty({ example: '/api/v1/operator/organizations/org_01KAKJ/adjustments' })
  subject!: string;

  @ApiProperty({ example: 'req_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  request_id!: string;

  @ApiProperty({ example: '203.0.113.9' })
  address!: string;

  @ApiProperty({ nullable: true, description: 'The body, without secrets.' })
  asked!: unknown;

  @ApiProperty({
    nullable: true,
    type: 'integer',
    example: 201,
    description: 'Null where no answer left: it may or may not have been carried out.',
  })
  status!: number | null;

  @ApiProperty({
    nullable: true,
    description: 'The state before the change, where it was read anyway.',
  })
  before!: unknown;

  @ApiProperty({ nullable: true, description: 'The answer, without secrets.' })
  after!: unknown;
}
