-- KEYS per wallet. Returns per wallet {posted, overdraft, escrowed, held, paused, valid until, version, allows late
-- capture} as text, or nil when Redis does not have the wallet, or only from another life of its own.
local now, answers = nowMs(), {}
for key = 0, #KEYS - 1, WALLET_KEYS do
  local w = readWallet(KEYS[key + WALLET_KEY], KEYS[key + HOLDS_KEY], now)
  local isKnown = w and w.epoch == ARGV[EPOCH]
  -- A nil would end the answer there; Redis returns false as one.
  answers[key / WALLET_KEYS + 1] = isKnown
    and { w.raw[1], w.raw[2], w.raw[3], text(w.held), w.paused, w.validUntil, w.raw[7], w.raw[8] } or false
end
return answers
