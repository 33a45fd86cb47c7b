-- Holds amounts, or captures them at once: five calls for one charge, two and a half for each of many of
-- one wallet. The usual way through comes first, before the functions of holds.lua are even made.
-- KEYS per wallet: wallet, holds, one record per charge. ARGV: head, wallet by wallet, charge by charge
--   (script-tables.ts).
-- Answers {now, then per charge what is left, or {refusal or replay, …}}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = string.format('%.0f|', now)
local answers, missed = { now }, nil
local key, arg, position = 0, HEAD_ARGS + WALLET_ARGS * ARGV[WALLET_COUNT], 2

for n = 0, ARGV[WALLET_COUNT] - 1 do
  local wallet, holds = KEYS[key + WALLET_KEY], KEYS[key + HOLDS_KEY]
  local chargeCount = tonumber(ARGV[HEAD_ARGS + WALLET_ARGS * n + WALLET_CHARGE_COUNT])
  key = key + WALLET_KEYS
  local from = { wallet = wallet, holds = holds, key = key, arg = arg, position = position, count = chargeCount }
  local w = redis.call('HMGET', wallet, 'limit', 'held', 'next', 'epoch')
  -- A wallet that another life of this Redis left behind is as good as none.
  local isLoaded = w[4] == ARGV[EPOCH]
  local isOpen = isLoaded and now < tonumber(w[3])
  local left = isOpen and w[1] - w[2]
  local members, size, sum, soonest, isMissed = {}, 0, 0, 2 ^ 53, false
  for charge = 1, chargeCount do
    local amount = ARGV[arg + CHARGE_AMOUNT]
    local after = isOpen and left - amount or -1
    if after >= 0 and redis.call('SET', KEYS[key + charge], ARGV[arg + CHARGE_RECORD_HEAD] .. stamp
        .. string.format('%.0f', after) .. ARGV[arg + CHARGE_RECORD_TAIL], 'PX',
        ARGV[arg + CHARGE_RECORD_TTL_MS], 'NX') then
      left, sum, answers[position] = after, sum + amount, after
      local expires = 1e15 + now
      local ttlMs = ARGV[arg + CHARGE_HOLD_TTL_MS]
      if ttlMs ~= '0' then
        expires = now + ttlMs
        if expires < soonest then soonest = expires end
      end
      members[size + 1], members[size + 2] = expires, ARGV[arg + CHARGE_MEMBER]
      size = size + 2
    else
      answers[position], isMissed = false, isLoaded
      if not isLoaded then answers[position] = { 'not_loaded' } end
    end
    arg, position = arg + CHARGE_ARGS, position + 1
  end
  key = key + chargeCount
  if size > 0 then
    redis.call('ZADD', holds, unpack(members))
    if soonest < tonumber(w[3]) then redis.call('HSET', wallet, 'next', string.format('%.0f', soonest)) end
    redis.call('HINCRBY', wallet, 'held', string.format('%.0f', sum))
  end
  if isMissed then
    missed = missed or {}
    missed[#missed + 1] = from
  end
end
if not missed then return answers end

--@ holds

-- The same charge id again comes before what the wallet says now.
local function replay(recordKey, record, at, wallet, holds, available)
  local r = parse(record)
  local tail, amount = ARGV[at + CHARGE_RECORD_TAIL], ARGV[at + CHARGE_AMOUNT]
  local isCapture = ARGV[at + CHARGE_HOLD_TTL_MS] == '0'
  -- Everything after the instant it occurred at is what the caller wants.
  local wanted = string.match(tail, '^|%d+|%d+|(.*)$')
  if r.amount ~= amount or r.currency .. '|' .. r.details ~= wanted then
    return { 'charge_id_conflict', available }
  end
  if isCapture then
    local chargeId = string.match(ARGV[at + CHARGE_MEMBER], '^%d+|(.*)$')
    if captureHold(wallet, holds, r, chargeId, r.amount, now) then
      r.endedAvailable = text(available)
      redis.call('SET', recordKey, format(r), 'PX', ARGV[at + CHARGE_RECORD_TTL_MS])
    elseif r.state == 'H' or r.state == 'L' then return { 'ended', r.state }
    elseif r.captured ~= amount then return { 'charge_id_conflict', available }
    end
  elseif r.state == 'L' or (r.state == 'H' and now >= r.expires) then
    -- Nothing is held any more: who heard "authorized" again would send for nothing.
    return { 'ended', r.state }
  end
  return { 'replay', tonumber(r.available), r.expires, r.state, tonumber(r.occurredAt) }
end

-- Those of one wallet that did not go the usual way.
local function decideRest(from)
  local wallet, holds = from.wallet, from.holds
  local w = redis.call('HMGET', wallet, 'until', 'paused', 'held', 'posted', 'overdraft', 'escrowed')
  -- Credit begins or ends at this instant: only the ledger knows the balance past it.
  local isOver = w[1] ~= '' and now >= tonumber(w[1])
  local paused, limit = w[2], w[4] + w[5] - w[6]
  local held = 0
  if not isOver then held, isOver = sweep(wallet, holds, now, tonumber(w[3]), w[1]) end
  for n = 0, from.count - 1 do
    local at, recordKey, position = from.arg + n * CHARGE_ARGS, KEYS[from.key + 1 + n], from.position + n
    local function decide()
      if isOver then return { 'not_loaded' } end
      local available, amount = limit - held, tonumber(ARGV[at + CHARGE_AMOUNT])
      local record = redis.call('GET', recordKey)
      if record then return replay(recordKey, record, at, wallet, holds, available) end
      if paused ~= '' and paused ~= 'balance_depleted' then return { 'paused', available, paused } end
      if paused ~= '' or amount > available then return { 'insufficient_funds', available, paused } end
      local ttlMs = ARGV[at + CHARGE_HOLD_TTL_MS]
      local expires = ttlMs == '0' and CAPTURED_FROM + now or now + ttlMs
      held = held + amount
      redis.call('SET', recordKey, ARGV[at + CHARGE_RECORD_HEAD] .. stamp .. text(limit - held)
        .. ARGV[at + CHARGE_RECORD_TAIL], 'PX', ARGV[at + CHARGE_RECORD_TTL_MS])
      redis.call('ZADD', holds, expires, ARGV[at + CHARGE_MEMBER])
      redis.call('HSET', wallet, 'held', text(held))
      return limit - held
    end
    if not answers[position] then answers[position] = decide() end
  end
  if not isOver then redis.call('HSET', wallet, 'next', nextOf(holds, w[1])) end
end

for _, from in ipairs(missed) do decideRest(from) end
return answers
