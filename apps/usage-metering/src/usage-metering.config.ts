import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNotEmpty, IsString, Max, Min } from 'class-validator';

/** Environment of usage-metering, checked at start: a wrong value is a failed deploy, not an incident. */
export class UsageMeteringConfig {
  @IsIn(['development', 'test', 'production'])
  ORBIT_ENV: string = 'development';

  /** Connection of the role orbit_usage_metering. */
  @IsString()
  @IsNotEmpty()
  DATABASE_URL!: string;

  /** host:port, comma separated. */
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS!: string;

  @IsString()
  KAFKA_TOPIC_PREFIX: string = '';

  /** host:port on which queries are answered. */
  @IsString()
  @IsNotEmpty()
  USAGE_METERING_RPC!: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(65_535)
  HEALTH_PORT!: number;

  @IsString()
  LOG_LEVEL: string = 'info';

  /** Connections to PostgreSQL: batches of some partitions at once, and queries beside them. */
  @Type(() => Number)
  @IsInt()
  @Min(2)
  @Max(64)
  METERING_POOL_SIZE_MAX: number = 6;
}
