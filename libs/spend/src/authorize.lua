-- Holds an amount, or (ARGV[6] = '1') holds and captures it at once. Five calls when it fits.
-- KEYS record, wallet, holds
-- ARGV amount, member, 'identity|amount|currency', event, ttl ms, capture?, record ttl ms, charge id
-- Answers {'ok'|'replay', available, expires, state, event}, {'ended', 'L'|'E'}, or {refusal, available, paused}.
-- The usual way through comes first, before the functions of holds.lua are even made.
local amount, isCapture = tonumber(ARGV[1]), ARGV[6] == '1'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local w = redis.call('HMGET', KEYS[2], 'posted', 'overdraft', 'held', 'paused', 'earliest', 'until', 'escrowed')
if not w[1] then return { 'unknown_wallet' } end
-- Credit begins or ends at this instant: only the ledger knows the balance past it.
if w[6] ~= '' and now >= tonumber(w[6]) then return { 'unknown_wallet' } end

local held, earliest, paused = tonumber(w[3]), tonumber(w[5]), w[4]
local limit = tonumber(w[1]) + tonumber(w[2]) - tonumber(w[7])

-- Nil when it does not fit or the charge id is known.
local function hold()
  local left = limit - held - amount
  if paused ~= '' or left < 0 then return nil end
  local expires = isCapture and 0 or now + ARGV[5]
  local record = string.format('%s|%s|%s|%.0f|%.0f|%.0f|%s', isCapture and 'C' or 'H', ARGV[3],
    isCapture and ARGV[1] or '0', left, expires, left, ARGV[4])
  if not redis.call('SET', KEYS[1], record, 'PX', ARGV[7], 'NX') then return nil end
  redis.call('ZADD', KEYS[3], isCapture and 1e15 + now or expires, ARGV[2])
  if isCapture or (earliest and earliest <= expires) then
    redis.call('HINCRBY', KEYS[2], 'held', ARGV[1])
  else
    redis.call('HSET', KEYS[2], 'held', string.format('%.0f', held + amount),
      'earliest', string.format('%.0f', expires))
  end
  return { 'ok', left, expires }
end

local isDue = earliest and earliest <= now
if not isDue then
  local answer = hold()
  if answer then return answer end
end

--@ holds

local recordKey, wallet, holds = KEYS[1], KEYS[2], KEYS[3]
if isDue then
  held = sweep(wallet, holds, now, held)
  earliest = tonumber(redis.call('HGET', wallet, 'earliest'))
  local answer = hold()
  if answer then return answer end
end
local available = limit - held

-- The same charge id again comes before what the wallet says now.
local record = redis.call('GET', recordKey)
if record then
  local r = parse(record)
  if r.identity ~= string.match(ARGV[3], '^[^|]*') then return { 'charge_id_conflict', available } end
  if isCapture then
    if captureHold(wallet, holds, r, ARGV[8], r.amount, now) then
      r.endedAvailable = text(available)
      redis.call('SET', recordKey, format(r), 'PX', ARGV[7])
    elseif r.state == 'H' then return { 'ended', 'E' }
    elseif r.state == 'L' then return { 'ended', 'L' }
    elseif r.captured ~= ARGV[1] then return { 'charge_id_conflict', available }
    end
  end
  return { 'replay', tonumber(r.available), tonumber(r.expires), r.state, r.event }
end
if paused ~= '' and paused ~= 'balance_depleted' then return { 'paused', available, paused } end
return { 'insufficient_funds', available, paused }
