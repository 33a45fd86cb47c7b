-- Writes the committed wallet, frees the holds of decided charges and drops a claim, all at once,
-- so that no reader sees money both spent and held, or neither.
-- KEYS wallet, holds, one record per charge
-- ARGV the wallet's eight, claim id or '', then per charge: id, amount, 'P'|'R'
local wallet, holds = KEYS[1], KEYS[2]
local w = redis.call('HMGET', wallet, 'version', 'held', 'claim:' .. ARGV[9], 'until')
local freed = dropClaim(wallet, holds, ARGV[9], w[3])

if #KEYS > 2 then
  local records = redis.call('MGET', unpack(KEYS, 3))
  for n, record in ipairs(records) do
    local at = 7 + n * 3
    local chargeId, amount, outcome = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    if not record then
      -- Either it came without a hold, or its record has lapsed while the ledger was behind.
      if redis.call('ZREM', holds, amount .. '|' .. chargeId) == 1 then freed = freed + tonumber(amount) end
    else
      local state, held, captured = string.match(record, '^(%u)|(%d+)|(%d*)|')
      local isOpen = state == 'C' or state == 'H'
      local standing = (state == 'H' or captured == '') and held or captured
      -- A rejected charge of another amount is not the one that this hold stands for.
      if outcome == 'P' or standing == amount then
        if isOpen and redis.call('ZREM', holds, standing .. '|' .. chargeId) == 1 then
          freed = freed + tonumber(standing)
        end
        if state == 'C' and standing == amount then
          redis.call('SETRANGE', KEYS[n + 2], 0, outcome)
        elseif isOpen or (outcome == 'P' and state == 'L') then
          local r = parse(record)
          r.state, r.captured = outcome, amount
          if r.endedAvailable == '' then r.endedAvailable = r.available end
          redis.call('SET', KEYS[n + 2], format(r), 'KEEPTTL')
        end
      end
    end
  end
end
if freed ~= 0 and w[2] then redis.call('HINCRBY', wallet, 'held', text(-freed)) end
writeWallet(wallet, holds, w[1], w[4])
return 1
