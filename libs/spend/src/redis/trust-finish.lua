-- Trusts this memory, if nothing was lost since the recovery began.
if redis.call('GET', KEYS[RECOVERY_KEY]) ~= ARGV[MARK] then return 0 end
redis.call('SET', KEYS[TRUSTED_KEY], string.match(ARGV[MARK], '^%w+'))
redis.call('DEL', KEYS[RECOVERY_KEY])
return 1
