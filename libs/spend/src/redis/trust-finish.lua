-- Trusts this memory, if nothing was lost since the recovery began. KEYS trusted, recovery; ARGV mark.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], string.match(ARGV[1], '^%w+'))
redis.call('DEL', KEYS[2])
return 1
