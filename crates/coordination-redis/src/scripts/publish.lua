-- Publishes ARGV[2] on the channel ARGV[1] behind its number, which KEYS[1] counts for ARGV[3] ms.
local number = redis.call('INCR', KEYS[1])
if number == 1 then
  -- The counter expired or was lost. The time of day keeps the numbers from going back.
  local time = redis.call('TIME')
  number = tonumber(time[1]) * 1000000 + tonumber(time[2])
  redis.call('SET', KEYS[1], string.format('%.0f', number))
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[1], string.format('%.0f ', number) .. ARGV[2])
return number
