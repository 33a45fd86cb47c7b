-- Prepended to every script of this library. Keys and record layout: README.md.
-- Amounts are integers of micros below 2^53, so Lua's doubles hold them exactly. Text goes through
-- '%.0f', because Lua's own conversion keeps only 14 digits.
local CAPTURED_FROM = 1e15 -- score of a captured hold: this plus the time of its capture; it never expires

local function text(number) return string.format('%.0f', number) end

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function amountOf(member) return tonumber(string.match(member, '^%d+')) end

-- Frees every hold that is due. ZREM decides, so that nothing is freed twice.
local function sweep(wallet, holds, now, held)
  repeat
    local due = redis.call('ZRANGEBYSCORE', holds, '-inf', now, 'LIMIT', 0, 200)
    for _, member in ipairs(due) do
      if redis.call('ZREM', holds, member) == 1 then held = held - amountOf(member) end
    end
  until #due == 0
  local first = redis.call('ZRANGE', holds, 0, 0, 'WITHSCORES')[2]
  if not first or tonumber(first) >= CAPTURED_FROM then first = '' end
  redis.call('HSET', wallet, 'held', text(held), 'earliest', first)
  return held
end

-- Brings the wallet up to the clock; nil when Redis does not know it.
local function readWallet(wallet, holds, now)
  local w = redis.call('HMGET', wallet, 'posted', 'overdraft', 'held', 'paused', 'earliest', 'until', 'version',
    'escrowed', 'late')
  if not w[1] then return nil end
  local held = tonumber(w[3])
  local earliest = tonumber(w[5])
  if earliest and earliest <= now then held = sweep(wallet, holds, now, held) end
  local limit = tonumber(w[1]) + tonumber(w[2]) - tonumber(w[8])
  return { limit = limit, held = held, available = limit - held, paused = w[4], raw = w }
end

-- Writes what the ledger committed; an older version changes nothing. A wallet that Redis has
-- forgotten while its holds are there counts them again.
local function writeWallet(wallet, holds, posted, version, overdraft, paused, validUntil, escrowed, late)
  local w = redis.call('HMGET', wallet, 'version', 'held')
  if not w[2] then
    local held = 0
    for _, member in ipairs(redis.call('ZRANGE', holds, 0, -1)) do held = held + amountOf(member) end
    redis.call('HSET', wallet, 'held', text(held), 'earliest', '0')
  end
  if not w[1] or tonumber(version) >= tonumber(w[1]) then
    redis.call('HSET', wallet, 'posted', posted, 'version', version, 'overdraft', overdraft,
      'paused', paused, 'until', validUntil, 'escrowed', escrowed, 'late', late)
  end
end

-- `held` of a wallet that Redis does not know is counted when the wallet comes back.
local function addHeld(wallet, difference)
  if difference ~= 0 and redis.call('HEXISTS', wallet, 'held') == 1 then
    redis.call('HINCRBY', wallet, 'held', text(difference))
  end
end

local function dropClaim(wallet, holds, claimId)
  local sum = redis.call('HGET', wallet, 'claim:' .. claimId)
  if not sum then return end
  redis.call('HDEL', wallet, 'claim:' .. claimId)
  if redis.call('ZREM', holds, sum .. '#' .. claimId) == 1 then addHeld(wallet, -tonumber(sum)) end
end

-- Record of a charge: state|identity|amount|currency|captured|ended available|expires|available|event
-- States: H held, C captured, L released, P posted, R rejected. "Expired" is H past its instant.
local function parse(record)
  local state, identity, amount, currency, captured, endedAvailable, expires, available, event =
    string.match(record, '^(%u)|([^|]*)|(%d+)|([^|]+)|(%d+)|(-?%d+)|(%d+)|(-?%d+)|(.*)$')
  return { state = state, identity = identity, amount = amount, currency = currency, captured = captured,
    endedAvailable = endedAvailable, expires = expires, available = available, event = event }
end

local function format(r)
  return table.concat({ r.state, r.identity, r.amount, r.currency, r.captured, r.endedAvailable,
    r.expires, r.available, r.event }, '|')
end

-- Turns an open hold into a captured one of `amount`; false when it is no longer open.
local function captureHold(wallet, holds, r, chargeId, amount, now)
  if r.state ~= 'H' or now >= tonumber(r.expires) then return false end
  if redis.call('ZREM', holds, r.amount .. '|' .. chargeId) == 0 then return false end
  redis.call('ZADD', holds, CAPTURED_FROM + now, amount .. '|' .. chargeId)
  addHeld(wallet, tonumber(amount) - tonumber(r.amount))
  r.state = 'C'
  r.captured = amount
  return true
end
