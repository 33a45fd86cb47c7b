import { ApiProperty } from '@nestjs/swagger';
import { IsHttpUrl } from '../../edge/requests/field-rules.js';

export class PaymentMethodModel {
  @ApiProperty({ example: 'pm_abc123' })
  id!: string;

  @ApiProperty({ example: 'card' })
  type!: string;

  @ApiProperty({ example: 'visa', nullable: true, type: String })
  brand!: string | null;

  @ApiProperty({ example: '4242', nullable: true, type: String })
  last4!: string | null;

  @ApiProperty({ example: 12, nullable: true, type: Number })
  exp_month!: number | null;

  @ApiProperty({ example: 2030, nullable: true, type: Number })
  exp_year!: number | null;

  @ApiProperty({ example: true, description: 'Top-ups without a page are charged to this one.' })
  is_default!: boolean;

  @ApiProperty({ example: '2026-05-16T11:22:33.000Z' })
  created_at!: string;
}

export class DetachedPaymentMethodModel {
  @ApiProperty({ example: 'pm_abc123' })
  id!: string;

  @ApiProperty({ example: true })
  detached!: boolean;
}

export class SetupPaymentMethodBody {
  @ApiProperty({ example: 'https://example.com/billing?saved=ok' })
  @IsHttpUrl()
  successUrl!: string;

  @ApiProperty({ example: 'https://example.com/billing?saved=cancelled' })
  @IsHttpUrl()
  cancelUrl!: string;
}

export class SetupPageModel {
  @ApiProperty({ example: 'https://checkout.stripe.com/c/pay/cs_live_abc123' })
  url!: string;
}
