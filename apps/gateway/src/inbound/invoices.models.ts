import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { NOT_A_CURSOR, QueryInteger } from './field-rules.js';

export const INVOICE_ID = /^[A-Za-z0-9_-]{1,64}$/;

export class InvoicesQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 20, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @ApiPropertyOptional({ description: '`meta.pagination.cursor` of the page before.' })
  @IsOptional()
  @Matches(INVOICE_ID, NOT_A_CURSOR)
  cursor?: string;
}

export class InvoiceModel {
  @ApiProperty({ example: 'inv_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({
    example: 'INV-2026-003',
    description: 'Without gaps in an organization and year.',
  })
  number!: string;

  @ApiProperty({ example: 10_000, description: 'Minor units.' })
  amount!: number;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ enum: ['paid', 'refunded', 'void', 'open', 'uncollectible'] })
  status!: string;

  @ApiProperty({ example: '2026-05-01T00:00:00Z' })
  period_start!: string;

  @ApiProperty({ example: '2026-05-31T23:59:59Z' })
  period_end!: string;

  @ApiProperty({ example: 'https://billing.example.com/api/v1/billing/invoices/inv_01KA/pdf' })
  pdf_url!: string;

  @ApiProperty({ example: '2026-05-16T11:22:33Z' })
  created_at!: string;
}

export class PaginationModel {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Give it as `cursor` for the next page.',
  })
  cursor!: string | null;

  @ApiProperty({ example: false })
  has_more!: boolean;

  @ApiProperty({ example: 12 })
  total!: number;
}
