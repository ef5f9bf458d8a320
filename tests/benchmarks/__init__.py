"""`make bench`: the speed of the vault beside raw sqlcipher3 and bare AES-GCM in the same run."""
