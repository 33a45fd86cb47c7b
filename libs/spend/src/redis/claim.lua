-- The ledger reserves room for charges that came without a hold, in their order. The same claim id
-- again replaces what its first claim reserved, so that a batch read twice reserves once.
-- KEYS per wallet: wallet, holds, one record per charge. ARGV: head, then per wallet: wallet, state, charge by
--   charge (script-tables.ts).
-- Returns per wallet one letter per charge: A covered by its own hold, G granted, N refused.
-- An id with a space is no charge but money to be set aside (a lease, a refund): it can be asked for
-- again, so it is refused while Redis does not know what holds there are.
local epoch, now = ARGV[EPOCH], nowMs()

-- The wallet's keys and arguments are those behind `key` and `arg`.
local function claim(key, arg, count)
  local wallet, holds, claimId = KEYS[key + WALLET_KEY], KEYS[key + HOLDS_KEY], ARGV[arg + WALLET_CLAIM_ID]
  local state, recordKeys = arg + WALLET_ARGS, key + WALLET_KEYS
  local charges = state + STATE_ARGS
  local w = redis.call('HMGET', wallet, 'version', 'held', 'next', 'epoch', 'claim:' .. claimId, 'until')
  -- What is written already needs no writing again: most batches find the version that they locked.
  local isNextKnown = w[1] == ARGV[state + STATE_VERSION]
  if not isNextKnown then writeWallet(wallet, holds, state, w[1], w[6]) end
  local dropped = dropClaim(wallet, holds, claimId, w[5])
  addHeld(wallet, -dropped)
  local held = 0
  if not w[2] then held = countHeld(holds)
  elseif w[4] == epoch then
    held = w[2] - dropped
    if now >= tonumber(w[3]) then
      held = sweep(wallet, holds, now, held, w[6] == STALE and STALE or ARGV[state + STATE_UNTIL])
      isNextKnown = false
    end
  end
  -- What another life of this Redis left behind may be long posted, and a refusal is for ever: then the
  -- ledger's own balance decides. Nobody else authorizes meanwhile.
  local available = ARGV[state + STATE_LIMIT] - held
  local isKnown = w[2] and w[4] == epoch

  local outcomes, sum = {}, 0
  for from = 1, count, 1000 do
    local records = redis.call('MGET', unpack(KEYS, recordKeys + from, recordKeys + math.min(from + 999, count)))
    for n, record in ipairs(records) do
      local position = from + n - 1
      local recordKey, at = KEYS[recordKeys + position], charges + (position - 1) * CHARGE_ARGS
      local chargeId, amountText = ARGV[at + CHARGE_ID], ARGV[at + CHARGE_AMOUNT]
      local amount, outcome = tonumber(amountText), 'N'
      if record then
        local r = parse(record)
        -- Captured now, so that the hold cannot expire between here and the posting.
        if amount <= tonumber(r.amount) and captureHold(wallet, holds, r, chargeId, amountText, now) then
          available = available + tonumber(r.amount) - amount
          r.endedAvailable = text(available - sum)
          redis.call('SET', recordKey, format(r), 'KEEPTTL')
          outcome = 'A'
        elseif (r.state == 'C' or r.state == 'P') and r.captured == amountText then
          outcome = 'A'
        end
      end
      if outcome == 'N' and amount <= available - sum and (isKnown or not string.find(chargeId, ' ', 1, true)) then
        sum = sum + amount
        outcome = 'G'
      end
      outcomes[position] = outcome
    end
  end

  if sum > 0 then
    local expires, held = now + ARGV[arg + WALLET_TTL_MS], text(sum)
    redis.call('ZADD', holds, expires, held .. '#' .. claimId)
    local next = w[2] and (isNextKnown and w[3] or redis.call('HGET', wallet, 'next'))
    if next and expires < tonumber(next) then
      redis.call('HSET', wallet, 'claim:' .. claimId, held, 'next', text(expires))
    else redis.call('HSET', wallet, 'claim:' .. claimId, held) end
    if w[2] then redis.call('HINCRBY', wallet, 'held', held) end
  end
  return table.concat(outcomes)
end

local answers, key, arg = {}, 0, HEAD_ARGS
while key < #KEYS do
  local count = tonumber(ARGV[arg + WALLET_CHARGE_COUNT])
  answers[#answers + 1] = claim(key, arg, count)
  key, arg = key + WALLET_KEYS + count, arg + WALLET_ARGS + STATE_ARGS + CHARGE_ARGS * count
end
return answers
