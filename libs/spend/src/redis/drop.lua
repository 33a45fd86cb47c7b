-- Frees a captured hold whose record has expired: nobody can publish it any more.
if redis.call('EXISTS', KEYS[RECORD_KEY]) == 1 then return 0 end
if redis.call('ZREM', KEYS[HOLDS_KEY], ARGV[AMOUNT] .. '|' .. ARGV[CHARGE_ID]) == 0 then return 0 end
addHeld(KEYS[WALLET_KEY], -tonumber(ARGV[AMOUNT]))
return 1
