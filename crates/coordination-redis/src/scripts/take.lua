-- Takes from the quotas of KEYS in order, up to the first refusal (generic cell rate algorithm).
-- ARGV, for each key: limit; µs and rest of a full bucket; µs and rest of the cost. A rest is in 1/limit µs, because a
-- number of Lua has 53 bits. A bucket is the time at which it is full: "µs rest limit".
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local decisions = {}
for index, key in ipairs(KEYS) do
  local first = (index - 1) * 5
  local limit = tonumber(ARGV[first + 1])
  local full, full_rest = tonumber(ARGV[first + 2]), tonumber(ARGV[first + 3])
  local cost, cost_rest = tonumber(ARGV[first + 4]), tonumber(ARGV[first + 5])
  local missing, rest = 0, 0
  local bucket = redis.call('GET', key)
  if bucket then
    local at, at_rest, at_limit = string.match(bucket, '^(%d+) (%d+) (%d+)$')
    missing = tonumber(at) - now
    if tonumber(at_limit) == limit then rest = tonumber(at_rest) end
    if missing < 0 then missing, rest = 0, 0 end
  end
  local taken, taken_rest = missing + cost, rest + cost_rest
  if taken_rest >= limit then taken, taken_rest = taken + 1, taken_rest - limit end
  local allowed = taken < full or (taken == full and taken_rest <= full_rest)
  if allowed then
    missing, rest = taken, taken_rest
    if cost > 0 or cost_rest > 0 then
      redis.call('SET', key, string.format('%.0f %.0f %.0f', now + taken, taken_rest, limit),
        'PX', string.format('%.0f', math.floor(taken / 1000) + 2))
    end
  end
  decisions[index] = { allowed and 1 or 0, missing, rest }
  if not allowed then break end
end
return decisions
