import { ApiProperty } from '@nestjs/swagger';
import { CHARGE_ID_PATTERN } from '@orbit/events';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  Matches,
  ValidateNested,
} from 'class-validator';
import { IsEventInstant } from '../../edge/requests/field-rules.js';

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
