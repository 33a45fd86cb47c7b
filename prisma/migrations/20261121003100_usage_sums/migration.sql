-- A sum is not an amount: 1,024 charges of the largest amount in one channel and day were more than a bigint holds,
-- and the batch that made it so came back for ever. What is counted (`messages` and its parts) is 1e9 per charge at
-- most and stays.
ALTER TABLE "usage_metering"."usage_rollup" ALTER COLUMN "cost_micros" TYPE NUMERIC(38, 0);
