import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MARGIN_BY, type MarginBy } from '@orbit/contracts';
import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { IfGiven, IsInstant, NOT_A_CURSOR, QueryInteger } from '../../edge/requests/field-rules.js';

const FROM = '2026-05-01T00:00:00.000Z';
const TO = '2026-06-01T00:00:00.000Z';

export class MarginQueryModel {
  @ApiProperty({ enum: MARGIN_BY, example: 'channel' })
  @IsIn(MARGIN_BY)
  by!: MarginBy;

  @ApiProperty({ example: FROM, description: 'Booked from then on; an instant with its zone.' })
  @IsInstant()
  from!: string;

  @ApiProperty({ example: TO, description: 'And before then; at most 366 days later.' })
  @IsInstant()
  to!: string;

  @ApiPropertyOptional()
  @IfGiven()
  @IsString()
  @Length(1, 64)
  organization_id?: string;

  @ApiPropertyOptional()
  @IfGiven()
  @IsString()
  @Length(1, 64)
  account_id?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 500, default: 200, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 200;

  @ApiPropertyOptional({ description: '`cursor` of the page before.' })
  @IfGiven()
  @Matches(/^[\w-]{1,512}$/, NOT_A_CURSOR)
  cursor?: string;
}

export class MarginRowModel {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'ai',
    description: 'Channel, price or organization; null: charges that name none.',
  })
  key!: string | null;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: 1000, type: 'integer' })
  charges!: number;

  @ApiProperty({ example: '8.755', description: 'Less reversals; exact.' })
  revenue!: string;

  @ApiProperty({ example: '3.5', description: 'Of the charges that name a cost; exact.' })
  cost!: string;

  @ApiProperty({ example: '5.255', description: 'revenue − cost' })
  margin!: string;
}

export class MarginModel {
  @ApiProperty({ enum: MARGIN_BY, example: 'channel' })
  by!: MarginBy;

  @ApiProperty({ example: FROM })
  from!: string;

  @ApiProperty({ example: TO })
  to!: string;

  @ApiProperty({ type: [MarginRowModel] })
  rows!: readonly MarginRowModel[];

  @ApiProperty({ type: String, nullable: true, description: 'Of the next page; null: the last.' })
  cursor!: string | null;
}
