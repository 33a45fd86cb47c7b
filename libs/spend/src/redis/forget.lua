-- Frees a captured hold whose record has lapsed: nobody can publish it any more.
-- KEYS wallet, holds, record; ARGV amount, charge id
if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
if redis.call('ZREM', KEYS[2], ARGV[1] .. '|' .. ARGV[2]) == 0 then return 0 end
addHeld(KEYS[1], -tonumber(ARGV[1]))
return 1
