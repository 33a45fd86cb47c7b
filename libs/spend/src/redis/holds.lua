-- Put into every script of this library, with the names of STATE_ in front (script-tables.ts). Keys and record
-- layout: README.md.
-- Amounts are integers of micros below 2^53, so Lua's doubles hold them exactly. Text goes through
-- '%.0f', because Lua's own conversion keeps only 14 digits.
local CAPTURED_FROM = 1e15 -- score of a captured hold: this plus the time of its capture; it never expires
local CLOSED = '-9007199254740991' -- limit of a paused wallet: nothing fits, and the slow path says why
local NEVER = 2 ^ 53
local STALE = '0' -- `until` of a wallet that has to be loaded again: long past

local function text(number) return string.format('%.0f', number) end

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function amountOf(member) return tonumber(string.match(member, '^%d+')) end

local function countHeld(holds)
  local sum = 0
  for _, member in ipairs(redis.call('ZRANGE', holds, 0, -1)) do sum = sum + amountOf(member) end
  return sum
end

-- The instant at which `limit` and `held` are no longer true by themselves: credit begins or ends, or the first hold
-- expires (a captured one never does: its score is beyond any clock).
local function nextOf(holds, validUntil)
  local first = redis.call('ZRANGE', holds, 0, 0, 'WITHSCORES')[2]
  return text(math.min(tonumber(validUntil) or NEVER, tonumber(first) or NEVER))
end

-- Frees every hold that is due; answers how much, and whether a claim was among them. ZREM decides, so
-- that nothing is freed twice.
local function freeDue(holds, now)
  local freed, isClaim = 0, false
  repeat
    local due = redis.call('ZRANGEBYSCORE', holds, '-inf', now, 'LIMIT', 0, 200)
    for _, member in ipairs(due) do
      if redis.call('ZREM', holds, member) == 1 then
        freed = freed + amountOf(member)
        isClaim = isClaim or string.find(member, '^%d+#') ~= nil
      end
    end
  until #due == 0
  return freed, isClaim
end

-- A claim that expires was neither confirmed nor replaced: the ledger died, before its commit or after it. Only the
-- ledger knows which, so nobody authorizes from the wallet until it is loaded again.
local function sweep(wallet, holds, now, held, validUntil)
  local freed, isClaim = freeDue(holds, now)
  if isClaim then
    validUntil = STALE
    redis.call('HSET', wallet, 'until', STALE)
  end
  held = held - freed
  redis.call('HSET', wallet, 'held', text(held), 'next', nextOf(holds, validUntil))
  return held, validUntil == STALE
end

-- Brings the wallet up to the clock; nil when Redis does not know it, or knows it is out of date.
local function readWallet(wallet, holds, now)
  local w = redis.call('HMGET', wallet, 'posted', 'overdraft', 'escrowed', 'held', 'paused', 'until',
    'version', 'late', 'next', 'epoch')
  if not w[1] or not w[4] then return nil end
  local held = tonumber(w[4])
  if now >= tonumber(w[9]) then
    local isStale
    held, isStale = sweep(wallet, holds, now, held, w[6])
    if isStale then return nil end
  end
  local limit = w[1] + w[2] - w[3]
  return { limit = limit, held = held, available = limit - held, paused = w[5], validUntil = w[6],
    epoch = w[10], raw = w }
end

-- Writes what the ledger committed, the wallet's state behind `at`; an older version changes nothing.
-- Nobody authorizes from it before a load has given it the epoch. `version` and `validUntil` are those
-- that Redis has; what is out of date stays so.
local function writeWallet(wallet, holds, at, version, validUntil)
  local newVersion, paused = ARGV[at + STATE_VERSION], ARGV[at + STATE_PAUSED]
  if version and tonumber(version) > tonumber(newVersion) then return end
  if validUntil ~= STALE then validUntil = ARGV[at + STATE_UNTIL] end
  redis.call('HSET', wallet, 'posted', ARGV[at + STATE_POSTED], 'version', newVersion,
    'overdraft', ARGV[at + STATE_OVERDRAFT], 'paused', paused, 'until', validUntil,
    'escrowed', ARGV[at + STATE_ESCROWED], 'late', ARGV[at + STATE_LATE],
    'limit', paused == '' and ARGV[at + STATE_LIMIT] or CLOSED, 'next', nextOf(holds, validUntil))
end

-- `held` of a wallet that Redis does not know is counted when the wallet comes back.
local function addHeld(wallet, difference)
  if difference ~= 0 and redis.call('HEXISTS', wallet, 'held') == 1 then
    redis.call('HINCRBY', wallet, 'held', text(difference))
  end
end

-- Takes back what the claim has reserved (`sum`, from the wallet's field `claim:<id>`); answers how much.
local function dropClaim(wallet, holds, claimId, sum)
  if not sum then return 0 end
  redis.call('HDEL', wallet, 'claim:' .. claimId)
  if redis.call('ZREM', holds, sum .. '#' .. claimId) == 0 then return 0 end
  return tonumber(sum)
end

-- Record of a charge: state|amount|captured|available after its end|made at|available|ttl|occurred at|currency|details
-- States: H held, C captured, L released, P posted, R rejected. "Expired" is H past its instant.
-- What was captured when it was made has both fields of its end empty.
local function parse(record)
  local state, amount, captured, endedAvailable, madeAt, available, ttl, occurredAt, currency, details =
    string.match(record, '^(%u)|(%d+)|(%d*)|(-?%d*)|(%d+)|(-?%d+)|(%d+)|(%d+)|([^|]+)|(.*)$')
  if state ~= 'H' and captured == '' then captured, endedAvailable = amount, available end
  return { state = state, amount = amount, captured = captured, endedAvailable = endedAvailable,
    madeAt = madeAt, available = available, ttl = ttl, occurredAt = occurredAt, currency = currency,
    details = details, expires = madeAt + ttl }
end

local function format(r)
  return table.concat({ r.state, r.amount, r.captured, r.endedAvailable, r.madeAt, r.available, r.ttl,
    r.occurredAt, r.currency, r.details }, '|')
end

-- Turns an open hold into a captured one of `amount`; false when it is no longer open.
local function captureHold(wallet, holds, r, chargeId, amount, now)
  if r.state ~= 'H' or now >= r.expires then return false end
  if redis.call('ZREM', holds, r.amount .. '|' .. chargeId) == 0 then return false end
  redis.call('ZADD', holds, CAPTURED_FROM + now, amount .. '|' .. chargeId)
  addHeld(wallet, tonumber(amount) - tonumber(r.amount))
  r.state = 'C'
  r.captured = amount
  return true
end
