-- Whether `held` is the sum of the holds. KEYS per wallet.
-- Returns per wallet {held, sum} as text; nil when Redis does not know it or it has too many holds for any script,
-- 'later' when it has too many for what is left of this one.
local most, answers = tonumber(ARGV[HOLDS_MAX]), {}
local left = most
for key = 0, #KEYS - 1, WALLET_KEYS do
  local wallet, holds = KEYS[key + WALLET_KEY], KEYS[key + HOLDS_KEY]
  local held = redis.call('HGET', wallet, 'held')
  local size = held and redis.call('ZCARD', holds)
  local answer = false
  if held and size <= left then
    left = left - size
    local sum = text(countHeld(holds))
    if ARGV[REPAIRS] == '1' and sum ~= held then redis.call('HSET', wallet, 'held', sum) end
    answer = { held, sum }
  elseif held and size <= most then answer = 'later'
  end
  answers[key / WALLET_KEYS + 1] = answer
end
return answers
