-- Writes committed wallets, frees the holds of decided charges and drops claims, all at once,
-- so that no reader sees money both spent and held, or neither.
-- KEYS per wallet: wallet, holds, one record per charge
-- ARGV per wallet: number of charges, claim id or '', the wallet's eight, then per charge: id, amount, 'P'|'R'

-- Answers how much is no longer held for the charge.
local function settleCharge(holds, recordKey, record, at)
  local chargeId, amount, outcome = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local state, held, captured = string.match(record or '', '^(%u)|(%d+)|(%d*)|')
  if not state then
    -- It came without a hold, or its record has lapsed while the ledger was behind, or is none of ours.
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
local function settle(key, arg, count)
  local wallet, holds, claimId = KEYS[key + 1], KEYS[key + 2], ARGV[arg + 2]
  local w = redis.call('HMGET', wallet, 'version', 'held', 'claim:' .. claimId, 'until')
  local freed = dropClaim(wallet, holds, claimId, w[3])
  if count > 0 then
    local records = redis.call('MGET', unpack(KEYS, key + 3, key + 2 + count))
    for n, record in ipairs(records) do
      freed = freed + settleCharge(holds, KEYS[key + 2 + n], record, arg + 8 + n * 3)
    end
  end
  if freed ~= 0 and w[2] then redis.call('HINCRBY', wallet, 'held', text(-freed)) end
  writeWallet(wallet, holds, arg + 2, w[1], w[4])
end

local key, arg = 0, 0
while key < #KEYS do
  local count = tonumber(ARGV[arg + 1])
  settle(key, arg, count)
  key, arg = key + 2 + count, arg + 10 + 3 * count
end
return 1
