-- KEYS wallet, holds. Answers {posted, overdraft, held, paused, valid until, version} as text, or nil.
local w = readWallet(KEYS[1], KEYS[2], nowMs())
if not w then return nil end
return { w.raw[1], w.raw[2], text(w.held), w.raw[4], w.raw[6], w.raw[7] }
