-- Frees an open hold.
-- Answers {'ok'|'replay', amount, available} or {refusal}.
local wallet, holds, recordKey = KEYS[WALLET_KEY], KEYS[HOLDS_KEY], KEYS[RECORD_KEY]
local record = redis.call('GET', recordKey)
if not record then return { 'not_found' } end
local r = parse(record)
if r.currency ~= ARGV[CURRENCY] then return { 'not_found' } end

if r.state == 'L' then return { 'replay', tonumber(r.amount), tonumber(r.endedAvailable) } end
if r.state ~= 'H' then return { 'captured' } end
local now = nowMs()
if now >= r.expires then return { 'expired' } end
-- A hold that is gone before its end was lost: nothing is held for it.
addHeld(wallet, -redis.call('ZREM', holds, r.amount .. '|' .. ARGV[CHARGE_ID]) * r.amount)

local w = readWallet(wallet, holds, now)
r.state = 'L'
r.captured = '0'
r.endedAvailable = text(w and w.available or 0)
redis.call('SET', recordKey, format(r), 'PX', ARGV[RECORD_TTL_MS])
return { 'ok', tonumber(r.amount), tonumber(r.endedAvailable) }
