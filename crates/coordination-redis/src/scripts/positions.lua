-- Newest numbers of the topics whose counters are KEYS. A topic without a number gets one, kept for ARGV[1] ms.
local positions = {}
for index, key in ipairs(KEYS) do
  local number = tonumber(redis.call('GET', key) or '0')
  if number == 0 then
    local time = redis.call('TIME')
    number = tonumber(time[1]) * 1000000 + tonumber(time[2])
    redis.call('SET', key, string.format('%.0f', number))
  end
  redis.call('PEXPIRE', key, ARGV[1])
  positions[index] = number
end
return positions
