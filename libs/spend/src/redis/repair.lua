-- Drops keys that no script of ours can read, because somebody else wrote over them, as if Redis had lost them.
-- Without all of its holds a wallet's held sum is not true, so that it goes with them. KEYS as the script got them
-- that failed: wallets, holds and records. Returns the keys that were dropped.
local NUMBERS = { 'posted', 'overdraft', 'escrowed', 'held', 'version', 'next', 'limit' }
local RECORD = '^%u|%d+|%d*|%-?%d*|%d+|%-?%d+|%d+|%d+|[^|]+|'
local MEMBER = '^%d+[|#]'

local function typeOf(key) return redis.call('TYPE', key).ok end

-- A wallet that no load has given its epoch yet may lack some of them.
local function isWallet(key)
  if typeOf(key) ~= 'hash' then return false end
  local fields = redis.call('HMGET', key, 'epoch', 'until', unpack(NUMBERS))
  if not string.match(fields[2] or '', '^%d*$') then return false end
  for n = 3, #NUMBERS + 2 do
    if fields[n] and not string.match(fields[n], '^%-?%d+$') then return false end
    if fields[1] and not (fields[n] and fields[2]) then return false end
  end
  return true
end

local function areHolds(key)
  if typeOf(key) ~= 'zset' then return false end
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if not string.match(member, MEMBER) then return false end
  end
  return true
end

local function isRecord(key)
  return typeOf(key) == 'string' and string.match(redis.call('GET', key), RECORD)
end

local dropped = {}
local function drop(key)
  if redis.call('DEL', key) == 1 then dropped[#dropped + 1] = key end
end

for _, key in ipairs(KEYS) do
  local kind = string.match(key, '^orbit:{[^}]*}:charge:') and 'record' or string.match(key, ':(%a+)$')
  local check = ({ record = isRecord, wallet = isWallet, holds = areHolds })[kind]
  if check and redis.call('EXISTS', key) == 1 and not check(key) then
    drop(key)
    if kind == 'holds' then drop((string.gsub(key, 'holds$', 'wallet'))) end
  end
end
return dropped
