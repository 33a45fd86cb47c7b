-- Reads the cached owner of an API key and counts one request against the key's rate, at once.
-- KEYS[1] cached owner   KEYS[2] theoretical arrival time of the generic cell rate algorithm
-- ARGV[1] microseconds per request   ARGV[2] microseconds of burst
-- Answers {owner or false, 1 when allowed, microseconds until allowed, microseconds until idle}.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local arrival = tonumber(redis.call('GET', KEYS[2]) or now)
if arrival < now then arrival = now end
local following = arrival + tonumber(ARGV[1])
local wait = following - tonumber(ARGV[2]) - now
if wait > 0 then
  return {redis.call('GET', KEYS[1]), 0, wait, arrival - now}
end
redis.call('SET', KEYS[2], string.format('%.0f', following), 'PX', math.ceil((following - now) / 1000))
return {redis.call('GET', KEYS[1]), 1, 0, following - now}
