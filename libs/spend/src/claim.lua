-- The ledger reserves room for charges that came without a hold, in their order. The same claim id
-- again replaces what its first claim reserved, so that a batch read twice reserves once.
-- KEYS wallet, holds, one record per charge
-- ARGV posted, version, overdraft, paused, valid until, escrowed, late, claim id, ttl ms, then per charge: id, amount
-- Answers one letter per charge: A covered by its own hold, G granted, N refused.
local wallet, holds = KEYS[1], KEYS[2]
local claimId = ARGV[8]
writeWallet(wallet, holds, ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
dropClaim(wallet, holds, claimId)
local now = nowMs()
local available = readWallet(wallet, holds, now).available

local outcomes, seen, sum = {}, {}, 0
for i = 3, #KEYS do
  local at = 10 + (i - 3) * 2
  local chargeId, amount = ARGV[at], ARGV[at + 1]
  local earlier = seen[chargeId .. ' ' .. amount]
  local outcome = earlier
  local record = not earlier and redis.call('GET', KEYS[i])
  if record then
    local r = parse(record)
    -- Captured now, so that the hold cannot lapse between here and the settlement.
    if tonumber(amount) <= tonumber(r.amount) and captureHold(wallet, holds, r, chargeId, amount, now) then
      available = available + tonumber(r.amount) - tonumber(amount)
      r.endedAvailable = text(available - sum)
      redis.call('SET', KEYS[i], format(r), 'KEEPTTL')
      outcome = 'A'
    elseif (r.state == 'C' or r.state == 'P') and r.captured == amount then
      outcome = 'A'
    end
  end
  if not outcome then
    outcome = 'N'
    if tonumber(amount) <= available - sum then
      sum = sum + tonumber(amount)
      outcome = 'G'
    end
  end
  seen[chargeId .. ' ' .. amount] = outcome
  outcomes[#outcomes + 1] = outcome
end

if sum > 0 then
  local expires = now + tonumber(ARGV[9])
  redis.call('ZADD', holds, expires, text(sum) .. '#' .. claimId)
  redis.call('HSET', wallet, 'claim:' .. claimId, text(sum))
  addHeld(wallet, sum)
  local earliest = tonumber(redis.call('HGET', wallet, 'earliest'))
  if not earliest or expires < earliest then redis.call('HSET', wallet, 'earliest', text(expires)) end
end
return table.concat(outcomes)
