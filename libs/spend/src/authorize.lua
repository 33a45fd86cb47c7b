-- Holds amounts of one wallet, or captures them at once: five calls for one charge, two and a half for
-- each of many. The usual way through comes first, before the functions of holds.lua are even made.
-- KEYS wallet, holds, one record per charge
-- ARGV epoch, then per charge: record before and after its numbers, member, amount, hold ttl ms
--   ('0': captured at once), record ttl ms
-- Answers {now, then per charge what is left or {refusal or replay, …}}, or {'not_loaded'}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local w = redis.call('HMGET', KEYS[1], 'limit', 'held', 'next', 'epoch')
-- A wallet that another life of this Redis left behind is as good as none.
if w[4] ~= ARGV[1] then return { 'not_loaded' } end

local left, stamp, isDue = w[1] - w[2], string.format('%.0f|', now), now >= tonumber(w[3])
local answers, members, count, sum, soonest, missed = { now }, {}, 0, 0, 2 ^ 53, isDue
for i = 3, #KEYS do
  local at = i * 6 - 16
  local after = left - ARGV[at + 3]
  if not isDue and after >= 0 and redis.call('SET', KEYS[i], ARGV[at] .. stamp .. string.format('%.0f', after)
      .. ARGV[at + 1], 'PX', ARGV[at + 5], 'NX') then
    left, sum, answers[i - 1] = after, sum + ARGV[at + 3], after
    local expires = 1e15 + now
    if ARGV[at + 4] ~= '0' then
      expires = now + ARGV[at + 4]
      if expires < soonest then soonest = expires end
    end
    members[count + 1], members[count + 2] = expires, ARGV[at + 2]
    count = count + 2
  else
    answers[i - 1], missed = false, true
  end
end
if count > 0 then
  redis.call('ZADD', KEYS[2], unpack(members))
  if soonest < tonumber(w[3]) then redis.call('HSET', KEYS[1], 'next', string.format('%.0f', soonest)) end
  redis.call('HINCRBY', KEYS[1], 'held', string.format('%.0f', sum))
end
if not missed then return answers end

--@ holds

local wallet, holds = KEYS[1], KEYS[2]
local state = redis.call('HMGET', wallet, 'until', 'paused', 'held', 'posted', 'overdraft', 'escrowed')
-- Credit begins or ends at this instant: only the ledger knows the balance past it.
if state[1] ~= '' and now >= tonumber(state[1]) then return { 'not_loaded' } end
local paused = state[2]
local held = sweep(wallet, holds, now, tonumber(state[3]), state[1])
local limit = state[4] + state[5] - state[6]

-- The same charge id again comes before what the wallet says now.
local function replay(recordKey, record, at)
  local r = parse(record)
  local head, tail, amount, isCapture = ARGV[at], ARGV[at + 1], ARGV[at + 3], ARGV[at + 4] == '0'
  -- Everything after the instant it occurred at is what the caller wants.
  local wanted = string.match(tail, '^|%d+|%d+|(.*)$')
  if r.amount ~= amount or r.currency .. '|' .. r.details ~= wanted then
    return { 'charge_id_conflict', limit - held }
  end
  if isCapture then
    local chargeId = string.match(ARGV[at + 2], '^%d+|(.*)$')
    if captureHold(wallet, holds, r, chargeId, r.amount, now) then
      r.endedAvailable = text(limit - held)
      redis.call('SET', recordKey, format(r), 'PX', ARGV[at + 5])
    elseif r.state == 'H' or r.state == 'L' then return { 'ended', r.state }
    elseif r.captured ~= amount then return { 'charge_id_conflict', limit - held }
    end
  end
  return { 'replay', tonumber(r.available), r.expires, r.state, tonumber(r.occurredAt) }
end

local function decide(i)
  local at = i * 6 - 16
  local record = redis.call('GET', KEYS[i])
  if record then return replay(KEYS[i], record, at) end
  local available = limit - held
  if paused ~= '' and paused ~= 'balance_depleted' then return { 'paused', available, paused } end
  local amount = tonumber(ARGV[at + 3])
  if paused ~= '' or amount > available then return { 'insufficient_funds', available, paused } end
  local expires = ARGV[at + 4] == '0' and CAPTURED_FROM + now or now + ARGV[at + 4]
  held = held + amount
  redis.call('SET', KEYS[i], ARGV[at] .. stamp .. text(limit - held) .. ARGV[at + 1], 'PX', ARGV[at + 5])
  redis.call('ZADD', holds, expires, ARGV[at + 2])
  redis.call('HSET', wallet, 'held', text(held))
  return limit - held
end

for i = 3, #KEYS do
  if not answers[i - 1] then answers[i - 1] = decide(i) end
end
redis.call('HSET', wallet, 'next', nextOf(holds, state[1]))
return answers
