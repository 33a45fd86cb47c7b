-- Captures a hold, whole or in part; the rest is free at once. After its end only by the
-- wallet's policy, and then once, whatever is available by now: the send has happened.
-- Answers {'ok'|'replay', captured, held before, available, state, occurred at, details} or {refusal}.
local wallet, holds, recordKey = KEYS[WALLET_KEY], KEYS[HOLDS_KEY], KEYS[RECORD_KEY]
local record = redis.call('GET', recordKey)
if not record then return { 'not_found' } end
local r = parse(record)
if r.currency ~= ARGV[CURRENCY] then return { 'not_found' } end
local chargeId = ARGV[CHARGE_ID]
local amount = ARGV[AMOUNT] == '' and r.amount or ARGV[AMOUNT]

local function answer(how)
  return { how, tonumber(r.captured), tonumber(r.amount), tonumber(r.endedAvailable), r.state,
    tonumber(r.occurredAt), r.details }
end

if r.state == 'L' then return { 'released' } end
if r.state ~= 'H' then return r.captured == amount and answer('replay') or { 'conflict' } end
if tonumber(amount) > tonumber(r.amount) then return { 'exceeds_hold' } end
local now = nowMs()
if not captureHold(wallet, holds, r, chargeId, amount, now) then
  local w = redis.call('HMGET', wallet, 'late', 'epoch')
  if w[2] ~= ARGV[EPOCH] then return { 'not_loaded' } end
  -- A hold that is gone before its end was lost; its record says that the send was authorized.
  if now >= r.expires and w[1] ~= '1' then return { 'expired' } end
  -- Not swept yet, it is still counted as held.
  local swept = redis.call('ZREM', holds, r.amount .. '|' .. chargeId) == 0
  redis.call('ZADD', holds, CAPTURED_FROM + now, amount .. '|' .. chargeId)
  addHeld(wallet, tonumber(amount) - (swept and 0 or tonumber(r.amount)))
  r.state, r.captured = 'C', amount
end
local w = readWallet(wallet, holds, now)
r.endedAvailable = text(w and w.available or 0)
redis.call('SET', recordKey, format(r), 'PX', ARGV[RECORD_TTL_MS])
return answer('ok')
