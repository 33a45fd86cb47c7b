-- Reads the cached owner of an API key and counts requests against the key's rate, at once.
-- The names of its positions are put in front of it: admit-table.ts.
-- Returns {owner or false, how many of them are allowed, microseconds until the next one is, microseconds until
-- the key was idle before them}.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local each, burst = tonumber(ARGV[MICROS_PER_REQUEST]), tonumber(ARGV[BURST_MICROS])
local count = tonumber(ARGV[REQUEST_COUNT])
local arrival = tonumber(redis.call('GET', KEYS[ARRIVAL_KEY]) or now)
if arrival < now then arrival = now end
local room = math.floor((now + burst - arrival) / each)
local allowed = math.max(0, math.min(count, room))
local following = arrival + allowed * each
if allowed > 0 then
  redis.call('SET', KEYS[ARRIVAL_KEY], string.format('%.0f', following), 'PX', math.ceil((following - now) / 1000))
end
return {redis.call('GET', KEYS[OWNER_KEY]), allowed, math.max(0, following + each - burst - now), arrival - now}
