-- KEYS wallet, holds; ARGV epoch
-- Answers {posted, overdraft, escrowed, held, paused, valid until, version, settles late} as text, or nil
-- when Redis does not know the wallet, or only from another life of its own.
local w = readWallet(KEYS[1], KEYS[2], nowMs())
if not w or w.epoch ~= ARGV[1] then return nil end
local raw = w.raw
return { raw[1], raw[2], raw[3], text(w.held), w.paused, w.validUntil, raw[7], raw[8] }
