-- The ledger reserves room for charges that came without a hold, in their order. The same claim id
-- again replaces what its first claim reserved, so that a batch read twice reserves once.
-- KEYS wallet, holds, one record per charge
-- ARGV the wallet's eight, epoch, claim id, ttl ms, then per charge: id, amount
-- Answers one letter per charge: A covered by its own hold, G granted, N refused.
-- An id with a space is no charge but money to be set aside (a lease, a refund): it can be asked for
-- again, so it is refused while Redis does not know what holds there are.
local wallet, holds, claimId = KEYS[1], KEYS[2], ARGV[10]
local now = nowMs()
local w = redis.call('HMGET', wallet, 'version', 'held', 'next', 'epoch', 'claim:' .. claimId, 'until')
-- What is written already needs no writing again: most batches find the version that they locked.
if w[1] ~= ARGV[2] then writeWallet(wallet, holds, w[1], w[6]) end
local dropped = dropClaim(wallet, holds, claimId, w[5])
addHeld(wallet, -dropped)
local held = 0
if not w[2] then held = countHeld(holds)
elseif w[4] == ARGV[9] then
  held = w[2] - dropped
  if now >= tonumber(w[3]) then held = sweep(wallet, holds, now, held, w[6] == STALE and STALE or ARGV[5]) end
end
-- What another life of this Redis left behind may be long posted, and a refusal is for ever: then the
-- ledger's own balance decides. Nobody else authorizes meanwhile.
local available = ARGV[8] - held
local isKnown = w[2] and w[4] == ARGV[9]

local outcomes, sum = {}, 0
for from = 3, #KEYS, 1000 do
  local records = redis.call('MGET', unpack(KEYS, from, math.min(from + 999, #KEYS)))
  for n, record in ipairs(records) do
    local key = from + n - 1
    local chargeId, amountText = ARGV[key * 2 + 6], ARGV[key * 2 + 7]
    local amount, outcome = tonumber(amountText), 'N'
    if record then
      local r = parse(record)
      -- Captured now, so that the hold cannot lapse between here and the settlement.
      if amount <= tonumber(r.amount) and captureHold(wallet, holds, r, chargeId, amountText, now) then
        available = available + tonumber(r.amount) - amount
        r.endedAvailable = text(available - sum)
        redis.call('SET', KEYS[key], format(r), 'KEEPTTL')
        outcome = 'A'
      elseif (r.state == 'C' or r.state == 'P') and r.captured == amountText then
        outcome = 'A'
      end
    end
    if outcome == 'N' and amount <= available - sum and (isKnown or not string.find(chargeId, ' ', 1, true)) then
      sum = sum + amount
      outcome = 'G'
    end
    outcomes[#outcomes + 1] = outcome
  end
end

if sum > 0 then
  local expires = now + ARGV[11]
  redis.call('ZADD', holds, expires, text(sum) .. '#' .. claimId)
  redis.call('HSET', wallet, 'claim:' .. claimId, text(sum))
  if w[2] then
    redis.call('HINCRBY', wallet, 'held', text(sum))
    if expires < tonumber(redis.call('HGET', wallet, 'next')) then
      redis.call('HSET', wallet, 'next', text(expires))
    end
  end
end
return table.concat(outcomes)
