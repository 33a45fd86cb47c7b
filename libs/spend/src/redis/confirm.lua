-- Writes committed wallets, frees the holds of decided charges and drops claims, all at once,
-- so that no reader sees money both spent and held, or neither.
-- KEYS per wallet: wallet, holds, one record per charge. ARGV per wallet: wallet, state, charge by charge
--   (script-tables.ts).

-- Returns how much is no longer held for the charge.
local function confirmCharge(holds, recordKey, record, at)
  local chargeId, amount, outcome = ARGV[at + CHARGE_ID], ARGV[at + CHARGE_AMOUNT], ARGV[at + CHARGE_OUTCOME]
  local state, held, captured = string.match(record or '', '^(%u)|(%d+)|(%d*)|')
  if not state then
    -- It came without a hold, or its record has expired while the ledger was behind, or is none of ours.
    return redis.call('ZREM', holds, amount .. '|' .. chargeId) * amount
  end
  local isOpen = state == 'C' or state == 'H'
  local standing = (state == 'H' or captured == '') and held or captured
  -- A rejected charge of another amount is not the one that this hold stands for.
  if outcome ~= 'P' and standing ~= amount then return 0 end
  local freed = isOpen and redis.call('ZREM', holds, standing .. '|' .. chargeId) * standing or 0
  if state == 'C' and standing == amount then
    redis.call('SETRANGE', recordKey, 0, outcome)
  elseif isOpen or (outcome == 'P' and state == 'L') then
    local r = parse(record)
    r.state, r.captured = outcome, amount
    if r.endedAvailable == '' then r.endedAvailable = r.available end
    redis.call('SET', recordKey, format(r), 'KEEPTTL')
  end
  return freed
end

-- The wallet's keys and arguments are those behind `key` and `arg`.
local function confirm(key, arg, count)
  local wallet, holds = KEYS[key + WALLET_KEY], KEYS[key + HOLDS_KEY]
  local claimId, state = ARGV[arg + WALLET_CLAIM_ID], arg + WALLET_ARGS
  local records, charges = key + WALLET_KEYS, state + STATE_ARGS
  local w = redis.call('HMGET', wallet, 'version', 'held', 'claim:' .. claimId, 'until')
  local freed = dropClaim(wallet, holds, claimId, w[3])
  if count > 0 then
    for n, record in ipairs(redis.call('MGET', unpack(KEYS, records + 1, records + count))) do
      freed = freed + confirmCharge(holds, KEYS[records + n], record, charges + (n - 1) * CHARGE_ARGS)
    end
  end
  if freed ~= 0 and w[2] then redis.call('HINCRBY', wallet, 'held', text(-freed)) end
  writeWallet(wallet, holds, state, w[1], w[4])
end

local key, arg = 0, 0
while key < #KEYS do
  local count = tonumber(ARGV[arg + WALLET_CHARGE_COUNT])
  confirm(key, arg, count)
  key, arg = key + WALLET_KEYS + count, arg + WALLET_ARGS + STATE_ARGS + CHARGE_ARGS * count
end
return 1
