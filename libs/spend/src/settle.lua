-- Writes the committed wallet, frees the holds of decided charges and drops a claim, all at once,
-- so that no reader sees money both spent and held, or neither.
-- KEYS wallet, holds, one record per charge
-- ARGV posted, version, overdraft, paused, valid until, escrowed, late, claim id or '', then per charge: id, amount, 'P'|'R'
local wallet, holds = KEYS[1], KEYS[2]
writeWallet(wallet, holds, ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
if ARGV[8] ~= '' then dropClaim(wallet, holds, ARGV[8]) end

local freed = 0
for i = 3, #KEYS do
  local at = 9 + (i - 3) * 3
  local chargeId, amount, outcome = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local record = redis.call('GET', KEYS[i])
  if not record then
    -- Either it came without a hold, or its record has lapsed while the ledger was behind.
    if redis.call('ZREM', holds, amount .. '|' .. chargeId) == 1 then freed = freed + tonumber(amount) end
  else
    local r = parse(record)
    local standing = r.state == 'C' and r.captured or r.amount
    local isOpen = r.state == 'C' or r.state == 'H'
    -- A rejected charge of another amount is not the one that this hold stands for.
    if outcome == 'P' or standing == amount then
      if isOpen and redis.call('ZREM', holds, standing .. '|' .. chargeId) == 1 then
        freed = freed + tonumber(standing)
      end
      if isOpen or (outcome == 'P' and r.state == 'L') then
        r.state = outcome
        r.captured = amount
        redis.call('SET', KEYS[i], format(r), 'KEEPTTL')
      end
    end
  end
end
addHeld(wallet, -freed)
return 1
