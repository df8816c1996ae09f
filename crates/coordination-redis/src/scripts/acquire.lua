-- Takes the lease KEYS[1] for the owner ARGV[1] and ARGV[2] ms. KEYS[2] is the newest epoch of any lease.
-- Returns epoch and time in µs, or nothing while another owner holds it.
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner and owner ~= ARGV[1] then return false end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
-- The time of day keeps an epoch from going back when the data were lost.
local epoch = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, now)
local text = string.format('%.0f', epoch)
redis.call('SET', KEYS[2], text)
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', text)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { epoch, now }
