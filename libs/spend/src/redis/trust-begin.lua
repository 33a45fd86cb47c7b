-- Marks that a recovery has begun in this memory, unless one has. A mark is the server's run id, a space and a nonce.
-- Returns the mark that stands.
local standing = redis.call('GET', KEYS[RECOVERY_KEY])
local runId = string.match(ARGV[MARK], '^%w+ ')
if standing and string.sub(standing, 1, #runId) == runId then return standing end
redis.call('SET', KEYS[RECOVERY_KEY], ARGV[MARK])
return ARGV[MARK]
