-- Releases the lease KEYS[1] if the epoch ARGV[1] holds it. Returns 1 if it did.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
