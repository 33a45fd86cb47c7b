-- Reads the cached owner of an API key and counts requests against the key's rate, at once.
-- KEYS[1] cached owner   KEYS[2] theoretical arrival time of the generic cell rate algorithm
-- ARGV[1] microseconds per request   ARGV[2] microseconds of burst   ARGV[3] how many requests ask
-- Answers {owner or false, how many of them are allowed, microseconds until the next one is, microseconds until
-- the key was idle before them}.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local each, burst, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local arrival = tonumber(redis.call('GET', KEYS[2]) or now)
if arrival < now then arrival = now end
local room = math.floor((now + burst - arrival) / each)
local allowed = math.max(0, math.min(count, room))
local following = arrival + allowed * each
if allowed > 0 then
  redis.call('SET', KEYS[2], string.format('%.0f', following), 'PX', math.ceil((following - now) / 1000))
end
return {redis.call('GET', KEYS[1]), allowed, math.max(0, following + each - burst - now), arrival - now}
