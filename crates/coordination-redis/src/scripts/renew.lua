-- Prolongs the lease KEYS[1] by ARGV[2] ms if the epoch ARGV[1] holds it. Returns the time in µs, or nothing.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return false end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local time = redis.call('TIME')
return tonumber(time[1]) * 1000000 + tonumber(time[2])
