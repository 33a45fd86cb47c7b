import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { NOT_A_CURSOR, QueryInteger } from '../../edge/requests/field-rules.js';

export const DOCUMENT_ID = /^[A-Za-z0-9_-]{1,64}$/;

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
  @Matches(DOCUMENT_ID, NOT_A_CURSOR)
  cursor?: string;
}

export class CreditNoteModel {
  @ApiProperty({ example: 'cn_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({
    example: 'CN-2026-001',
    description: 'Document number, without gaps per seller and year.',
  })
  number!: string;

  @ApiProperty({ enum: ['refund', 'dispute'], description: 'A dispute that was lost.' })
  reason!: string;

  @ApiProperty({ example: 2_500, description: 'Amount in minor units.' })
  amount!: number;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({
    enum: ['issued', 'void'],
    description: '`void`: the refund failed at the bank after all; the money stayed.',
  })
  status!: string;

  @ApiProperty({ example: 'https://billing.example.com/api/v1/billing/credit-notes/cn_01KA/pdf' })
  pdf_url!: string;

  @ApiProperty({ example: '2026-05-18T09:00:00Z' })
  created_at!: string;
}

export class InvoiceModel {
  @ApiProperty({ example: 'inv_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })
  id!: string;

  @ApiProperty({
    example: 'INV-2026-003',
    description: 'Document number, without gaps per seller and year.',
  })
  number!: string;

  @ApiProperty({ example: 10_000, description: 'Amount in minor units.' })
  amount!: number;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({
    enum: [
      'paid',
      'partially_refunded',
      'refunded',
      'disputed',
      'charged_back',
      'partially_void',
      'void',
      'open',
      'uncollectible',
    ],
    description:
      '`disputed` while a dispute is open, `charged_back` when all is back and a dispute was lost; `void` and `partially_void`: an operator took the credit back, the money stays paid. `open` and `uncollectible` are of subscriptions.',
  })
  status!: string;

  @ApiProperty({ example: 2_500, description: 'Refunded amount, in minor units.' })
  amount_refunded!: number;

  @ApiProperty({ example: 0, description: 'Refunds in progress, in minor units.' })
  amount_refund_pending!: number;

  @ApiProperty({ example: 0, description: 'Open disputes, in minor units.' })
  amount_disputed!: number;

  @ApiProperty({ example: 0, description: 'Lost disputes, in minor units.' })
  amount_charged_back!: number;

  @ApiProperty({
    example: 0,
    description:
      'Credit that an operator took back and that was not refunded since, in minor units.',
  })
  amount_voided!: number;

  @ApiProperty({
    example: 7_500,
    description: '`amount` minus refunds and chargebacks.',
  })
  amount_net!: number;

  @ApiProperty({
    type: () => [CreditNoteModel],
    description: 'One document per refund or lost dispute. Those of subscriptions are Stripe’s.',
  })
  credit_notes!: readonly CreditNoteModel[];

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
    description: 'Pass it as `cursor` to get the next page.',
  })
  cursor!: string | null;

  @ApiProperty({ example: false })
  has_more!: boolean;

  @ApiProperty({ example: 12 })
  total!: number;
}
