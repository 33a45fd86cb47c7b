-- Holds an amount, or (ARGV[7] = '1') holds and captures it at once. Five calls when it fits.
-- KEYS record, wallet, holds
-- ARGV amount, member, identity, currency, event, ttl ms, capture?, record ttl ms, charge id
-- Answers {'ok'|'replay', available, expires, state, event}, {'ended', 'L'|'E'}, or {refusal, available, paused}.
local recordKey, wallet, holds = KEYS[1], KEYS[2], KEYS[3]
local amount, isCapture = tonumber(ARGV[1]), ARGV[7] == '1'
local now = nowMs()

local w = redis.call('HMGET', wallet, 'posted', 'overdraft', 'held', 'paused', 'earliest', 'until')
if not w[1] then return { 'unknown_wallet' } end
-- Credit begins or ends at this instant: only the ledger knows the balance past it.
if w[6] ~= '' and now >= tonumber(w[6]) then return { 'unknown_wallet' } end

local held, earliest, paused = tonumber(w[3]), tonumber(w[5]), w[4]
if earliest and earliest <= now then
  held = sweep(wallet, holds, now, held)
  earliest = tonumber(redis.call('HGET', wallet, 'earliest'))
end
local available = tonumber(w[1]) + tonumber(w[2]) - held

if paused == '' and amount <= available then
  local left = available - amount
  local expires = isCapture and 0 or now + ARGV[6]
  local head = isCapture and 'C|' or 'H|'
  local record = head .. ARGV[3] .. '|' .. ARGV[1] .. '|' .. ARGV[4] ..
    string.format('|%.0f|%.0f|%.0f|%.0f|', isCapture and amount or 0, left, expires, left) .. ARGV[5]
  if redis.call('SET', recordKey, record, 'PX', ARGV[8], 'NX') then
    redis.call('ZADD', holds, isCapture and CAPTURED_FROM + now or expires, ARGV[2])
    if isCapture or (earliest and earliest <= expires) then
      redis.call('HINCRBY', wallet, 'held', ARGV[1])
    else
      redis.call('HSET', wallet, 'held', text(held + amount), 'earliest', text(expires))
    end
    return { 'ok', left, expires }
  end
end

-- The same charge id again comes before what the wallet says now.
local record = redis.call('GET', recordKey)
if record then
  local r = parse(record)
  if r.identity ~= ARGV[3] then return { 'charge_id_conflict', available } end
  if isCapture then
    if captureHold(wallet, holds, r, ARGV[9], r.amount, now) then
      r.endedAvailable = text(available)
      redis.call('SET', recordKey, format(r), 'PX', ARGV[8])
    elseif r.state == 'H' then return { 'ended', 'E' }
    elseif r.state == 'L' then return { 'ended', 'L' }
    elseif r.captured ~= ARGV[1] then return { 'charge_id_conflict', available }
    end
  end
  return { 'replay', tonumber(r.available), tonumber(r.expires), r.state, r.event }
end
if paused ~= '' and paused ~= 'balance_depleted' then return { 'paused', available, paused } end
return { 'insufficient_funds', available, paused }
