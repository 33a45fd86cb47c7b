-- Marks that a recovery has begun in this memory, unless one has. KEYS trusted, recovery; ARGV mark.
-- A mark is the server's run id, a space and a nonce. Answers the mark that stands.
local standing = redis.call('GET', KEYS[2])
local runId = string.match(ARGV[1], '^%w+ ')
if standing and string.sub(standing, 1, #runId) == runId then return standing end
redis.call('SET', KEYS[2], ARGV[1])
return ARGV[1]
