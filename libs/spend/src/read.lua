-- KEYS wallet, holds
-- Answers {posted, overdraft, escrowed, held, paused, valid until, version, settles late} as text, or nil.
local w = readWallet(KEYS[1], KEYS[2], nowMs())
if not w then return nil end
local raw = w.raw
return { raw[1], raw[2], raw[8], text(w.held), raw[4], raw[6], raw[7], raw[9] }
