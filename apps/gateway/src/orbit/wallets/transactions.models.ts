import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TRANSACTION_TYPES, TransactionView } from '@orbit/contracts';
import { CHANNEL_PATTERN } from '@orbit/events';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { modelOf } from '../../edge/docs/shape-model.js';
import { IsDateOrInstant, QueryInteger } from '../../edge/requests/field-rules.js';

export class TransactionsQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 30, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 30;

  @ApiPropertyOptional({ description: 'The opaque `cursor` of the page before.' })
  @IsOptional()
  @IsString()
  cursor?: string;

  @ApiPropertyOptional({ description: '`next_cursor.cursor_ts` of the page before.' })
  @IsOptional()
  @IsString()
  cursor_ts?: string;

  @ApiPropertyOptional({ description: '`next_cursor.cursor_id` of the page before.' })
  @IsOptional()
  @IsString()
  cursor_id?: string;

  @ApiPropertyOptional({ enum: TRANSACTION_TYPES })
  @IsOptional()
  @IsIn(TRANSACTION_TYPES)
  type?: (typeof TRANSACTION_TYPES)[number];

  @ApiPropertyOptional({ example: 'sms' })
  @IsOptional()
  @Matches(new RegExp(CHANNEL_PATTERN), {
    message: '$property is 1 to 64 of a-z, 0-9, "_" and "-", a letter first',
  })
  channel?: string;

  @ApiPropertyOptional({ description: 'From this date or instant on.', example: '2026-05-01' })
  @IsOptional()
  @IsDateOrInstant()
  from?: string;

  @ApiPropertyOptional({ description: 'Before this date or instant.', example: '2026-06-01' })
  @IsOptional()
  @IsDateOrInstant()
  to?: string;
}

export class NextCursorModel {
  @ApiProperty({ example: '2026-05-16T11:21:18.901Z' })
  cursor_ts!: string;

  @ApiProperty({ example: 'ct_2vXq7p9yzAbCdEe' })
  cursor_id!: string;
}

export class TransactionPageModel {
  @ApiProperty({ type: [modelOf(TransactionView)] })
  transactions!: readonly TransactionView[];

  @ApiProperty({ type: NextCursorModel, nullable: true })
  next_cursor!: NextCursorModel | null;

  @ApiProperty({ nullable: true, type: String, description: '`next_cursor` as one text.' })
  cursor!: string | null;

  @ApiProperty({ example: true })
  has_more!: boolean;
}
