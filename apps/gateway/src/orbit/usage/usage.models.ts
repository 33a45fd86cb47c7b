import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CHARGE_ID_PATTERN } from '@orbit/events';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsEventInstant, QueryInteger } from '../../edge/requests/field-rules.js';

export class UsageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 365, default: 30, type: 'integer' })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(365)
  days: number = 30;
}

export class ChannelUsageModel {
  @ApiProperty({ example: 'sms' })
  key!: string;

  @ApiProperty({ example: 'sms' })
  channel!: string;

  @ApiProperty({ example: 3420 })
  total_messages!: number;

  @ApiProperty({ example: 3380, description: 'From delivery reports.' })
  delivered!: number;

  @ApiProperty({ example: 12, description: 'From delivery reports.' })
  failed!: number;

  @ApiProperty({ example: 27_360, description: 'Cents, rounded half up from the exact sum.' })
  total_cost_minor!: number;

  @ApiProperty({ example: 273.6 })
  total_cost!: number;

  @ApiProperty({ example: '273.60', description: 'The exact sum.' })
  total_cost_exact!: string;
}

export class DeliveryReportBody {
  @ApiProperty({ example: 'sms_msg_01J9KP3R5W8YEQ4DXG6N7H2VKZ' })
  @Matches(new RegExp(CHARGE_ID_PATTERN), {
    message: '$property is 1 to 255 visible ASCII characters, and not "." or ".."',
  })
  charge_id!: string;

  @ApiProperty({ enum: ['delivered', 'failed'] })
  @IsIn(['delivered', 'failed'])
  status!: 'delivered' | 'failed';

  @ApiProperty({ example: '2026-05-16T11:21:20.000Z' })
  @IsEventInstant()
  occurred_at!: string;
}

export class DeliveryReportsBody {
  @ApiProperty({ type: [DeliveryReportBody], minItems: 1, maxItems: 1000 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => DeliveryReportBody)
  reports!: DeliveryReportBody[];
}

export class AcceptedModel {
  @ApiProperty({ example: 1 })
  accepted!: number;
}
