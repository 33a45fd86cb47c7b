import { ApiProperty } from '@nestjs/swagger';

const QUANTITY = { oneOf: [{ type: 'integer' }, { type: 'string', enum: ['unlimited'] }] };

export class PlanFeaturesModel {
  @ApiProperty({
    ...QUANTITY,
    example: 25_000,
    description: 'Allowance over all channels, per period.',
  })
  messages_included!: number | 'unlimited';

  @ApiProperty({ type: [String], example: ['sms', 'email'] })
  channels!: readonly string[];

  @ApiProperty({ ...QUANTITY, example: 5 })
  agents!: number | 'unlimited';

  @ApiProperty({ ...QUANTITY, example: 500 })
  voice_minutes!: number | 'unlimited';

  @ApiProperty({ example: 'priority' })
  support!: string;
}

export class OfferedPlanModel {
  @ApiProperty({ example: 'plan_growth' })
  id!: string;

  @ApiProperty({ example: 'Growth' })
  name!: string;

  @ApiProperty({ example: 'price_growth_monthly' })
  price_id!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 199,
    description: 'Null: the price is on request.',
  })
  price_monthly!: number | null;

  @ApiProperty({ example: 'usd' })
  currency!: string;

  @ApiProperty({ type: PlanFeaturesModel })
  features!: PlanFeaturesModel;
}

export class PlanMethodModel {
  @ApiProperty({ example: 'card' })
  type!: string;

  @ApiProperty({ type: String, nullable: true, example: '4242' })
  last4!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'visa' })
  brand!: string | null;
}

export class CurrentPlanModel {
  @ApiProperty({ example: 'plan_growth' })
  plan_id!: string;

  @ApiProperty({ example: 'Growth' })
  name!: string;

  @ApiProperty({ example: 'active', description: 'active, trialing, past_due, unpaid, paused.' })
  status!: string;

  @ApiProperty({ example: '2026-03-01T00:00:00Z' })
  current_period_start!: string;

  @ApiProperty({ example: '2026-03-31T23:59:59Z', description: 'Last second of the period.' })
  current_period_end!: string;

  @ApiProperty({ example: false })
  cancel_at_period_end!: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'Begins with the next period.' })
  pending_plan_id!: string | null;

  @ApiProperty({ type: PlanMethodModel, nullable: true })
  payment_method!: PlanMethodModel | null;
}

export class PlanCheckoutModel {
  @ApiProperty({ example: 'https://checkout.stripe.com/c/pay/cs_live_abc123' })
  checkoutUrl!: string;
}

export class BillingPeriodModel {
  @ApiProperty({ example: '2026-03-01T00:00:00Z' })
  start!: string;

  @ApiProperty({ example: '2026-03-31T23:59:59Z', description: 'Last second of the period.' })
  end!: string;
}

export class SentModel {
  @ApiProperty({ example: 3_420 })
  sent!: number;

  @ApiProperty({ ...QUANTITY, example: 25_000, description: 'One pool for all channels.' })
  included!: number | 'unlimited';
}

export class SentByChannelModel {
  @ApiProperty({ type: SentModel })
  sms!: SentModel;

  @ApiProperty({ type: SentModel })
  whatsapp!: SentModel;

  @ApiProperty({ type: SentModel })
  email!: SentModel;

  @ApiProperty({ type: SentModel })
  rcs!: SentModel;

  @ApiProperty({ type: SentModel })
  viber!: SentModel;
}

export class VoiceUsageModel {
  @ApiProperty({ example: 142 })
  minutes_used!: number;

  @ApiProperty({ ...QUANTITY, example: 500 })
  minutes_included!: number | 'unlimited';
}

export class AgentUsageModel {
  @ApiProperty({ example: 2_340 })
  invocations!: number;

  @ApiProperty({ ...QUANTITY, example: 10_000 })
  invocations_included!: number | 'unlimited';
}

export class PeriodUsageModel {
  @ApiProperty({ type: BillingPeriodModel })
  billing_period!: BillingPeriodModel;

  @ApiProperty({ type: SentByChannelModel })
  messages!: SentByChannelModel;

  @ApiProperty({ type: VoiceUsageModel })
  voice!: VoiceUsageModel;

  @ApiProperty({ type: AgentUsageModel })
  agents!: AgentUsageModel;
}

export class UsageBucketModel {
  @ApiProperty({ example: '2026-03-01', description: 'A UTC day, or a month such as 2026-03.' })
  period!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { sms: 120, whatsapp: 0, email: 3, rcs: 0, viber: 0 },
  })
  messages!: Record<string, number>;

  @ApiProperty({ example: 12 })
  voice_minutes!: number;

  @ApiProperty({ example: 40 })
  agent_invocations!: number;
}
