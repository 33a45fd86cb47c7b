-- Brings a wallet from the ledger, and with the epoch the right to be authorized from. The rest of another life of
-- this Redis counts on: holds expire by themselves, and captures are published again, so that the ledger answers and
-- confirms them. Returns 1, 2 when holds of another life were found, or 0 when the guard is gone: the memory was lost
-- after the ledger checked whether it may be trusted.
local wallet, holds, guard = KEYS[WALLET_KEY], KEYS[HOLDS_KEY], KEYS[GUARD_KEY]
if ARGV[GUARD] ~= '' and redis.call('GET', guard) ~= ARGV[GUARD] then return 0 end
redis.call('DEL', guard)
local w = redis.call('HMGET', wallet, 'version', 'held', 'epoch')
local found = 1
-- This load was read from the ledger after everything that expired until now.
local freed = freeDue(holds, nowMs())
addHeld(wallet, -freed)
if not w[2] or w[3] ~= ARGV[EPOCH] then
  local held = countHeld(holds)
  redis.call('HSET', wallet, 'held', text(held), 'epoch', ARGV[EPOCH])
  if held > 0 then found = 2 end
end
writeWallet(wallet, holds, HEAD_ARGS, w[1])
return found
