-- Whether `held` is the sum of the holds. KEYS per wallet: wallet, holds
-- ARGV the most holds that are added up in one script, '1' to write the sum where they differ
-- Answers per wallet {held, sum} as text; nil when Redis does not know it or it has too many holds for any script,
-- 'later' when it has too many for what is left of this one.
local most, answers = tonumber(ARGV[1]), {}
local left = most
for key = 1, #KEYS, 2 do
  local wallet, holds = KEYS[key], KEYS[key + 1]
  local held = redis.call('HGET', wallet, 'held')
  local size = held and redis.call('ZCARD', holds)
  local answer = false
  if held and size <= left then
    left = left - size
    local sum = text(countHeld(holds))
    if ARGV[2] == '1' and sum ~= held then redis.call('HSET', wallet, 'held', sum) end
    answer = { held, sum }
  elseif held and size <= most then answer = 'later'
  end
  answers[(key + 1) / 2] = answer
end
return answers
