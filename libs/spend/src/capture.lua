-- Captures a hold, whole (amount '') or in part; the rest is free at once.
-- KEYS record, wallet, holds; ARGV amount, currency, charge id, record ttl ms
-- Answers {'ok'|'replay', captured, held before, available, state, event} or {refusal}.
local recordKey, wallet, holds = KEYS[1], KEYS[2], KEYS[3]
local record = redis.call('GET', recordKey)
if not record then return { 'not_found' } end
local r = parse(record)
if r.currency ~= ARGV[2] then return { 'not_found' } end
local amount = ARGV[1] == '' and r.amount or ARGV[1]

if r.state == 'L' then return { 'released' } end
if r.state ~= 'H' then
  if r.captured ~= amount then return { 'conflict' } end
  return { 'replay', tonumber(r.captured), tonumber(r.amount), tonumber(r.endedAvailable), r.state, r.event }
end
local now = nowMs()
if now >= tonumber(r.expires) then return { 'expired' } end
if tonumber(amount) > tonumber(r.amount) then return { 'exceeds_hold' } end
if not captureHold(wallet, holds, r, ARGV[3], amount, now) then return { 'expired' } end

local w = readWallet(wallet, holds, now)
r.endedAvailable = text(w and w.available or 0)
redis.call('SET', recordKey, format(r), 'PX', ARGV[4])
return { 'ok', tonumber(amount), tonumber(r.amount), tonumber(r.endedAvailable), r.state, r.event }
